"""Tells events, spans and metrics; with no exporter configured, the API's no-ops."""

import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Final

from opentelemetry import trace
from opentelemetry.trace import Span, Status, StatusCode

from model import telemetry
from model.origin import Origin
from telemetry.identity import chosen, outside, under

type Attributes = Mapping[str, str | int]

_LOG = logging.getLogger(telemetry.SCOPE)
_TRACER = trace.get_tracer(telemetry.SCOPE)
_looked: ContextVar[Attributes | None] = ContextVar("looked", default=None)

UNSUCCESSFUL: Final = ("failed", "refused", "Failed")
"""States that make a span an error; who cancelled, wanted that."""


def event(name: str, told: Attributes, text: str = "", *, warning: bool = False) -> None:
    """One log line of an event.

    Args:
        name: One of ``telemetry.EVENTS``.
        told: Attributes of ``telemetry.ATTRIBUTES``.
        warning: Whether somebody should look at it.
        text: For people; empty for the event's name and what it tells. No secret.
    """
    facts = ", ".join(f"{key} {value}" for key, value in told.items())
    level = logging.WARNING if warning else logging.INFO
    _LOG.log(level, "%s", text or f"{name}: {facts}", extra={**told, telemetry.EVENT: name})


def run_event(name: str, origin: Origin, told: Attributes, *, warning: bool = False) -> None:
    """An event of a run, or of the stage that ``origin`` names, in its trace."""
    with under(origin.trace_id, origin.stage_id if origin.stage else origin.root_id):
        event(name, {**origin.attributes, **told}, warning=warning)


def installation_span(origin: Origin, began: datetime, ended: datetime, told: Attributes) -> None:
    """A run from its start to its end: the trace's root."""
    with outside(), chosen(origin.trace_id, origin.root_id):
        _span(telemetry.SPAN_INSTALLATION, origin, began, ended, told)


def stage_span(origin: Origin, began: datetime, ended: datetime, told: Attributes) -> None:
    """One use of a stage."""
    with under(origin.trace_id, origin.root_id), chosen(origin.trace_id, origin.stage_id):
        _span(telemetry.SPAN_STAGE, origin, began, ended, told)


class Look:
    """The span of a look that goes on."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def end(self, state: str, code: str, arm_request_id: str) -> None:
        """How it ended; what is empty is not told."""
        told = {
            telemetry.STATE: state,
            telemetry.CODE: code,
            telemetry.ARM_REQUEST_ID: arm_request_id,
        }
        self._span.set_attributes({name: value for name, value in told.items() if value})
        if state in UNSUCCESSFUL:
            self._span.set_status(Status(StatusCode.ERROR))


@contextmanager
def look(stage: str, origin: Origin | None) -> Generator[Look]:
    """One call of a stage's activity, under its stage; its own time, for activities may read it."""
    parent = outside() if origin is None else under(origin.trace_id, origin.stage_id)
    told = {telemetry.STAGE: stage} if origin is None else origin.attributes
    with (
        parent,
        _TRACER.start_as_current_span(
            telemetry.SPAN_LOOK,
            attributes=told,
            record_exception=False,  # its text is no attribute of ours
            set_status_on_exception=False,  # nor that of the status
        ) as span,
    ):
        token = _looked.set(told)
        try:
            yield Look(span)
        finally:
            _looked.reset(token)


def look_event(name: str, told: Attributes) -> None:
    """A warning that an activity gives while it looks, with whose look it is."""
    event(name, {**(_looked.get() or {}), **told}, warning=True)


def stage_times(stage: str, state: str, lasted: timedelta, waited: timedelta) -> None:
    """Metrics of a stage that ended."""
    from telemetry import measures  # noqa: PLC0415 # see there

    measures.DURATION.record(
        lasted.total_seconds(), {telemetry.STAGE: stage, telemetry.STATE: state}
    )
    measures.WAITING.record(waited.total_seconds(), {telemetry.STAGE: stage})


def fault(stage: str, code: str) -> None:
    """Count a fault or refusal."""
    from telemetry import measures  # noqa: PLC0415 # see there

    measures.FAULTS.add(1, {telemetry.STAGE: stage, telemetry.CODE: code})


def throttled(stage: str, origin: Origin | None, answers: int) -> None:
    """Count answers 429 of Azure Resource Manager, met by an activity of ``stage``."""
    from telemetry import measures  # noqa: PLC0415 # see there

    known = origin.attributes if origin else {telemetry.STAGE: stage}
    by = (telemetry.STAGE, telemetry.SUBSCRIPTION)
    measures.THROTTLED.add(answers, {name: known[name] for name in by if name in known})


def installations(active: int, stuck: int) -> None:
    """What the watchdog counted."""
    from telemetry import measures  # noqa: PLC0415 # see there

    measures.ACTIVE.set(active)
    measures.STUCK.set(stuck)


def _span(name: str, origin: Origin, began: datetime, ended: datetime, told: Attributes) -> None:
    span = _TRACER.start_span(
        name, attributes={**origin.attributes, **told}, start_time=_nanoseconds(began)
    )
    if told.get(telemetry.STATE) in UNSUCCESSFUL:
        span.set_status(Status(StatusCode.ERROR))
    span.end(_nanoseconds(ended))


def _nanoseconds(when: datetime) -> int:
    """Since 1970; a naive time is UTC, as Durable has it."""
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return (aware - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1) * 1000
