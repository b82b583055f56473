"""How far an installation is: the value behind the custom status.

A stage's *key* is its name, or ``name/subject`` where a stage is done for several subjects
(``ensure_component/cert-manager``). The stored form is compact, because a custom status must stay
below 4 KB: times are seconds since the start, a stage is a list.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from model import wire

type StageState = Literal["running", "waiting", "done", "refused", "failed", "stopped"]

DETAIL_LIMIT = 160
"""Characters of a stage's detail; the budget of 4 KB divided by the stages that have one."""


@dataclass(frozen=True, slots=True)
class StageProgress:
    """One stage.

    Attributes:
        started / finished: Seconds since the start of the run; finished is None while it runs.
        attempts: Calls of the activity so far by this instance; a waiting child counts its own.
        detail: What it waits for, or how it ended; empty when there is nothing to tell.
    """

    state: StageState
    started: float
    finished: float | None = None
    attempts: int = 1
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """All stages of a run, in the order in which they began.

    Attributes:
        state: The installation's state in the words of the API.
        failure: code, stage, reason, remedy, retryable; None while all is well.
        notes: Small facts for people: the address, DNS records to create, limits to type in.
    """

    run_id: str
    attempt: int
    plan_hash: str
    started_at: datetime
    state: str = "Running"
    stages: dict[str, StageProgress] = field(default_factory=dict[str, StageProgress])
    failure: dict[str, Any] | None = None
    notes: dict[str, Any] = field(default_factory=dict[str, Any])

    def begin(self, key: str, now: datetime) -> "Progress":
        """A stage begins; or begins again, keeping its start."""
        known = self.stages.get(key)
        if known is None:
            return self._with(key, StageProgress("running", self._since(now)))
        return self._with(key, replace(known, state="running", attempts=known.attempts + 1))

    def wait(self, key: str, detail: str) -> "Progress":
        """A stage waits; ``detail`` says what for."""
        return self._with(key, replace(self.stages[key], state="waiting", detail=_cut(detail)))

    def end(self, key: str, state: StageState, now: datetime, detail: str = "") -> "Progress":
        """A stage ended."""
        ended = replace(
            self.stages[key], state=state, finished=self._since(now), detail=_cut(detail)
        )
        return self._with(key, ended)

    def stop(self, now: datetime) -> "Progress":
        """Whatever still runs was stopped."""
        stopped = self
        for key in self.in_progress:
            stopped = stopped.end(key, "stopped", now, self.stages[key].detail)
        return stopped

    @property
    def in_progress(self) -> tuple[str, ...]:
        """Keys of the stages that have not ended, in the order in which they began."""
        return tuple(key for key, stage in self.stages.items() if stage.finished is None)

    def note(self, **facts: Any) -> "Progress":
        """Add facts; None removes one."""
        notes = {k: v for k, v in (self.notes | facts).items() if v is not None}
        return replace(self, notes=notes)

    def _since(self, now: datetime) -> float:
        return round((now - self.started_at).total_seconds(), 2)

    def _with(self, key: str, stage: StageProgress) -> "Progress":
        return replace(self, stages=self.stages | {key: stage})


def waiting_instance(instance_id: str, run_id: str, key: str, attempts: int) -> str:
    """Instance id of the orchestration that waits for a stage's ``attempts``-th use in this run.

    At most 100 characters, as every backend allows, for names of up to 40; and without a slash,
    which Azure Storage forbids in keys.
    """
    again = f"~{attempts}" if attempts > 1 else ""
    return f"{instance_id}:{run_id}:{key.replace('/', ':')}{again}"


def encode(progress: Progress) -> wire.JsonObject:
    """The stored form."""
    stored: wire.JsonObject = {
        "run": progress.run_id,
        "attempt": progress.attempt,
        "plan": progress.plan_hash,
        "at": progress.started_at.isoformat(timespec="milliseconds"),
        "state": progress.state,
        "stages": {
            key: [s.state, s.started, s.finished, s.attempts, *([s.detail] if s.detail else [])]
            for key, s in progress.stages.items()
        },
    }
    if progress.failure:
        stored["failure"] = progress.failure
    if progress.notes:
        stored["notes"] = progress.notes
    return stored


def decode(stored: wire.JsonObject) -> Progress:
    """The value that ``encode`` stored."""
    return Progress(
        run_id=stored["run"],
        attempt=stored["attempt"],
        plan_hash=stored["plan"],
        started_at=datetime.fromisoformat(stored["at"]),
        state=stored["state"],
        stages={key: StageProgress(*stage) for key, stage in stored["stages"].items()},
        failure=stored.get("failure"),
        notes=stored.get("notes", {}),
    )


def _cut(detail: str) -> str:
    return detail if len(detail) <= DETAIL_LIMIT else detail[: DETAIL_LIMIT - 1] + "…"
