"""The OpenTelemetry SDK, set up for exporters."""

import logging
from dataclasses import dataclass

from opentelemetry import context, metrics, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from model import telemetry
from telemetry.identity import SPAN_ID, TRACE_ID
from telemetry.log_lines import LogLines

_EVERY_MS = 60_000
"""The SDK's own interval for metrics."""


@dataclass(frozen=True, slots=True)
class Exporters:
    """One for each kind of telemetry."""

    spans: SpanExporter
    metrics: MetricExporter
    lines: LogRecordExporter


class ChosenIds(RandomIdGenerator):
    """Ids that ``telemetry.identity.chosen`` chose; random ones for every other span."""

    def generate_trace_id(self) -> int:
        """Of a span without a parent."""
        found = context.get_value(TRACE_ID)
        return found if isinstance(found, int) else super().generate_trace_id()

    def generate_span_id(self) -> int:
        """Of any span."""
        found = context.get_value(SPAN_ID)
        return found if isinstance(found, int) else super().generate_span_id()


def install(exporters: Exporters, *, every_line: bool, every_ms: float = _EVERY_MS) -> None:
    """Send all telemetry of this process to ``exporters``, at the latest when it ends.

    Nothing is sampled away: an installation makes some hundred spans.

    Args:
        exporters: Where to.
        every_line: Whether lines of every logger go there; else only the events do, for the host
            has the others.
        every_ms: Interval of metrics, milliseconds.
    """
    resource = Resource.create({SERVICE_NAME: telemetry.SCOPE})
    traces = TracerProvider(resource=resource, sampler=ALWAYS_ON, id_generator=ChosenIds())
    traces.add_span_processor(BatchSpanProcessor(exporters.spans))
    trace.set_tracer_provider(traces)
    reader = PeriodicExportingMetricReader(exporters.metrics, export_interval_millis=every_ms)
    metrics.set_meter_provider(MeterProvider([reader], resource=resource))
    lines = LoggerProvider(resource=resource)
    set_logger_provider(lines)
    lines.add_log_record_processor(BatchLogRecordProcessor(exporters.lines))
    ours = logging.getLogger(telemetry.SCOPE)
    ours.setLevel(logging.INFO)
    logger = logging.getLogger() if every_line else ours
    logger.addHandler(LogLines(lines.get_logger(telemetry.SCOPE)))
