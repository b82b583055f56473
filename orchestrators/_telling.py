"""Tells the world what changed in a run's progress, once: a replay tells nothing.

Every time is orchestration time. What it remembers is built up again by each replay.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from durabletask import task

from model import telemetry
from model.error_codes import FAULT
from model.origin import Origin
from model.progress import Progress, StageProgress
from telemetry import emit

_OPEN = ("running", "waiting")


@dataclass(slots=True)
class _Use:
    """One use of a stage that has not ended."""

    origin: Origin
    began: datetime
    waits_since: datetime | None = None


class Telling:
    """What one run tells.

    Args:
        ctx: The orchestration.
        origin: The run.
    """

    def __init__(self, ctx: task.OrchestrationContext, origin: Origin) -> None:
        self._ctx = ctx
        self._origin = origin
        self._uses: dict[str, _Use] = {}

    def at(self, key: str) -> Origin:
        """The use of a stage that has begun and not ended."""
        return self._uses[key].origin

    def installation_began(self) -> None:
        """The run begins."""
        if not self._ctx.is_replaying:
            emit.run_event(telemetry.INSTALLATION_STARTED, self._origin, {})

    def installation_ended(self, ended: Progress) -> None:
        """The run ended, as its progress says."""
        if self._ctx.is_replaying:
            return
        failed = ended.failure or {}
        told = {telemetry.STATE: ended.state} | _code(failed.get("code", ""))
        where = {telemetry.STAGE: failed["stage"]} if failed.get("stage") else {}
        emit.run_event(telemetry.INSTALLATION_ENDED, self._origin, told | where)
        emit.installation_span(self._origin, ended.started_at, self._ctx.current_utc_datetime, told)

    def changed(self, before: Progress, now: Progress, code: str = "") -> None:
        """Tell of every stage that began or ended between two looks at the progress.

        Args:
            before: What was told last.
            now: What is true now.
            code: Of the refusal or fault that ended a stage.
        """
        for key, stage in now.stages.items():
            was = before.stages.get(key)
            if was is stage:
                continue
            if was is None or stage.attempts > was.attempts:
                self._begin(key, stage)
            if stage.state == "waiting":
                use = self._uses[key]
                use.waits_since = use.waits_since or self._ctx.current_utc_datetime
            if stage.state not in _OPEN:
                self._end(key, stage, code)

    def fault(self, origin: Origin, state: str, code: str = FAULT) -> None:
        """An attempt of a stage failed; ``state`` says what becomes of the stage."""
        tell_fault(self._ctx, origin, state, code)

    def _begin(self, key: str, stage: StageProgress) -> None:
        origin = self._origin.at(key, stage.attempts)
        self._uses[key] = _Use(origin, self._ctx.current_utc_datetime)
        if not self._ctx.is_replaying:
            emit.run_event(telemetry.STAGE_BEGAN, origin, {})

    def _end(self, key: str, stage: StageProgress, code: str) -> None:
        use, now = self._uses.pop(key), self._ctx.current_utc_datetime
        if self._ctx.is_replaying:
            return
        told = {telemetry.STATE: stage.state} | _code(code)
        emit.run_event(telemetry.STAGE_ENDED, use.origin, told)
        emit.stage_span(use.origin, use.began, now, told)
        waited = now - use.waits_since if use.waits_since else timedelta()
        emit.stage_times(key, stage.state, now - use.began, waited)
        if code:
            tell_fault(self._ctx, use.origin, stage.state, code)


def tell_fault(
    ctx: task.OrchestrationContext, origin: Origin, state: str, code: str = FAULT
) -> None:
    """An attempt of a stage failed, and will be repeated (``waiting``) or was the last."""
    if ctx.is_replaying:
        return
    told = {telemetry.STATE: state, telemetry.CODE: code}
    emit.run_event(telemetry.STAGE_FAULT, origin, told, warning=True)
    emit.fault(origin.stage, code)


def _code(code: str) -> dict[str, str | int]:
    return {telemetry.CODE: code} if code else {}
