"""Spans of the host around the spans of functions."""

import durabletask.internal.orchestrator_service_pb2 as pb
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from emulator.functions_host.tracing import Tracing

_CALLER = pb.TraceContext(traceParent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


def test_an_orchestration_runs_under_an_exported_span_of_the_host() -> None:
    """The context that it is given is that of the exported span, in the caller's trace."""
    exporter = InMemorySpanExporter()
    given = Tracing(exporter).started("bake", "b1", _CALLER)
    (span,) = exporter.get_finished_spans()

    assert given is not None
    assert span.context is not None
    assert given.spanID == f"{span.context.span_id:016x}"
    assert span.context.trace_id == 0x0AF7651916CD43DD8448EB211C80319C
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.name != "durabletask"


def test_without_an_exporter_the_callers_context_is_passed_on() -> None:
    """No span is made up that nobody exports."""
    assert Tracing().started("bake", "b1", _CALLER) == _CALLER
    assert Tracing().started("bake", "b1", pb.TraceContext()) is None
