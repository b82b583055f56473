"""Exporters to any OpenTelemetry collector, by OTLP over HTTP."""

import importlib
from typing import Any

from telemetry.export import Exporters

_PACKAGE = "opentelemetry.exporter.otlp.proto.http"


def exporters() -> Exporters:
    """To the endpoint that the environment names."""
    spans: Any = importlib.import_module(f"{_PACKAGE}.trace_exporter")
    metrics: Any = importlib.import_module(f"{_PACKAGE}.metric_exporter")
    lines: Any = importlib.import_module(f"{_PACKAGE}._log_exporter")
    return Exporters(
        spans=spans.OTLPSpanExporter(),
        metrics=metrics.OTLPMetricExporter(),
        lines=lines.OTLPLogExporter(),
    )
