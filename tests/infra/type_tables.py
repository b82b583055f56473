"""What Azure accepts in a resource's body: Microsoft's type tables, and a few of our own.

Microsoft's, which the Bicep compiler itself uses, are generated from the API specifications and
published in https://github.com/Azure/bicep-types-az (MIT). They are read where they are, and not
kept here: ``BICEP_TYPES`` names a clone of that repository or a folder with files such as
``Microsoft.Web-2024-04-01.json``. ``types/own.json`` has, in our own words, the few types that
such a folder lacks; each names the reference page that it follows.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

from tests.infra.bicep_source import ROOT

OWN = Path(__file__).parent / "types" / "own.json"
_REQUIRED, _READ_ONLY = 1, 2
"""Flags of a property, as the tables have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a value may be; an empty shape accepts everything.

    Attributes:
        kind: ``object``, ``array``, ``string``, ``int``, ``bool`` or ``any``.
        values: The strings that are known; empty where any will do.
        fields: Of an object, by exact name.
        others: Of an object that takes further names: the shape of their values.
        items: Of an array.
        choices: Of an object whose ``chooser`` says which one it is.
    """

    kind: str = "any"
    values: frozenset[str] = frozenset()
    fields: Mapping[str, "Field"] = field(default_factory=dict[str, "Field"])
    others: Callable[[], "Shape"] | None = None
    items: Callable[[], "Shape"] | None = None
    chooser: str = ""
    choices: Mapping[str, Callable[[], "Shape"]] = field(
        default_factory=dict[str, Callable[[], "Shape"]]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One property of an object; its shape is made late, for types may refer to themselves."""

    shape: Callable[[], Shape]
    required: bool = False
    read_only: bool = False


def folder() -> Path | None:
    """Where Microsoft's tables are: as told, or beside the project; ``None`` when they are not."""
    named = os.environ.get("BICEP_TYPES")
    found = Path(named) if named else ROOT.parent / "shared" / "arm-examples" / "bicep-types"
    return found if found.is_dir() else None


def own() -> dict[str, Shape]:
    """Our own tables, by type and version."""
    return {name: _from_words(entry["body"]) for name, entry in json.loads(OWN.read_text()).items()}


@cache
def microsoft(where: Path, provider: str, version: str) -> dict[str, Shape]:
    """The tables of a provider's version, by type and version; empty when there are none."""
    paths = [*where.glob(f"{provider}*-{version}.json")]
    paths += where.glob(f"generated/*/{provider.lower()}/{version}/types.json")
    found: dict[str, Shape] = {}
    for path in paths:
        entries: list[dict[str, Any]] = json.loads(path.read_text())
        found |= {
            entry["name"]: _from_table(entries, entry["body"])
            for entry in entries
            if entry["$type"] == "ResourceType"
        }
    return found


_SIMPLE = {"StringType": "string", "IntegerType": "int", "BooleanType": "bool"}


def _from_table(entries: list[dict[str, Any]], reference: Mapping[str, str]) -> Shape:
    entry = entries[int(reference["$ref"].removeprefix("#/"))]
    match entry["$type"]:
        case "ObjectType":
            return _object(entries, entry)
        case "DiscriminatedObjectType":
            return _chosen(entries, entry)
        case "ArrayType":
            return Shape(kind="array", items=lambda: _from_table(entries, entry["itemType"]))
        case "UnionType":
            return _union([_from_table(entries, element) for element in entry["elements"]])
        case "StringLiteralType":
            return Shape(kind="string", values=frozenset({entry["value"]}))
        case other:
            return Shape(kind=_SIMPLE.get(other, "any"))


def _union(shapes: list[Shape]) -> Shape:
    """Known strings count as the only ones, even where the API would take others."""
    kinds = {shape.kind for shape in shapes}
    if len(kinds) > 1:
        return Shape()
    values = frozenset[str]().union(*(shape.values for shape in shapes))
    return Shape(kind=kinds.pop(), values=values)


def _object(entries: list[dict[str, Any]], entry: dict[str, Any]) -> Shape:
    others = entry.get("additionalProperties")
    return Shape(
        kind="object",
        fields=_fields(entries, entry.get("properties", {})),
        others=(lambda: _from_table(entries, others)) if others else None,
    )


def _chosen(entries: list[dict[str, Any]], entry: dict[str, Any]) -> Shape:
    base = _fields(entries, entry["baseProperties"])

    def choice(reference: dict[str, str]) -> Callable[[], Shape]:
        def made() -> Shape:
            shape = _from_table(entries, reference)
            return Shape(kind="object", fields={**base, **shape.fields}, others=shape.others)

        return made

    return Shape(
        kind="object",
        fields=base,
        chooser=entry["discriminator"],
        choices={name: choice(reference) for name, reference in entry["elements"].items()},
    )


def _fields(entries: list[dict[str, Any]], properties: dict[str, Any]) -> dict[str, Field]:
    def late(reference: dict[str, str]) -> Callable[[], Shape]:
        return lambda: _from_table(entries, reference)

    return {
        name: Field(
            shape=late(declared["type"]),
            required=bool(declared.get("flags", 0) & _REQUIRED),
            read_only=bool(declared.get("flags", 0) & _READ_ONLY),
        )
        for name, declared in properties.items()
    }


def _from_words(words: Any) -> Shape:
    """``name!`` is required, ``name-`` read-only; a list has a string's values; ``[]`` items."""
    if isinstance(words, str):
        return Shape(kind=words)
    if isinstance(words, list):
        return Shape(kind="string", values=frozenset(cast("list[str]", words)))
    named = cast("dict[str, Any]", words)
    if "[]" in named:
        return Shape(kind="array", items=lambda: _from_words(named["[]"]))
    fields = {
        name.rstrip("!-"): Field(
            shape=lambda below=below: _from_words(below),
            required=name.endswith("!"),
            read_only=name.endswith("-"),
        )
        for name, below in named.items()
    }
    return Shape(kind="object", fields=fields)
