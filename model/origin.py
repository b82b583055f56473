"""Whose work a span, a log line or a metric tells of: one run, one stage of it, one look.

A run is one trace. Its ids follow from the run alone, so that workers that never met, and a worker
that repeats a turn after another died, name the same span alike.
"""

import hashlib
from dataclasses import replace
from typing import Final

from model import telemetry, wire

KEY: Final = "telemetry"
"""Key beside the request's own in an activity's input; no request has a field of that name."""

_TRACE_BYTES = 16
_SPAN_BYTES = 8
"""https://www.w3.org/TR/trace-context/#traceparent-header-field-values"""


@wire.record
class Origin:
    """Where telemetry comes from.

    Attributes:
        run_id: Of the run; together with the installation it makes the trace.
        attempt: Which run of the installation, 1 first.
        subscription: Id of the subscription that is installed into.
        stage: Key of the stage; empty for the run itself.
        use: Which use of the stage in this run, 1 first.
        look: Which call of its activity in this use, 1 first; 0 for the stage itself.
    """

    installation: str
    run_id: str
    attempt: int
    subscription: str
    stage: str = ""
    use: int = 1
    look: int = 0

    def at(self, stage: str, use: int) -> "Origin":
        """One use of a stage of this run."""
        return replace(self, stage=stage, use=use, look=0)

    def looking(self, look: int) -> "Origin":
        """One look of this stage."""
        return replace(self, look=look)

    @property
    def trace_id(self) -> int:
        """Of the run; never zero."""
        return _id(_TRACE_BYTES, self.installation, self.run_id)

    @property
    def root_id(self) -> int:
        """Span id of the run; never zero."""
        return _id(_SPAN_BYTES, self.installation, self.run_id, "run")

    @property
    def stage_id(self) -> int:
        """Span id of this use of the stage; never zero."""
        return _id(_SPAN_BYTES, self.installation, self.run_id, self.stage, str(self.use))

    @property
    def attributes(self) -> dict[str, str | int]:
        """What every span and line of it carries; what is not known is left out."""
        known: dict[str, str | int] = {
            telemetry.INSTALLATION: self.installation,
            telemetry.ATTEMPT: self.attempt,
            telemetry.SUBSCRIPTION: self.subscription,
            telemetry.STAGE: self.stage,
            telemetry.LOOK: self.look,
        }
        return {name: value for name, value in known.items() if value}


def marked(request: wire.JsonObject, origin: Origin) -> wire.JsonObject:
    """An activity's input: its request, and whose it is."""
    return request | {KEY: wire.encode(origin)}


def unmarked(payload: wire.JsonObject) -> tuple[wire.JsonObject, Origin | None]:
    """The request in an activity's input, and whose it is; None for an input from elsewhere."""
    request = {name: value for name, value in payload.items() if name != KEY}
    told = payload.get(KEY)
    return request, None if told is None else wire.decode(Origin, told)


def _id(size: int, *parts: str) -> int:
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return int.from_bytes(digest[:size]) or 1
