"""What every orchestrator does with a stage: call it, wait for it, tell how far it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from durabletask import task

from model import outcome, progress, wire
from model.error_codes import FAULT
from model.errors import StageRefused
from model.origin import Origin, marked
from model.outcome import Done, Pending, Refused
from model.plan import Pace
from model.progress import Progress
from model.stages import Stage
from model.waiting import Wait, retry_pause
from orchestrators._branches import Durable
from orchestrators._telling import Telling

WAIT_FOR_STAGE = "wait_for_stage"
"""Name of the waiting orchestrator; forever, like a stage's."""

STOP_WAITING = "stop"
"""Event that ends a waiting orchestrator whose parent no longer needs it."""


def nobody(_: task.Task[Any]) -> None:
    """Nobody cares for the call."""


@dataclass(frozen=True, slots=True)
class CallObserver:
    """Who is told how the calls of an activity go.

    Attributes:
        fault: Told about each fault, in one sentence.
        called: Given each call when it is made.
    """

    fault: Callable[[str], None]
    called: Callable[[task.Task[Any]], None] = nobody


def call_stage[Q, R](
    ctx: task.OrchestrationContext,
    stage: Stage[Q, R],
    request: wire.JsonObject,
    pace: Pace,
    observer: CallObserver,
) -> Durable[Done[R] | Pending | Refused]:
    """Call a stage's activity; a fault or a passing no is tried again after a growing pause.

    The pauses are durable timers of our own rather than a ``RetryPolicy``: so the status can say
    what went wrong and when it is tried again.

    Args:
        ctx: The orchestration.
        stage: What to call.
        request: Its encoded request.
        pace: The pauses.
        observer: Told of each call and of each fault.

    Raises:
        StageRefused: Every attempt met a fault (code ``stage-failed``).
    """
    attempt = 0
    while True:
        attempt += 1
        call: task.Task[Any] = ctx.call_activity(stage.name, input=request)
        observer.called(call)
        try:
            answer = yield call
        except task.TaskFailedError as fault:
            text = _fault_text(fault)
            if attempt >= stage.attempts:
                raise StageRefused(
                    stage.name,
                    FAULT,
                    f"{attempt} attempts met a fault, the last: {text}",
                    "Once the cause is gone, post the same request again: it resumes.",
                ) from fault
        else:
            found = outcome.read(stage.result, answer)
            if not (isinstance(found, Refused) and found.passing and attempt < stage.attempts):
                return found
            text = found.reason
        observer.fault(f"fault {attempt} of {stage.attempts}, tried again soon: {text}")
        yield ctx.create_timer(retry_pause(pace, attempt))


def _fault_text(fault: task.TaskFailedError) -> str:
    message = fault.details.message.strip()
    return message.splitlines()[0][:300] if message else fault.details.error_type


def told(payload: Any) -> wire.JsonObject:
    """What an external event carries, when it carries an object."""
    return cast("wire.JsonObject", payload) if isinstance(payload, dict) else {}


