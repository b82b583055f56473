"""Columns of printed tables: how they are described, and those of custom kinds."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from emulator.kubernetes.objects import JsonObject, section, status_of
from emulator.kubernetes.printed_age import age

NONE = "<none>"
UNSET = "<unset>"
UNKNOWN = "<unknown>"
_STEP = re.compile(r"\.([\w-]+)|\[(\d+|\*)\]|\[\?\(@\.([\w.-]+)\s*==\s*[\"']([^\"']*)[\"']\)\]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        cell: The cell of an object.
        type: ``string``, ``integer``, ``boolean`` or ``date``.
        format: ``name`` for the column that names the object.
        priority: 1 for columns that only ``-o wide`` shows.
    """

    name: str
    cell: Callable[[JsonObject], Any]
    type: str = "string"
    format: str = ""
    priority: int = 0

    def definition(self) -> JsonObject:
        """As the table's head describes it."""
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": "",
            "priority": self.priority,
        }


NAME = Column("Name", lambda i: i["metadata"]["name"], format="name")
AGE = Column("Age", lambda i: age(i["metadata"].get("creationTimestamp")))
CREATED = Column("Created At", lambda i: i["metadata"].get("creationTimestamp"), "date")


def number(name: str, cell: Callable[[JsonObject], Any]) -> Column:
    """A column of integers."""
    return Column(name, cell, "integer")


def wide(name: str, cell: Callable[[JsonObject], Any]) -> Column:
    """A column that only ``-o wide`` shows."""
    return Column(name, cell, priority=1)


def spec(*path: str, default: Any = "") -> Callable[[JsonObject], Any]:
    """Reads a field of the spec."""

    def read(item: JsonObject) -> Any:
        found: Any = section(item, "spec")
        for step in path:
            found = section(found, step)
        return found or default

    return read


def status(name: str, default: Any = 0) -> Callable[[JsonObject], Any]:
    """Reads a field of the status."""
    return lambda item: status_of(item).get(name) or default


def top(name: str, default: Any = "") -> Callable[[JsonObject], Any]:
    """Reads a field of an object that has no spec."""
    return lambda item: item.get(name) or default


def pairs(labels: JsonObject) -> str:
    """``a=b,c=d`` in the order of the keys."""
    return ",".join(f"{k}={labels[k]}" for k in sorted(labels)) or NONE


def selector(said: JsonObject) -> str:
    """A label selector in its short form."""
    told = [f"{k}={v}" for k, v in sorted(section(said, "matchLabels").items())]
    for wish in cast("list[JsonObject]", said.get("matchExpressions") or []):
        key, values = wish["key"], ",".join(wish.get("values") or [])
        match wish["operator"]:
            case "In":
                told.append(f"{key} in ({values})")
            case "NotIn":
                told.append(f"{key} notin ({values})")
            case "Exists":
                told.append(key)
            case _:
                told.append(f"!{key}")
    return ",".join(told) or NONE


def some(names: Sequence[str], most: int = 3) -> str:
    """The first names and how many more there are."""
    if not names:
        return NONE
    rest = f" + {len(names) - most} more..." if len(names) > most else ""
    return ",".join(names[:most]) + rest


def custom_columns(said: Iterable[JsonObject]) -> list[Column]:
    """The columns that a CustomResourceDefinition asks for."""
    return [
        Column(
            column["name"],
            _custom_cell(column),
            column["type"],
            column.get("format", ""),
            column.get("priority", 0),
        )
        for column in said
    ]


def _custom_cell(column: JsonObject) -> Callable[[JsonObject], Any]:
    def read(item: JsonObject) -> Any:
        found = first_at(item, column["jsonPath"])
        return age(found) if column["type"] == "date" and found else found

    return read


def first_at(item: Any, path: str) -> Any:
    """The first value at a JSONPath of names, indexes and comparisons; None when there is none."""
    found: list[Any] = [item]
    for name, index, key, value in _STEP.findall(path):
        found = [v for f in found for v in _below(f, name, index, key, value)]
    return found[0] if found else None


def _below(item: Any, name: str, index: str, key: str, value: str) -> list[Any]:
    if name:
        inside = cast("JsonObject", item).get(name) if isinstance(item, dict) else None
        return [] if inside is None else [inside]
    if not isinstance(item, list):
        return []
    items = cast("list[Any]", item)
    if key:
        return [i for i in items if str(first_at(i, f".{key}")) == value]
    return items if index == "*" else items[int(index) : int(index) + 1]
