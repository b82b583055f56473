"""Exporters to any OpenTelemetry collector, by OTLP over HTTP."""

from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

from telemetry.export import Exporters


def exporters() -> Exporters:
    """To the endpoint that the environment names."""
    return Exporters(
        spans=OTLPSpanExporter(), metrics=OTLPMetricExporter(), lines=OTLPLogExporter()
    )
