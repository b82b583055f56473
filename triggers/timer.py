"""The watchdog: on a schedule, every installation that is stuck is told in the log."""

import json
from collections.abc import Callable

import azure.durable_functions as df
import azure.functions as func
from azure.durable_functions import DurableFunctionsClient

from model import telemetry
from model.settings import Settings
from telemetry import emit
from triggers._installations import Installations


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
    """One look at every running installation: counts, and a warning in JSON for each stuck one."""
    seen = await known.watched()
    for name, stuck in seen.stuck:
        told = {"installation": name, **stuck.told()}
        emit.event(
            telemetry.INSTALLATION_STUCK,
            {telemetry.INSTALLATION: name, telemetry.STAGE: stuck.stage},
            f"stuck {json.dumps(told)}",
            warning=True,
        )
    emit.installations(active=seen.active, stuck=len(seen.stuck))
