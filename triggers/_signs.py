"""Signs of life of installations, read from the task hub for the watchdog's rule."""

from datetime import datetime, timedelta

from azure.durable_functions import DurableFunctionsClient
from durabletask.client import OrchestrationState, OrchestrationStatus

from model import watchdog
from model.progress import Progress
from model.settings import Settings
from model.watchdog import Sign, Stuck

ACTIVE = (
    OrchestrationStatus.PENDING,
    OrchestrationStatus.RUNNING,
    OrchestrationStatus.SUSPENDED,
    OrchestrationStatus.CONTINUED_AS_NEW,
)
"""What Durable calls an orchestration that has not ended."""


async def stuck(
    client: DurableFunctionsClient,
    known: OrchestrationState,
    progress: Progress | None,
    settings: Settings,
    now: datetime,
) -> Stuck | None:
    """Whether an installation is stuck, and where.

    Args:
        client: For the orchestrations that it waits for.
        known: The installation's orchestration, fetched with its input.
        progress: Its custom status.
        settings: For the grace.
        now: Aware.
    """
    if known.runtime_status not in ACTIVE:
        return None
    allowed = watchdog.budgets(
        known.get_input(), timedelta(seconds=float(settings.watchdog_grace_seconds))
    )
    waits = await _children(client, known.instance_id, progress) if progress else {}
    return watchdog.stuck(progress, _sign(known), waits, allowed, now.replace(tzinfo=None))


async def _children(
    client: DurableFunctionsClient, name: str, progress: Progress
) -> dict[str, Sign]:
    signs: dict[str, Sign] = {}
    for key, instance in watchdog.children(name, progress).items():
        child = await client.get_orchestration_state(instance)
        if child is not None:
            signs[key] = _sign(child)
    return signs


def _sign(state: OrchestrationState) -> Sign:
    return Sign(
        updated=state.last_updated_at,
        active=state.runtime_status in ACTIVE,
        suspended=state.runtime_status is OrchestrationStatus.SUSPENDED,
        status=state.get_custom_status() or {},
    )
