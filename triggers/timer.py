"""The watchdog: on a schedule, every installation that is stuck is told in the log."""

import json
import logging
from collections.abc import Callable

import azure.durable_functions as df
import azure.functions as func
from azure.durable_functions import DurableFunctionsClient

from model.settings import Settings
from triggers._installations import Installations

_LOG = logging.getLogger("installer.watchdog")


def register(app: df.DFApp, settings: Callable[[], Settings]) -> None:
    """Add the timer function to ``app``; the schedule is read now, as the host wants it."""

    @app.function_name("watch_installations")
    @app.timer_trigger(
        arg_name="timer",
        schedule=settings().watchdog_schedule,
        use_monitor=False,  # a missed look is not repeated: after an outage all needs a moment
    )
    @app.durable_client_input(client_name="client")
    async def watch_installations(timer: func.TimerRequest, client: DurableFunctionsClient) -> None:
        """Warn of each installation whose next step is overdue."""
        del timer
        await watch(Installations(client, settings()))


async def watch(known: Installations) -> None:
    """One look at every running installation: one warning, in JSON, for each that is stuck."""
    found = await known.stuck()
    for name, stuck in found:
        told = {"installation": name, **stuck.told()}
        _LOG.warning("stuck %s", json.dumps(told))
    _LOG.info("%d installations are stuck", len(found))
