"""Custom objects against the schema of their definition, refused in the real server's words.

Types, ``required``, ``enum``, bounds, lengths and ``pattern``; not ``anyOf`` and its like, formats
or CEL rules. See https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation.
"""

import re
from collections.abc import Iterator
from typing import Any, cast

from emulator.kubernetes.api_error import Cause, invalid_value, required, unsupported
from emulator.kubernetes.objects import JsonObject, listed, section

_SERVERS_OWN = ("apiVersion", "kind", "metadata")
_KINDS: dict[type, str] = {
    type(None): "null", bool: "boolean", int: "integer", str: "string", list: "array",
    dict: "object",
}  # fmt: skip # a table
_INT_OR_STRING = "x-kubernetes-int-or-string"


def schema_causes(schema: JsonObject, item: JsonObject) -> Iterator[Cause]:
    """What the schema of a kind finds wrong with a whole object."""
    own = {k: v for k, v in item.items() if k not in _SERVERS_OWN}
    wanted = [name for name in listed(schema, "required") if name not in _SERVERS_OWN]
    yield from _value({**schema, "required": wanted}, own, "")


def _value(schema: JsonObject, value: Any, path: str) -> Iterator[Cause]:
    kind = schema.get("type", "")
    if value is None and schema.get("nullable"):
        return
    if not _is(kind, value, either=bool(schema.get(_INT_OR_STRING))):
        seen = _kind_of(value)
        text = f'Invalid value: "{seen}": {path} in body must be of type {kind}: "{seen}"'
        yield Cause(path, "FieldValueTypeInvalid", text)
        return
    if "enum" in schema and value not in schema["enum"]:
        yield unsupported(path, value, schema["enum"])
    if isinstance(value, dict):
        yield from _object(schema, cast("JsonObject", value), path)
    elif isinstance(value, list):
        yield from _list(schema, cast("list[Any]", value), path)
    elif isinstance(value, str):
        yield from _text(schema, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(schema, value, path)


def _is(kind: str, value: Any, *, either: bool) -> bool:
    if either:
        return _kind_of(value) in ("integer", "string")
    seen = _kind_of(value)
    return not kind or seen == kind or (kind == "number" and seen == "integer")


def _kind_of(value: Any) -> str:
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    return _KINDS[type(value)]


def _object(schema: JsonObject, value: JsonObject, path: str) -> Iterator[Cause]:
    known = section(schema, "properties")
    for name in listed(schema, "required"):
        # What has a default is filled in before, on the real server.
        if name not in value and "default" not in section(known, name):
            yield required(_below(path, name))
    others = schema.get("additionalProperties")
    for name, inner in value.items():
        if name in known:
            yield from _value(known[name], inner, _below(path, name))
        elif isinstance(others, dict):
            yield from _value(cast("JsonObject", others), inner, _below(path, name))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _list(schema: JsonObject, value: list[Any], path: str) -> Iterator[Cause]:
    count = len(value)
    if count < schema.get("minItems", 0):
        least = schema["minItems"]
        yield invalid_value(path, count, f"{path} in body should have at least {least} items")
    if count > schema.get("maxItems", count):
        text = f"Too many: {count}: must have at most {schema['maxItems']} items"
        yield Cause(path, "FieldValueTooMany", text)
    for index, inner in enumerate(value):
        yield from _value(section(schema, "items"), inner, f"{path}[{index}]")


def _text(schema: JsonObject, value: str, path: str) -> Iterator[Cause]:
    if len(value) < schema.get("minLength", 0):
        least = schema["minLength"]
        yield invalid_value(path, value, f"{path} in body should be at least {least} chars long")
    if len(value) > schema.get("maxLength", len(value)):
        text = f"Too long: may not be more than {schema['maxLength']} bytes"
        yield Cause(path, "FieldValueTooLong", text)
    pattern = schema.get("pattern")
    if pattern and not re.search(pattern, value):
        yield invalid_value(path, value, f"{path} in body should match '{pattern}'")


def _number(schema: JsonObject, value: float, path: str) -> Iterator[Cause]:
    least, most = schema.get("minimum", value), schema.get("maximum", value)
    if value < least or (schema.get("exclusiveMinimum") and value == least):
        words = "greater than" if schema.get("exclusiveMinimum") else "greater than or equal to"
        yield invalid_value(path, value, f"{path} in body should be {words} {least}")
    if value > most or (schema.get("exclusiveMaximum") and value == most):
        words = "less than" if schema.get("exclusiveMaximum") else "less than or equal to"
        yield invalid_value(path, value, f"{path} in body should be {words} {most}")
