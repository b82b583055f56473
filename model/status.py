"""The status that people and programs read: progress, told in full."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from model import wire
from model.error_codes import FAULT
from model.plan_summary import summary
from model.progress import Progress, StageProgress, waiting_instance

STATES = ("Pending", "Running", "WaitingForApproval", "Succeeded", "Failed", "Cancelled")

WEIGHTS = {
    "preflight": 2,
    "ensure_resource_group": 1,
    "observe_cluster": 25,
    "observe_nodes": 2,
    "observe_component": 8,
    "observe_load_balancer": 3,
    "observe_application": 48,
    "observe_dns_records": 2,
    "observe_identity_provider": 1,
    "ensure_administrator": 2,
    "ensure_limits": 1,
    "verify_installation": 4,
    "ensure_record": 1,
}
"""Percent of a usual installation's length; those of components share one weight, and what is not
named, such as a clean-up, counts nothing."""


def waiting_children(name: str, progress: Progress) -> dict[str, str]:
    """Stage key to instance id of the orchestration that waits for it, for waiting stages."""
    return {
        key: waiting_instance(name, progress.run_id, key, stage.attempts)
        for key, stage in progress.stages.items()
        if stage.state == "waiting"
    }


def render(  # noqa: PLR0913 # eight facts, most by name
    name: str,
    runtime_status: str,
    progress: Progress | None,
    *,
    waits: Mapping[str, Mapping[str, Any]],
    findings: list[Any] | None,
    output: Mapping[str, Any] | None,
    failure: str | None,
    stuck: wire.JsonObject | None = None,
    plan: wire.JsonObject | None = None,
) -> wire.JsonObject:
    """The status document of one installation.

    Args:
        name: The installation's.
        runtime_status: Durable's own word, upper or mixed case.
        progress: None before the orchestrator ran for the first time.
        waits: Custom status of the waiting orchestrations, by stage key.
        findings: Encoded findings of the preflight; None while it runs.
        output: The orchestration's output when it completed.
        failure: The runtime's failure text, used only when the orchestrator could not tell its own.
        plan: The encoded plan; None leaves out what it decides.
        stuck: What the watchdog's rule says, see ``model.watchdog``; None while all is well.
    """
    state = _state(runtime_status, progress)
    status: wire.JsonObject = {"name": name, "state": state}
    if progress is not None:
        status |= {
            "runId": progress.run_id,
            "attempt": progress.attempt,
            "planHash": progress.plan_hash,
            "startedAt": progress.started_at.isoformat(timespec="seconds") + "Z",
            "percent": 100 if state == "Succeeded" else _percent(progress),
            "stages": [
                _stage(key, stage, progress.started_at, waits.get(key, {}))
                for key, stage in progress.stages.items()
            ],
            **progress.notes,
        }
    if findings is not None:
        status["findings"] = findings
    if output is not None:
        status |= {key: value for key, value in output.items() if value and key != "state"}
    told = progress.failure if progress else None
    if told is None and state == "Failed":
        told = {
            "code": FAULT,
            "stage": "install",
            "reason": (failure or "the runtime ended it")[:300],
            "remedy": "Post the same request again: it resumes.",
            "retryable": True,
        }
    if told is not None:
        status["failure"] = told
    if stuck is not None:
        status["stuck"] = stuck
    if plan is not None:
        if state != "Succeeded" and plan.get("succeeded"):
            status["lastSucceeded"] = plan["succeeded"]
        status["plan"] = summary(plan)
    return status


def _state(runtime_status: str, progress: Progress | None) -> str:
    match runtime_status.upper():
        case "PENDING":
            return "Pending"
        case "FAILED":
            return "Failed"
        case "TERMINATED":
            return "Cancelled"
        case _:
            return progress.state if progress else "Pending"


def _stage(
    key: str, stage: StageProgress, start: datetime, wait: Mapping[str, Any]
) -> wire.JsonObject:
    shown: wire.JsonObject = {
        "stage": key,
        "state": stage.state,
        "startedAt": _at(start, stage.started),
        "finishedAt": None if stage.finished is None else _at(start, stage.finished),
        "attempts": stage.attempts,
        "detail": wait.get("detail") or stage.detail,
    }
    if "looks" in wait:
        shown["looks"] = wait["looks"]
    if wait.get("nextLookAt"):
        shown["nextLookAt"] = f"{wait['nextLookAt']}Z"
    return shown


def _at(start: datetime, seconds: float) -> str:
    return (start + timedelta(seconds=seconds)).isoformat(timespec="milliseconds") + "Z"


def _percent(progress: Progress) -> int:
    stages = [key.partition("/")[0] for key in progress.stages]
    done = sum(
        WEIGHTS.get(name, 0) / stages.count(name)
        for name, stage in zip(stages, progress.stages.values(), strict=True)
        if stage.state == "done"
    )
    return min(99, round(100 * done / sum(WEIGHTS.values())))
