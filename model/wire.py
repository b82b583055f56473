"""The only border between Python values and JSON: strict, closed, camelCase."""

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, dataclass_transform

if TYPE_CHECKING:
    from pydantic import TypeAdapter

JsonObject = dict[str, Any]
"""A plain alias: the Functions host's indexer refuses PEP 695 aliases in annotations."""


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


_CLOSED = {"extra": "forbid", "alias_generator": _camel_case, "hide_input_in_errors": True}
"""pydantic's ConfigDict; it is imported only when something crosses, for a cold start's sake."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record[T](cls: type[T]) -> type[T]:
    """Make ``cls`` a frozen, keyword-only dataclass that crosses the wire in camelCase.

    Unknown keys are refused when it is decoded.
    """
    made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    made.__pydantic_config__ = _CLOSED  # type: ignore[attr-defined] # pydantic's own hook for dataclasses
    return made


@cache
def _adapter(kind: Any) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter  # noqa: PLC0415 # see _CLOSED

    return TypeAdapter(kind)


def encode(value: Any) -> Any:
    """Plain JSON (objects, lists, strings, numbers, booleans, None) for a record."""
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType] # of whatever it is
    return _adapter(kind).dump_python(value, mode="json", by_alias=True)


def decode[T](kind: type[T], payload: Any) -> T:
    """The record that ``payload`` (plain JSON) stands for.

    Raises:
        Undecodable: The payload is not what ``kind`` says; every fault is named, no value is.
    """
    from pydantic import ValidationError  # noqa: PLC0415 # see _CLOSED

    try:
        return _adapter(kind).validate_json(json.dumps(payload), strict=True)
    except ValidationError as invalid:
        faults = tuple(
            WireFault(path=tuple(fault["loc"]), kind=fault["type"], message=fault["msg"])
            for fault in invalid.errors(
                include_url=False, include_context=False, include_input=False
            )
        )
        raise Undecodable(kind.__name__, faults) from None  # the cause would carry the input


def schema(kind: type) -> JsonObject:
    """JSON Schema (draft 2020-12) of the wire form of ``kind``."""
    return _adapter(kind).json_schema(by_alias=True, mode="validation")


@dataclass(frozen=True, slots=True, kw_only=True)
class WireFault:
    """One thing wrong with a payload.

    Attributes:
        path: Keys and indexes from the root to the fault.
        kind: pydantic's name of the rule that was broken, for example ``extra_forbidden``.
        message: What the rule says; never the offending value.
    """

    path: tuple[str | int, ...]
    kind: str
    message: str


class Undecodable(ValueError):
    """A payload does not have the promised shape; ``faults`` says where."""

    def __init__(self, kind: str, faults: tuple[WireFault, ...]) -> None:
        self.faults = faults
        where = "; ".join(f"{'/'.join(map(str, f.path))}: {f.message}" for f in faults[:5])
        super().__init__(f"not a {kind}: {where}")
