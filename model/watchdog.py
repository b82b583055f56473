"""When an installation counts as stuck: one rule over what the task hub knows anyway.

Every open stage has a next sign of life that is due: a look, the end of a gate, the answer of an
activity. When that is overdue by the grace, nobody works on it any longer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from model import wire
from model.plan import Pace
from model.progress import Progress, StageProgress, waiting_instance

PREFLIGHT = "preflight"
"""Key of the stage that is an orchestration of its own from its first moment."""

_GATES = {"approval": "approvalPatience", "limits-set": "gatePatience"}
"""Stages that wait for a person and have no waiting orchestration, and their patience in a plan."""

RESUME = (
    "It is suspended. Resume it: POST"
    " /runtime/webhooks/durabletask/instances/NAME/resume?code=DURABLE_KEY"
)
WORKER = (
    "Nobody takes its next step. See whether the function app runs (GET /api/health, its log, the"
    " task hub's queues) and restart it: the installation goes on by itself."
)
TIMER = (
    "Its patience ended and its timer did not fire. Restart the function app; when that does not"
    " help, cancel it and post the same request again: it resumes."
)


@dataclass(frozen=True, slots=True)
class Sign:
    """The last sign of life of one orchestration; times are naive UTC, as Durable has them.

    Attributes:
        updated: When its history last grew.
        active: Whether it has not ended.
        suspended: Whether somebody paused it.
        status: Its custom status.
    """

    updated: datetime
    active: bool = True
    suspended: bool = False
    status: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Budgets:
    """How long an installation's stages may take, from its plan.

    Attributes:
        gates: Patience by gate.
        grace: How much longer than its budget a step may be silent: one activity's time-out and
            its second delivery after a worker died.
    """

    pace: Pace
    gates: Mapping[str, timedelta]
    grace: timedelta


@dataclass(frozen=True, slots=True)
class Stuck:
    """Why an installation counts as stuck.

    Attributes:
        stage: Key of the stage; ``install`` between stages.
        since: The last sign of life, or the begin of what lasts too long.
        budget: From ``since`` on, without the grace.
    """

    stage: str
    since: datetime
    budget: timedelta
    remedy: str

    @property
    def due(self) -> datetime:
        """When the next sign of life was due."""
        return self.since + self.budget

    def told(self) -> wire.JsonObject:
        """As the API and the log tell it."""
        return {
            "stage": self.stage,
            "since": self.since.isoformat(timespec="seconds") + "Z",
            "budgetSeconds": round(self.budget.total_seconds(), 1),
            "remedy": self.remedy,
        }


def budgets(plan: wire.JsonObject, grace: timedelta) -> Budgets:
    """The budgets of an encoded ``InstallPlan``, which is read no further than needed."""
    return Budgets(
        pace=wire.decode(Pace, plan["pace"]),
        gates={gate: wire.decode(timedelta, plan[field]) for gate, field in _GATES.items()},
        grace=grace,
    )


def children(name: str, progress: Progress) -> dict[str, str]:
    """Stage key to instance id of the orchestration, if any, that works on an open stage."""
    return {
        key: f"{name}:{progress.run_id}:{PREFLIGHT}"
        if key == PREFLIGHT
        else waiting_instance(name, progress.run_id, key, stage.attempts)
        for key, stage in progress.stages.items()
        if stage.finished is None and (stage.state == "waiting" or key == PREFLIGHT)
    }


def stuck(
    progress: Progress | None,
    own: Sign,
    waits: Mapping[str, Sign],
    allowed: Budgets,
    now: datetime,
) -> Stuck | None:
    """What is overdue longest; None while all is well, and for an installation that has ended.

    Args:
        progress: None before the orchestrator ran for the first time.
        own: Of the installation's orchestration.
        waits: Of the orchestrations that ``children`` names, as far as they exist.
        allowed: Its budgets.
        now: Naive UTC.
    """
    if not own.active:
        return None
    due = [one for one in _expected(progress, own, waits, allowed) if now > one.due + allowed.grace]
    return min(due, key=lambda one: one.due, default=None)


def _expected(
    progress: Progress | None, own: Sign, waits: Mapping[str, Sign], allowed: Budgets
) -> list[Stuck]:
    """Every sign of life that is expected next."""
    stages = progress.stages if progress is not None else {}
    opened = {key: stage for key, stage in stages.items() if stage.finished is None}
    first = next(iter(opened), "install")
    if own.suspended:
        return [Stuck(first, own.updated, timedelta(), RESUME)]
    if progress is None or not opened:
        return [Stuck(first, own.updated, timedelta(), WORKER)]
    return [
        one
        for key, stage in opened.items()
        for one in _of_stage(key, progress, stage, own, waits.get(key), allowed)
    ]


def _of_stage(  # noqa: PLR0913, PLR0917 # all that is known of one stage
    key: str,
    progress: Progress,
    stage: StageProgress,
    own: Sign,
    child: Sign | None,
    allowed: Budgets,
) -> list[Stuck]:
    pace, gate = allowed.pace, allowed.gates.get(key)
    deadline = pace.deadlines.get(key.partition("/")[0], pace.deadline)
    if gate is not None:
        return [Stuck(key, progress.started_at + timedelta(seconds=stage.started), gate, TIMER)]
    if child is None:  # an activity of the installation itself, or the pause after its fault
        pause = pace.longest_retry if stage.state == "waiting" else timedelta()
        return [Stuck(key, own.updated, pause, WORKER)]
    if not child.active:  # it ended, and the installation must hear of that
        return [Stuck(key, child.updated, timedelta(), WORKER)]
    if child.suspended:
        return [Stuck(key, child.updated, timedelta(), RESUME)]
    if key == PREFLIGHT:
        return [Stuck(key, child.updated, deadline, WORKER)]
    overdue = [Stuck(key, child.updated, _pause(child, pace), WORKER)]
    if begun := child.status.get("since"):
        overdue.append(Stuck(key, datetime.fromisoformat(begun), deadline, TIMER))
    return overdue


def _pause(child: Sign, pace: Pace) -> timedelta:
    """How long a waiting orchestration meant to rest after its last sign of life."""
    again = child.status.get("nextLookAt")
    if again is None:  # a fault is tried again, or a fresh history has not begun
        return pace.longest_retry
    return max(datetime.fromisoformat(again) - child.updated, timedelta())
