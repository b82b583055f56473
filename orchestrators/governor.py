"""The entity that keeps all installations within a subscription's allowance, and how it is asked.

One entity per subscription. It is asked before a chapter, never before a single request: a
question costs four rows of history, as much as half a look.
"""

from datetime import datetime, timedelta

from durabletask import task
from durabletask.entities import EntityContext, EntityInstanceId

from model import governor, wire
from model.governor import Ask, Ledger, Tokens
from orchestrators._branches import Durable
from orchestrators._run import Run

GOVERNOR = "arm_governor"
"""Name of the entity; forever, like a stage's."""

LEASE = "lease"
"""Its only operation."""

LONGEST_REST = timedelta(minutes=5)
"""A longer queue is waited for in pieces: each is a sign of life for the watchdog."""


def arm_governor(ctx: EntityContext, payload: wire.JsonObject) -> str:
    """Promise a lot of one subscription's tokens.

    Returns:
        When the lot may be spent, ISO 8601.

    Raises:
        Undecodable: The question is of another version.
    """
    ask = wire.decode(Ask, payload)
    after, ready = governor.lease(_kept(ctx, ask), ask)
    ctx.set_state(wire.encode(after))
    return ready.isoformat()


def _kept(ctx: EntityContext, ask: Ask) -> Ledger:
    """The buckets; full ones at first, and after a new version of them: they fill in seconds."""
    try:
        return wire.decode(Ledger, ctx.get_state())
    except wire.Undecodable:
        return governor.opened(ask.now)


def lease(ctx: task.OrchestrationContext, subscription_id: str, lot: Tokens) -> Durable[datetime]:
    """Ask for a lot; when it may be spent.

    A governor that fails holds nobody up: Azure's own 429 is waited for as it would be without.
    """
    entity = EntityInstanceId(GOVERNOR, subscription_id.lower())
    ask = Ask(lot=lot, now=ctx.current_utc_datetime)
    try:
        ready = yield ctx.call_entity(entity, LEASE, wire.encode(ask))
    except task.TaskFailedError:
        return ctx.current_utc_datetime
    return datetime.fromisoformat(ready)


def queue_up(run: Run, subscription_id: str, lot: Tokens) -> Durable[None]:
    """Wait until a chapter's lot may be spent; the status tells until when.

    Nothing is asked where the plan is not governed.
    """
    if not run.pace.governed:
        return
    ready = yield from lease(run.ctx, subscription_id, lot)
    if ready <= run.now:
        return
    run.tell(run.progress.note(queuedUntil=ready.isoformat(timespec="seconds") + "Z"))
    while run.now < ready:
        yield run.ctx.create_timer(min(ready, run.now + LONGEST_REST))
    run.tell(run.progress.note(queuedUntil=None))
