"""Tells of each call of an activity: one span, under the stage that it is a look of."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from gateways.arm_answers import listening
from model import wire
from model.error_codes import FAULT
from model.origin import Origin
from telemetry import emit


@dataclass(slots=True)
class Look:
    """How the look ended: with a fault, until an answer says otherwise."""

    state: str = "failed"
    code: str = FAULT

    def answered(self, answer: wire.JsonObject) -> wire.JsonObject:
        """Remember what the answer, in its wire form, says; returns it."""
        match answer:
            case {"refused": no}:
                self.state, self.code = "refused", no["code"]
            case {"pending": _}:
                self.state, self.code = "pending", ""
            case _:
                self.state, self.code = "ready", ""
        return answer


@contextmanager
def looking(stage: str, origin: Origin | None) -> Generator[Look]:
    """Tell of the look that happens meanwhile.

    Args:
        stage: Name of the stage, told when nobody said whose look it is.
        origin: Whose look it is; None for a call from elsewhere.
    """
    look = Look()
    with listening() as arm, emit.look(stage, origin) as told:
        try:
            yield look
        finally:
            told.end(look.state, look.code, arm.request_id)
            if arm.throttled:
                emit.throttled(stage, origin, arm.throttled)
