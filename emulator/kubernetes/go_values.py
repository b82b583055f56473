"""Values as Go's JSON decoder sees them: what fits a schema, and the words when it does not."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from emulator.kubernetes.objects import JsonObject
from emulator.kubernetes.published_schemas import plain_types, referred
from emulator.kubernetes.quantities import parse_quantity

_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]")
_NO_QUANTITY = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_SEEN = ((bool, "bool"), (int | float, "number"), (str, "string"), (list, "array"))
_GO_SEEN = ((bool, "bool"), (list, "[]interface {}"), (dict, "map[string]interface {}"))
_PLAIN = {"boolean": ("bool", bool), "string": ("string", str), "number": ("float64", int | float)}


class Unreadable(ValueError):
    """A value that cannot be of the type that its field has.

    Attributes:
        applied: As server-side apply words it.
    """

    def __init__(self, text: str, applied: str = "") -> None:
        super().__init__(text)
        self.applied = applied or text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands.

    Attributes:
        struct: Go's name of the type that the field belongs to.
        path: With indexes, as people read it.
        names: Names of fields alone, as Go's decoder tells it.
    """

    struct: str
    path: str = ""
    names: str = ""

    def field(self, name: str) -> "Place":
        """The place of a field of the value here."""
        return Place(
            self.struct,
            f"{self.path}.{name}" if self.path else name,
            f"{self.names}.{name}" if self.names else name,
        )

    def inside(self, step: str) -> "Place":
        """The place of an item or map value; ``step`` is how a path names it."""
        return Place(self.struct, self.path + step, self.names)

    def refuse(self, value: Any, wanted: str) -> Unreadable:
        """The complaint about a value that is not what Go calls ``wanted``."""
        seen = next((name for kind, name in _SEEN if isinstance(value, kind)), "object")
        seen += f" {value}" if isinstance(value, float) else ""
        where = f"{self.struct}.{self.names}"
        text = f"json: cannot unmarshal {seen} into Go struct field {where} of type {wanted}"
        return Unreadable(text, f".{self.path}: {_expected(value, wanted)}")


def step(index: int, item: Any, keys: Sequence[str]) -> str:
    """How a path names an item: by its keys in a keyed list, else by its index."""
    if not keys or not isinstance(item, dict):
        return f"[{index}]"
    said = cast("JsonObject", item)
    return f"[{','.join(f'{key}={json.dumps(said.get(key, ""))}' for key in keys)}]"


def _expected(value: Any, wanted: str) -> str:
    shown = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if wanted.startswith("int"):
        seen = next((go for kind, go in _GO_SEEN if isinstance(value, kind)), "string")
        return f"expected numeric (int or float), got {seen}"
    if wanted == "string":
        return f"expected string, got &value.valueUnstructured{{Value:{shown}}}"
    kind = {"bool": "boolean"}.get(wanted, "list" if wanted.startswith("[]") else "map")
    return f"expected {kind}, got {shown}"


def go_type(schema: JsonObject) -> str:
    """Go's name of the type that a schema describes."""
    if "$ref" in schema:
        return ".".join(referred(schema["$ref"]).split(".")[-2:])
    match plain_types(schema):
        case ["array"]:
            return f"[]{go_type(schema['items'])}"
        case ["object"]:
            return f"map[string]{go_type(schema.get('additionalProperties') or {})}"
        case ["integer"]:
            return str(schema.get("format", "int64"))
        case [kind] if kind in _PLAIN:
            return "[]uint8" if schema.get("format") == "byte" else _PLAIN[kind][0]
        case _:
            return "interface {}"


def require_integer(schema: JsonObject, value: Any, place: Place) -> None:
    """Refuse what is no whole number.

    Raises:
        Unreadable: It is not.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise place.refuse(value, str(schema.get("format", "int64")))


def require_plain(schema: JsonObject, kind: str, value: Any, place: Place) -> None:
    """Refuse what is no boolean, number or string of the wanted format.

    Raises:
        Unreadable: It is not.
    """
    _, wanted = _PLAIN[kind]
    if not isinstance(value, wanted) or (kind == "number" and isinstance(value, bool)):
        raise place.refuse(value, go_type(schema))
    match schema.get("format"):
        case "byte":
            _require_base64(cast("str", value))
        case "date-time":
            _require_moment(cast("str", value))
        case _:
            pass


def _require_base64(value: str) -> None:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        wrong = _NOT_BASE64.search(value)
        where = wrong.start() if wrong else len(value)
        raise Unreadable(f"illegal base64 data at input byte {where}") from error


def _require_moment(value: str) -> None:
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        layout = "2006-01-02T15:04:05Z07:00"
        text = f'parsing time "{value}" as "{layout}": cannot parse "{value}" as "2006"'
        raise Unreadable(text) from error


def require_quantity(value: Any) -> None:
    """Refuse what is no amount.

    Raises:
        Unreadable: It is not.
    """
    try:
        parse_quantity(value)
    except ValueError as error:
        raise Unreadable(_NO_QUANTITY) from error
