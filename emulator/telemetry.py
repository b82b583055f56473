"""Application Insights on one machine: telemetry as rows of its tables, one JSON line each.

What the tables hold, and how Azure's exporter fills them from OpenTelemetry:
https://learn.microsoft.com/azure/azure-monitor/app/opentelemetry-overview#telemetry-types
"""

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.metrics import Counter, Histogram
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    HistogramDataPoint,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
)
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import INVALID_SPAN_CONTEXT, format_span_id, format_trace_id

from telemetry.export import Exporters, install

FILE: Final = "EMULATED_TELEMETRY_FILE"
"""Variable of the emulated host's environment: the file that the rows go into."""
EVERY_MS: Final = 500
"""Interval of metrics, milliseconds."""

type Row = dict[str, Any]


class Tables:
    """A file of rows, each with its ``table``: dependencies, traces or customMetrics."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def exporters(self) -> Exporters:
        """Exporters that write into it."""
        return Exporters(spans=_Dependencies(self), metrics=_Metrics(self), lines=_Traces(self))

    def write(self, table: str, rows: Iterable[Row]) -> None:
        """Append rows."""
        lines = "".join(json.dumps({"table": table} | row) + "\n" for row in rows)
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(lines)


def record(path: Path) -> None:
    """Write this process's telemetry into a file.

    Every line of every logger is written: a test looks there for what must be in none.
    """
    install(Tables(path).exporters(), every_line=True, every_ms=EVERY_MS)


def read(path: Path, table: str) -> list[Row]:
    """The rows of one table so far; a line that is being written counts when it is whole."""
    if not path.exists():
        return []
    whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
    rows = [json.loads(line) for line in whole.splitlines()]
    return [row for row in rows if row["table"] == table]


class _Dependencies(SpanExporter):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._tables.write("dependencies", map(_dependency, spans))
        return SpanExportResult.SUCCESS


class _Traces(LogRecordExporter):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        self._tables.write("traces", map(_trace, batch))
        return LogRecordExportResult.SUCCESS

    def force_flush(self, timeout_millis: int = 10_000) -> bool:
        del timeout_millis
        return True

    def shutdown(self) -> None:
        """Every line is in the file already."""


class _Metrics(MetricExporter):
    def __init__(self, tables: Tables) -> None:
        delta = AggregationTemporality.DELTA  # as Azure's exporter wants it
        super().__init__(preferred_temporality={Counter: delta, Histogram: delta})
        self._tables = tables

    def export(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **_: Any
    ) -> MetricExportResult:
        del timeout_millis  # a file is quick
        points = (
            _metric(metric.name, point)
            for resource in metrics_data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            for point in metric.data.data_points
            if isinstance(point, NumberDataPoint | HistogramDataPoint)
        )
        self._tables.write("customMetrics", points)
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        del timeout_millis
        return True

    def shutdown(self, timeout_millis: float = 30_000, **_: Any) -> None:
        del timeout_millis


def _dependency(span: ReadableSpan) -> Row:
    began, ended = span.start_time or 0, span.end_time or 0
    own = span.get_span_context() or INVALID_SPAN_CONTEXT
    return {
        "timestamp": _time(began),
        "id": format_span_id(own.span_id),
        "operation_Id": format_trace_id(own.trace_id),
        "operation_ParentId": format_span_id(span.parent.span_id) if span.parent else "",
        "type": "InProc",
        "name": span.name,
        "duration": (ended - began) / 1e6,
        "success": span.status.is_ok,
        "customDimensions": _dimensions(span.attributes),
    }


def _trace(line: ReadableLogRecord) -> Row:
    record = line.log_record
    severity = record.severity_number.value if record.severity_number else 0
    return {
        "timestamp": _time(record.timestamp or 0),
        "operation_Id": format_trace_id(record.trace_id or 0),
        "operation_ParentId": format_span_id(record.span_id or 0),
        "message": str(record.body),
        "severityLevel": max(0, (severity - 5) // 4),
        "customDimensions": _dimensions(record.attributes),
    }


def _metric(name: str, point: NumberDataPoint | HistogramDataPoint) -> Row:
    if isinstance(point, HistogramDataPoint):
        measured: Row = {
            "value": point.sum,
            "valueCount": point.count,
            "valueMin": point.min,
            "valueMax": point.max,
        }
    else:
        measured = {"value": point.value, "valueCount": 1}
    return {
        "timestamp": _time(point.time_unix_nano),
        "name": name,
        **measured,
        "customDimensions": _dimensions(point.attributes),
    }


def _dimensions(attributes: Mapping[str, Any] | None) -> dict[str, str]:
    """Application Insights keeps every value as text."""
    return {name: str(value) for name, value in (attributes or {}).items()}


def _time(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC).isoformat()
