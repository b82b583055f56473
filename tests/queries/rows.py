"""Rows as Application Insights stores them, of installations that are made up here."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from model import telemetry
from tests.queries.service import TABLES

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

_TYPES = {
    "datetime": "TIMESTAMP",
    "dynamic": "JSON",
    "int": "INTEGER",
    "real": "DOUBLE",
    "string": "VARCHAR",
}


def at(minutes: float) -> datetime:
    """So long after the start."""
    return START + timedelta(minutes=minutes)


@dataclass(slots=True)
class Story:
    """Rows of each table, in the order in which they were told.

    Attributes:
        rows: Columns that have a value, by table.
    """

    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {table: [] for table in TABLES}
    )

    def event(self, minutes: float, name: str, message: str = "", **attributes: str | int) -> None:
        """A log line."""
        bag = {telemetry.EVENT: name, **attributes}
        self._add("traces", minutes, bag, message=message or name)

    def span(self, minutes: float, name: str, seconds: float, **attributes: str | int) -> None:
        """A span that began at ``minutes``; spans are stored by their begin."""
        self._add("dependencies", minutes, attributes, name=name, duration=seconds * 1000)

    def metric(
        self, minutes: float, name: str, values: tuple[float, ...], **attributes: str | int
    ) -> None:
        """What was recorded in one interval, as one row."""
        self._add(
            "customMetrics",
            minutes,
            attributes,
            name=name,
            value=sum(values),
            valueSum=sum(values),
            valueCount=len(values),
            valueMin=min(values),
            valueMax=max(values),
        )

    def _add(
        self, table: str, minutes: float, bag: Mapping[str, str | int], **columns: Any
    ) -> None:
        text = {key: str(value) for key, value in bag.items()}  # every dimension is stored as text
        row = {"timestamp": at(minutes), "customDimensions": text, **columns}
        if "itemCount" in TABLES[table]["columns"]:
            row["itemCount"] = 1
        self.rows[table].append(row)

    def load(self, connection: Any) -> None:
        """Make the tables in a DuckDB connection, with these rows."""
        fill(connection, self.rows)


def fill(connection: Any, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Make every table.

    Args:
        connection: To DuckDB.
        tables: Rows by table; a column that a row lacks is null there.
    """
    for table, declared in TABLES.items():
        columns: dict[str, str] = declared["columns"]
        types = ", ".join(f'"{name}" {_TYPES[kind]}' for name, kind in columns.items())
        connection.execute(f'CREATE TABLE "{table}" ({types})')
        if not tables[table]:
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.writelines(_line(row) for row in tables[table])
            file.flush()
            wanted = {name: _TYPES[kind] for name, kind in columns.items()}
            read = f"read_json('{file.name}', format='newline_delimited', columns={wanted})"
            connection.execute(f'INSERT INTO "{table}" SELECT * FROM {read}')  # noqa: S608 # our own names


def _line(row: Mapping[str, Any]) -> str:
    when = row["timestamp"]
    told = when if isinstance(when, datetime) else datetime.fromisoformat(when)
    utc = told.astimezone(UTC).replace(tzinfo=None).isoformat()
    return json.dumps({**row, "timestamp": utc}) + "\n"
