"""Bodies in the API server's binary form, which kubectl's typed commands write; answers are JSON.

Facts: https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding and
https://protobuf.dev/programming-guides/encoding/. The numbers of the fields are in
``protobuf_fields.txt``, their types in the published schemas.
"""

import base64
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from emulator.kubernetes.api_error import ApiError, bad_request
from emulator.kubernetes.objects import JsonObject, timestamp
from emulator.kubernetes.published_schemas import Schemas, plain_types, published, referred

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_VERSION = "1.36.3"
"""Of the table; numbers stay for ever, so that it reads what older clients write."""
_TABLE = Path(__file__).with_name("protobuf_fields.txt")
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_EMPTY_IS_A_VALUE = frozenset({"storageClassName"})
"""Of texts alone; Go writes those that are not set as empty ones."""
_ZERO_IS_NONE = frozenset({"generation", "hostPort", "nodePort", "targetPort"})
_OPTIONS = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a field number stands for: a field, or a message whose fields stand there as well."""

    field: str = ""
    inlined: str = ""


def decode(raw: bytes) -> JsonObject:
    """The object that a body holds.

    Raises:
        ApiError: It is broken (400), or of a kind that is not built in (415).
    """
    if not raw.startswith(_MAGIC):
        raise bad_request("provided data does not appear to be a protobuf message")
    try:
        envelope = _first(raw[len(_MAGIC) :])
        said = _first(envelope.get(1, b""))
        version, kind = _text(said.get(1, b"")), _text(said.get(2, b""))
        name = _message_of(version, kind)
        item = _message(name, _known(name), envelope.get(2, b""))
    except (IndexError, ValueError, struct.error) as error:
        raise bad_request("the protobuf message cannot be read") from error
    return {"apiVersion": version, "kind": kind, **item}


def _message_of(version: str, kind: str) -> str:
    group, _, number = version.rpartition("/")
    name = _schemas().names.get((group, number, kind))
    if kind == "DeleteOptions":
        name = _OPTIONS
    if name is None or name not in _table():
        text = "the body of the request was in an unknown format - accepted media types include: "
        raise ApiError(415, "UnsupportedMediaType", f"{text}application/json, application/yaml")
    return name


def _message(name: str, known: JsonObject, data: bytes) -> JsonObject:
    entries, found = _table()[name], dict[str, Any]()
    for number, value in _fields(data):
        entry = entries.get(number, _Entry())
        if entry.inlined:
            found |= _message(entry.inlined, known, cast("bytes", value))
        elif entry.field in known:
            _put(found, entry.field, known[entry.field], value)
    return found


def _put(found: JsonObject, field: str, schema: JsonObject, value: int | bytes) -> None:
    match plain_types(schema):
        case ["array"]:
            found.setdefault(field, []).append(_value(schema["items"], value))
        case ["object"] if "additionalProperties" in schema:
            pair = _first(cast("bytes", value))
            inner = _value(schema["additionalProperties"], pair.get(2, b""))
            found.setdefault(field, {})[_text(pair.get(1, b""))] = inner
        case _:
            read = _value(schema, value)
            unset = (read == "" and field not in _EMPTY_IS_A_VALUE) or (
                read == 0 and field in _ZERO_IS_NONE
            )
            if read is not None and not unset:
                found[field] = read


def _value(schema: JsonObject, value: int | bytes) -> Any:  # noqa: PLR0911 # a table of types
    if "$ref" in schema:
        return _named(referred(schema["$ref"]), cast("bytes", value))
    match plain_types(schema):
        case ["string"] if schema.get("format") == "byte":
            return base64.b64encode(cast("bytes", value)).decode()
        case ["string"]:
            return _text(value)
        case ["boolean"]:
            return bool(value)
        case ["number"]:
            return struct.unpack("<d", cast("bytes", value))[0]
        case ["array"]:  # a list as a map's value is a message of its own
            return [_value(schema["items"], v) for _, v in _fields(cast("bytes", value))]
        case _:
            return _signed(value)


def _named(name: str, data: bytes) -> Any:
    said = _first(data)
    match name.rpartition(".")[2]:
        case "Quantity":
            return _text(said.get(1, b""))
        case "IntOrString":
            return _text(said.get(3, b"")) if said.get(1) else _signed(said.get(2, 0))
        case "Time":
            return timestamp(datetime.fromtimestamp(_signed(said[1]), UTC)) if 1 in said else None
        case "MicroTime":
            moment = datetime.fromtimestamp(_signed(said.get(1, 0)), UTC)
            moment = moment.replace(microsecond=_signed(said.get(2, 0)) // 1000)
            return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if 1 in said else None
        case "FieldsV1" | "RawExtension" | "JSON":
            return json.loads(cast("bytes", said.get(1)) or b"null")
        case _:
            return _message(name, _known(name), data) if name in _table() else None


def _known(name: str) -> JsonObject:
    return _schemas().definitions[name].get("properties", {})


def _schemas() -> Schemas:
    return published(_VERSION)


@cache
def _table() -> dict[str, dict[int, _Entry]]:
    table: dict[str, dict[int, _Entry]] = {}
    for line in _TABLE.read_text().splitlines():
        name, *told = line.split()
        table[name] = dict(_entry(word) for word in told)
    return table


def _entry(word: str) -> tuple[int, _Entry]:
    number, mark, rest = word.partition(">")
    if mark:
        return int(number), _Entry(inlined=rest)
    number, _, rest = word.partition(":")
    return int(number), _Entry(field=rest)


def _first(data: Any) -> dict[int, Any]:
    """The fields of a message that repeats none."""
    return dict(_fields(data))


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind, size = key & 7, 0
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            size, at = _varint(data, at)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            size = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"wire type {kind}")
        if at + size > len(data):
            raise ValueError("the message ends too early")
        yield key >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at, value, shift = at + 1, value | (byte & 0x7F) << shift, shift + 7
        if not byte & 0x80:
            return value, at


def _signed(value: Any) -> int:
    """A number as it was before it was written as 64 bits."""
    number = cast("int", value or 0)
    return number - (1 << 64) if number >> 63 else number


def _text(value: Any) -> str:
    return cast("bytes", value or b"").decode()
