"""Waiting, as an orchestration of its own: no installation's history grows with patience."""

from datetime import datetime
from functools import partial

from durabletask import task

from model import outcome, wire
from model.errors import StageRefused
from model.governor import LOOK, LOOKS_PER_LEASE, subscription_of
from model.origin import Origin, marked, unmarked
from model.outcome import Done, Pending, Refused
from model.stages import STAGE_BY_NAME
from model.waiting import LOOKS_PER_HISTORY, Wait, pause
from orchestrators._branches import Durable
from orchestrators._run import STOP_WAITING, CallObserver, call_stage
from orchestrators._telling import tell_fault
from orchestrators.governor import lease


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
    request, origin = unmarked(wait.request)
    stop = ctx.wait_for_external_event(STOP_WAITING)
    end = datetime.fromisoformat(wait.since) + wait.deadline

    for look in range(LOOKS_PER_HISTORY):
        now = ctx.current_utc_datetime
        if now >= end:
            return outcome.pending(Pending(detail=wait.detail))
        again = now + pause(wait.pace, wait.looks, wait.retry_after)
        if wait.pace.governed and look % LOOKS_PER_LEASE == 0:
            again = max(again, (yield from _leased(ctx, wait)))
        again = min(again, end)
        _show(ctx, wait, again)
        timer = ctx.create_timer(again)
        if (yield task.when_any([timer, stop])) is stop:
            timer.cancel()
            return outcome.pending(Pending(detail=wait.detail))
        try:
            asked = marked(request, origin.looking(wait.looks + 1)) if origin else request
            answer = yield from call_stage(
                ctx, stage, asked, wait.pace, CallObserver(partial(_tell_fault, ctx, wait, origin))
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


def _leased(ctx: task.OrchestrationContext, wait: Wait) -> Durable[datetime]:
    """When the next few looks may begin; at once for a stage that does not look at ARM."""
    each = LOOK.get(wait.stage)
    if each is None:
        return ctx.current_utc_datetime
    return (yield from lease(ctx, subscription_of(wait.request), each.times(LOOKS_PER_LEASE)))


def _tell_fault(
    ctx: task.OrchestrationContext, wait: Wait, origin: Origin | None, fault: str
) -> None:
    _show(ctx, wait.looked(fault, None), None)
    if origin is not None:
        tell_fault(ctx, origin, "waiting")


def _show(ctx: task.OrchestrationContext, wait: Wait, again: datetime | None) -> None:
    ctx.set_custom_status(
        {
            "detail": wait.detail,
            "since": wait.since,
            "looks": wait.looks,
            "nextLookAt": again and again.isoformat(),
        }
    )
