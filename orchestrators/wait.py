"""Waiting, as an orchestration of its own: no installation's history grows with patience."""

from datetime import datetime
from functools import partial

from durabletask import task

from model import outcome, wire
from model.errors import StageRefused
from model.outcome import Done, Pending, Refused
from model.stages import STAGE_BY_NAME
from model.waiting import LOOKS_PER_HISTORY, Wait, pause
from orchestrators._branches import Durable
from orchestrators._run import STOP_WAITING, call_stage


def wait_for_stage(
    ctx: task.OrchestrationContext, payload: wire.JsonObject
) -> Durable[wire.JsonObject]:
    """Call a stage again and again until it is done, refuses, or patience ends.

    1. Pause: as long as the last answer asked for, else a little longer than the last time.
    2. Look. Done or refused: return that.
    3. After 40 looks start over with a fresh history.

    The custom status tells what is waited for, since when, and when it looks again.

    Returns:
        The outcome's wire form; ``pending`` when the deadline passed or a stop arrived;
        ``refused`` with code ``stage-failed`` when every attempt of one look met a fault.
    """
    wait = wire.decode(Wait, payload)
    stage = STAGE_BY_NAME[wait.stage]
    stop = ctx.wait_for_external_event(STOP_WAITING)
    end = datetime.fromisoformat(wait.since) + wait.deadline

    for _ in range(LOOKS_PER_HISTORY):
        now = ctx.current_utc_datetime
        if now >= end:
            return outcome.pending(Pending(detail=wait.detail))
        again = min(now + pause(wait.pace, wait.looks, wait.retry_after), end)
        _show(ctx, wait, again)
        timer = ctx.create_timer(again)
        if (yield task.when_any([timer, stop])) is stop:
            timer.cancel()
            return outcome.pending(Pending(detail=wait.detail))
        try:
            answer = yield from call_stage(
                ctx, stage, wait.request, wait.pace, partial(_show_fault, ctx, wait)
            )
        except StageRefused as failed:
            answer = Refused(code=failed.code, reason=failed.reason, remedy=failed.remedy)
        match answer:
            case Done():
                return outcome.done(answer.result)
            case Refused():
                return {"refused": wire.encode(answer)}
            case _:
                wait = wait.looked(answer.detail, answer.retry_after)
    ctx.continue_as_new(wire.encode(wait))
    return {}


def _show_fault(ctx: task.OrchestrationContext, wait: Wait, fault: str) -> None:
    _show(ctx, wait.looked(fault, None), None)


def _show(ctx: task.OrchestrationContext, wait: Wait, again: datetime | None) -> None:
    ctx.set_custom_status(
        {
            "detail": wait.detail,
            "since": wait.since,
            "looks": wait.looks,
            "nextLookAt": again and again.isoformat(),
        }
    )