class Run:
    """One run of one orchestration: its pace, its progress, its stages.

    Args:
        ctx: The orchestration.
        pace: How it waits.
        begun: The progress at its start.
        origin: Whose run it is.
    """

    def __init__(
        self, ctx: task.OrchestrationContext, pace: Pace, begun: Progress, origin: Origin
    ) -> None:
        self.ctx = ctx
        self.pace = pace
        self.progress = begun
        self.telling = Telling(ctx, origin)
        self._children: set[str] = set()
        self._writes: list[task.Task[Any]] = []
        self._show()

    @property
    def now(self) -> datetime:
        """Orchestration time: the same at every replay."""
        return self.ctx.current_utc_datetime

    def perform[Q, R](self, stage: Stage[Q, R], request: Q, subject: str = "") -> Durable[R]:
        """Do one stage and return its typed result, however long it takes to be ready.

        Args:
            stage: What to do.
            request: Its request.
            subject: Tells apart several uses of one stage in one run.

        Raises:
            StageRefused: It said no, met faults only, or was not done within its deadline.
        """
        result = yield from self._perform(stage, request, subject, None)
        return cast("R", result)  # only an event ends a stage without a result

    def perform_unless[Q, R](self, stage: Stage[Q, R], request: Q, event: str) -> Durable[R | None]:
        """Do one stage, or take a person's word for it: None when ``event`` was raised first.

        Raises:
            StageRefused: As in ``perform``.
        """
        vouched = self.ctx.wait_for_external_event(event)
        return (yield from self._perform(stage, request, "", vouched))

    def _perform[Q, R](
        self, stage: Stage[Q, R], request: Q, subject: str, vouched: task.Task[Any] | None
    ) -> Durable[R | None]:
        key = f"{stage.name}/{subject}" if subject else stage.name
        since = self.ctx.current_utc_datetime
        self.tell(self.progress.begin(key, since))
        origin = self.telling.at(key)
        payload = marked(wire.encode(request), origin.looking(1))
        try:
            answer = yield from call_stage(
                self.ctx,
                stage,
                payload,
                self.pace,
                CallObserver(
                    fault=lambda fault: self._tell_fault(key, fault),
                    called=self._writes.append if stage.writes else nobody,
                ),
            )
            if isinstance(answer, Pending):
                self.tell(self.progress.wait(key, answer.detail))
                answer = yield from self._wait(stage, payload, key, answer, vouched)
        except StageRefused as failed:
            self.end(key, "failed", failed.reason, failed.code)
            raise
        if isinstance(answer, Refused):
            self.end(key, "refused", answer.reason, answer.code)
            raise StageRefused(key, answer.code, answer.reason, answer.remedy)
        if answer is None:
            by = told(vouched and vouched.get_result()).get("by", "a person")
            self.end(key, "done", f"taken on the word of {by}")
            return None
        self.end(key, "done")
        return answer.result

    def _wait[Q, R](
        self,
        stage: Stage[Q, R],
        request: wire.JsonObject,
        key: str,
        first: Pending,
        vouched: task.Task[Any] | None,
    ) -> Durable[Done[R] | Refused | None]:
        child = progress.waiting_instance(
            self.ctx.instance_id, self.progress.run_id, key, self.progress.stages[key].attempts
        )
        wait = Wait(
            stage=stage.name,
            request=request,
            pace=replace(self.pace, deadlines={}),
            since=self.ctx.current_utc_datetime.isoformat(),
            deadline=self.pace.deadlines.get(stage.name, self.pace.deadline),
            looks=1,
            detail=first.detail,
            retry_after=first.retry_after,
        )
        self._children.add(child)
        waiting: task.Task[Any] = self.ctx.call_sub_orchestrator(
            WAIT_FOR_STAGE, input=wire.encode(wait), instance_id=child
        )
        if stage.writes:
            self._writes.append(waiting)
        first_end: task.Task[Any] = yield task.when_any([waiting, *([vouched] if vouched else [])])
        self._children.discard(child)
        if first_end is vouched:
            self.ctx.send_event(child, STOP_WAITING)
            return None
        ended = outcome.read(stage.result, waiting.get_result())
        if isinstance(ended, Pending):
            raise StageRefused(
                key,
                "deadline-exceeded",
                f"not done within {wait.deadline}; it was waiting for: {ended.detail}",
                "Mend what it waited for, then post the same request again: it resumes.",
            )
        return ended

    def await_event(self, names: tuple[str, ...], patience: timedelta) -> Durable[tuple[str, Any]]:
        """Wait for the first of several external events.

        Returns:
            The event's name and payload; an empty name when ``patience`` ended first.
        """
        events = {name: self.ctx.wait_for_external_event(name) for name in names}
        timer = self.ctx.create_timer(patience)
        winner: task.Task[Any] = yield task.when_any([*events.values(), timer])
        if winner is timer:
            return "", None
        timer.cancel()
        return next((n, t.get_result()) for n, t in events.items() if t is winner)

    def call_child(self, orchestrator: str, request: wire.JsonObject, child: str) -> Durable[Any]:
        """Call another orchestrator as ``child``, which listens to ``STOP_WAITING``; its output."""
        self._children.add(child)
        answer = yield self.ctx.call_sub_orchestrator(
            orchestrator, input=request, instance_id=child
        )
        self._children.discard(child)
        return answer

    def stop_children(self) -> None:
        """Tell every orchestrator that this run called that nobody waits for it any longer."""
        for child in sorted(self._children):
            self.ctx.send_event(child, STOP_WAITING)
        self._children.clear()

    def settle(self) -> Durable[None]:
        """Wait until nothing writes any longer of what closed branches have called.

        An activity that was called is carried out, whether or not anyone waits for its answer.
        """
        while writing := [call for call in self._writes if not call.is_complete]:
            yield task.when_any(writing)

    def tell(self, now: Progress, code: str = "") -> None:
        """Remember and show the progress; ``code`` is of what ended a stage without success."""
        before, self.progress = self.progress, now
        self._show()
        self.telling.changed(before, now, code)

    def end(self, key: str, state: progress.StageState, detail: str = "", code: str = "") -> None:
        """A stage ended; without success, with the code of its refusal or fault."""
        self.tell(self.progress.end(key, state, self.now, detail), code)

    def _tell_fault(self, key: str, fault: str) -> None:
        self.tell(self.progress.wait(key, fault))
        self.telling.fault(self.telling.at(key), "waiting")

    def _show(self) -> None:
        self.ctx.set_custom_status(progress.encode(self.progress))
