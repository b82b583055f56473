"""Reading plain JSON documents of other systems: what is absent or null reads as empty."""

from collections.abc import Mapping
from typing import Any, cast

type Document = Mapping[str, Any]


def part(document: Document, *keys: str) -> dict[str, Any]:
    """The object at the end of a path of keys; empty when any of them leads to no object."""
    found: Any = document
    for key in keys:
        found = cast("Document", found).get(key) if isinstance(found, Mapping) else None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def entries(document: Document, key: str) -> list[dict[str, Any]]:
    """The objects in a list; empty when there is no list."""
    found = document.get(key)
    listed = cast("list[Any]", found) if isinstance(found, list) else []
    return [cast("dict[str, Any]", entry) for entry in listed if isinstance(entry, dict)]
