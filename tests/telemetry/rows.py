"""What this test process tells, as rows of Application Insights' tables."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from opentelemetry import _logs, metrics, trace

from emulator.telemetry import Row, Tables, read
from model import telemetry
from telemetry.export import install


@cache
def _file() -> Path:
    """Where the telemetry of this process goes; OpenTelemetry is set up once per process."""
    path = Path(tempfile.mkdtemp()) / "rows.jsonl"
    install(Tables(path).exporters(), every_line=False)
    return path


class Rows:
    """Rows that are written from now on."""

    def __init__(self) -> None:
        self._path = _file()
        self._before = {name: len(self._all(name)) for name in ("dependencies", "traces")}
        self._before["customMetrics"] = len(self._all("customMetrics"))

    def spans(self, name: str, **dimensions: str) -> list[Row]:
        """Spans of one name with these attributes."""
        return [row for row in self._new("dependencies", dimensions) if row["name"] == name]

    def events(self, name: str, **dimensions: str) -> list[Row]:
        """Events of one name with these attributes."""
        return self._new("traces", dimensions | {telemetry.EVENT: name})

    def metrics(self, name: str, **dimensions: str) -> list[Row]:
        """Measurements of one name with these attributes."""
        return [row for row in self._new("customMetrics", dimensions) if row["name"] == name]

    def _new(self, table: str, dimensions: dict[str, str]) -> list[Row]:
        return [
            row
            for row in self._all(table)[self._before[table] :]
            if dimensions.items() <= row["customDimensions"].items()
        ]

    def _all(self, table: str) -> list[Row]:
        providers: tuple[Any, ...] = (
            trace.get_tracer_provider(),
            metrics.get_meter_provider(),
            _logs.get_logger_provider(),
        )
        for provider in providers:
            provider.force_flush()
        return read(self._path, table)
