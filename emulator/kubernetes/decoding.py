"""What cannot be read as an object of its kind at all, which the API server says before any rule.

Only fields that people get wrong are looked at: map values, base64, quantities.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from emulator.kubernetes.api_error import bad_request
from emulator.kubernetes.objects import JsonObject, listed, section
from emulator.kubernetes.quantities import parse_quantity
from emulator.kubernetes.resources import Resource

_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]")
_QUANTITY = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_GO_NAMES = ((bool, "bool"), (int | float, "number"), (list, "array"), (dict, "object"))


def require_readable(resource: Resource, item: JsonObject) -> None:
    """Look whether an object can be one of its kind.

    Raises:
        ApiError: It cannot (400).
    """
    why = "" if resource.custom else next(_faults(resource.kind, item), "")
    if why:
        kind, version = resource.kind, resource.api_version
        raise bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {why}')


def _faults(kind: str, item: JsonObject) -> Iterator[str]:
    if kind == "ConfigMap":
        for value in section(item, "data").values():
            if not isinstance(value, str):
                named = next((n for t, n in _GO_NAMES if isinstance(value, t)), "null")
                field = "Go struct field ConfigMap.data of type string"
                yield f"json: cannot unmarshal {named} into {field}"
    if kind == "Secret":
        yield from _not_base64(section(item, "data"))
    for amounts in _amounts(kind, item):
        yield from _not_quantities(amounts)


def _not_base64(data: JsonObject) -> Iterator[str]:
    for value in data.values():
        if not isinstance(value, str | None):
            yield "json: cannot unmarshal object into Go struct field Secret.data of type []uint8"
            continue
        try:
            base64.b64decode(value or "", validate=True)
        except (binascii.Error, ValueError):
            wrong = _NOT_BASE64.search(value or "")
            where = wrong.start() if wrong else len(value or "")
            yield f"illegal base64 data at input byte {where}"


def _amounts(kind: str, item: JsonObject) -> Iterator[Any]:
    spec = section(item, "spec")
    if kind == "ResourceQuota":
        yield section(spec, "hard")
    if kind == "PersistentVolumeClaim":
        yield section(section(spec, "resources"), "requests")
    pod = spec if kind == "Pod" else section(section(spec, "template"), "spec")
    for container in [*listed(pod, "initContainers"), *listed(pod, "containers")]:
        wanted = section(container, "resources")
        yield section(wanted, "requests")
        yield section(wanted, "limits")


def _not_quantities(amounts: JsonObject) -> Iterator[str]:
    for value in amounts.values():
        try:
            parse_quantity(value)
        except ValueError:
            yield _QUANTITY
