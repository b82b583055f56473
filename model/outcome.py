"""What a stage says, in the one form in which it crosses into history."""

from dataclasses import dataclass
from typing import Any

from model import wire
from model.errors import Busy, Refusal


@wire.record
class Pending:
    """Not yet.

    Attributes:
        detail: What is waited for, one short sentence for people, free of secrets.
        retry_after: Seconds until another look makes sense; None leaves it to the pace.
    """

    detail: str
    retry_after: int | None = None


@wire.record
class Refused:
    """A no; see ``errors.Refusal``."""

    code: str
    reason: str
    remedy: str
    retryable: bool = False
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Done[R]:
    """The stage's typed result."""

    result: R


def done(result: Any) -> wire.JsonObject:
    """The wire form of success."""
    return {"done": wire.encode(result)}


def pending(answer: Pending | Busy) -> wire.JsonObject:
    """The wire form of not yet."""
    later = Pending(detail=answer.detail, retry_after=answer.retry_after)
    return {"pending": wire.encode(later)}


def refused(refusal: Refusal) -> wire.JsonObject:
    """The wire form of a permanent no."""
    return {
        "refused": {
            "code": refusal.code,
            "reason": refusal.reason,
            "remedy": refusal.remedy,
            "retryable": refusal.retryable,
            "passing": refusal.passing,
        }
    }


def read[R](kind: type[R], answer: wire.JsonObject) -> Done[R] | Pending | Refused:
    """The outcome that an activity answered with.

    Raises:
        Undecodable: It is none of the three forms.
    """
    match answer:
        case {"done": result}:
            return Done(wire.decode(kind, result))
        case {"pending": later}:
            return wire.decode(Pending, later)
        case {"refused": no}:
            return wire.decode(Refused, no)
        case _:
            raise wire.Undecodable("outcome", ())
