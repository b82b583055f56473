"""What an installation's instance in the task hub tells about it."""

from typing import Any

from durabletask.client import OrchestrationState

from model import progress as stored
from model import wire
from model.plan import LastSuccess
from model.progress import Progress


def progress_of(known: OrchestrationState | None) -> Progress | None:
    """How far it is; None before its orchestrator ran for the first time."""
    told = known.get_custom_status() if known is not None else None
    return stored.decode(told) if told else None


def last_success(known: OrchestrationState | None) -> LastSuccess | None:
    """The last run of a name that succeeded: the one that ended now, or one before it.

    None after a removal: what is installed then is new.

    Args:
        known: The instance, fetched with input and output.
    """
    if known is None:
        return None
    progress = progress_of(known)
    output: dict[str, Any] = known.get_output() or {}
    if progress is not None and progress.state == "Succeeded":
        return LastSuccess(
            run_id=progress.run_id,
            plan_hash=progress.plan_hash,
            ended_at=f"{known.last_updated_at.isoformat(timespec='seconds')}Z",
            endpoints=output.get("endpoints", {}),
        )
    leftovers: dict[str, Any] = output.get("leftovers") or {}
    if leftovers.get("removed") and not leftovers.get("resources"):
        return None
    plan: wire.JsonObject = known.get_input() or {}
    before: wire.JsonObject | None = plan.get("succeeded")
    return wire.decode(LastSuccess, before) if before else None


def waits_for(plan: wire.JsonObject, progress: Progress | None) -> frozenset[str]:
    """Events besides ``cancel`` that a stage of this moment waits for."""
    in_progress = progress.in_progress if progress else ()
    events = set[str]()
    if "approval" in in_progress:
        events |= {"approve", "reject"}
    if "limits-set" in in_progress:
        events.add("limits-set")
    if "observe_dns_records" in in_progress and plan["domain"]["mode"] == "manual":
        events.add("dns-ready")
    return frozenset(events)
