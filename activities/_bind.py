"""Turns a stage's body into a durable activity."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from activities._look import looking
from gateways import Gateways
from model import outcome, wire
from model.errors import Busy, Refusal
from model.masking import masked
from model.origin import unmarked
from model.outcome import Pending
from model.stages import Stage

type Body[Q, R] = Callable[[Gateways, Q], R | Pending]
type Activity = Callable[[Gateways, wire.JsonObject], wire.JsonObject]

_LOG = logging.getLogger("installer.activities")
_FAULT_TEXT_LIMIT = 400


class Fault(Exception):
    """An exception of an activity, its text cut and cleaned; the durable runtime retries it."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A stage and the activity that does it."""

    stage: Stage[Any, Any]
    run: Activity


def bind[Q, R](stage: Stage[Q, R], body: Body[Q, R]) -> Bound:
    """Bind ``body`` to ``stage``; a body that does not fit its stage is a type error."""

    def run(gateways: Gateways, payload: wire.JsonObject) -> wire.JsonObject:
        asked, origin = unmarked(payload)
        with looking(stage.name, origin) as look:
            return look.answered(_answer(stage, body, gateways, asked))

    return Bound(stage, run)


def _answer[Q, R](
    stage: Stage[Q, R], body: Body[Q, R], gateways: Gateways, asked: wire.JsonObject
) -> wire.JsonObject:
    request = wire.decode(stage.request, asked)
    try:
        answer = body(gateways, request)
    except Refusal as refusal:
        return outcome.refused(refusal)
    except Busy as busy:
        return outcome.pending(busy)
    except Exception as fault:  # noqa: BLE001 # every fault is told alike
        text = clean(f"{type(fault).__name__}: {fault}")
        _LOG.warning("%s met a fault: %s", stage.name, text)
        raise Fault(text) from None  # the cause may carry bodies and tokens into history
    if isinstance(answer, Pending):
        return outcome.pending(answer)
    return outcome.done(answer)


def clean(text: str) -> str:
    """The text of a fault as it may enter history: secrets masked, cut to 400 characters."""
    shown = masked(text)
    return shown if len(shown) <= _FAULT_TEXT_LIMIT else shown[:_FAULT_TEXT_LIMIT] + "…"
