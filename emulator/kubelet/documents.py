"""Reading JSON documents in which parts may be absent or null."""

from typing import Any

JsonObject = dict[str, Any]


def section(item: JsonObject, name: str) -> JsonObject:
    """An object inside an object; empty when it is absent or null."""
    return item.get(name) or {}


def listed(item: JsonObject, name: str) -> list[Any]:
    """A list inside an object; empty when it is absent or null."""
    return item.get(name) or []
