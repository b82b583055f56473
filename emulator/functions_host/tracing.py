"""The host's own spans, which a function's spans become children of.

Only when ``host.json`` says ``telemetryMode: OpenTelemetry``, the environment names a collector and
the app brings the OTLP exporter (``opentelemetry-exporter-otlp-proto-grpc``), as on Azure.
"""

import importlib
import os
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.internal import helpers
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_SCOPE = "WebJobs.Extensions.DurableTask"
_EXPORTER = "opentelemetry.exporter.otlp.proto.grpc.trace_exporter"


class Tracing:
    """Makes one span per started orchestration; without an exporter it makes none."""

    def __init__(self, exporter: SpanExporter | None = None) -> None:
        self._tracer: trace.Tracer | None = None
        if exporter is not None:
            provider = TracerProvider(resource=Resource.create({"service.name": "functions-host"}))
            provider.add_span_processor(SimpleSpanProcessor(exporter))
            self._tracer = provider.get_tracer(_SCOPE)

    def started(
        self, name: str, instance_id: str, parent: pb.TraceContext
    ) -> pb.TraceContext | None:
        """Record that an orchestration starts; the context that its code runs under.

        Args:
            name: Of the orchestrator.
            instance_id: Of the new instance.
            parent: What the caller sent along; may be empty.
        """
        if self._tracer is None:
            return parent if parent.traceParent else None
        propagator = TraceContextTextMapPropagator()
        around = propagator.extract({"traceparent": parent.traceParent})
        tags = {"durabletask.task.name": name, "durabletask.task.instance_id": instance_id}
        span = self._tracer.start_span(
            f"create_orchestration:{name}", around, trace.SpanKind.SERVER, tags
        )
        carried: dict[str, str] = {}
        propagator.inject(carried, trace.set_span_in_context(span))
        span.end()
        return pb.TraceContext(
            traceParent=carried["traceparent"],
            spanID=f"{span.get_span_context().span_id:016x}",
            traceState=helpers.get_string_value(carried.get("tracestate")),
        )


def tracing_for(*, open_telemetry: bool) -> Tracing:
    """Tracing as the app and its environment want it."""
    if not open_telemetry or not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return Tracing()
    try:
        module: Any = importlib.import_module(_EXPORTER)
    except ImportError:
        return Tracing()
    return Tracing(module.OTLPSpanExporter())
