"""Spans under ids that are known beforehand.

The API lets a caller choose a span's parent, never its own id. A chosen id travels in the
OpenTelemetry context to the id generator of ``telemetry.export``; with another generator the spans
are all there, but hang under a parent that is recorded nowhere.
"""

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry import context, trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

TRACE_ID = "installer-trace-id"
SPAN_ID = "installer-span-id"
"""Keys of the OpenTelemetry context."""


@contextmanager
def under(trace_id: int, parent_id: int) -> Generator[None]:
    """Whatever is told meanwhile belongs to that span."""
    parent = SpanContext(
        trace_id, parent_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)
    )
    yield from _attached(trace.set_span_in_context(NonRecordingSpan(parent), context.Context()))


@contextmanager
def outside() -> Generator[None]:
    """Whatever is told meanwhile belongs to no span."""
    yield from _attached(context.Context())


@contextmanager
def chosen(trace_id: int, span_id: int) -> Generator[None]:
    """The span that is begun meanwhile gets these ids; its trace id only if it has no parent."""
    ids = context.set_value(SPAN_ID, span_id, context.set_value(TRACE_ID, trace_id))
    yield from _attached(ids)


def _attached(now: context.Context) -> Generator[None]:
    token = context.attach(now)
    try:
        yield
    finally:
        context.detach(token)
