"""Makes ``protobuf_fields.txt``: the numbers of the fields of the built-in kinds.

Run with the folder of Go modules that hold ``generated.proto``, of the release that is emulated::

    python -m emulator.kubernetes.protobuf_fields "$(go env GOMODCACHE)/k8s.io" 0.36.3

Source: https://github.com/kubernetes/api and https://github.com/kubernetes/apimachinery
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from emulator.kubernetes.objects import JsonObject
from emulator.kubernetes.published_schemas import Schemas, published, referred
from emulator.kubernetes.resources import BUILT_IN

TABLE = Path(__file__).with_name("protobuf_fields.txt")
_MODULES = ("api", "apimachinery")
_BESIDES = (
    "io.k8s.api.autoscaling.v1.Scale", "io.k8s.api.policy.v1.Eviction",
    "io.k8s.api.authentication.v1.TokenRequest", "io.k8s.api.core.v1.Binding",
    "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions",
)  # fmt: skip # a list of names
"""Kinds of bodies that are no objects."""
_PACKAGE = re.compile(r"^package ([\w.]+);", re.MULTILINE)
_MESSAGE = re.compile(r"^message (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(
    r"^  (?:optional|repeated|required)? ?(map<.*>|\.?[\w.]+) (\w+) = (\d+);", re.MULTILINE
)

type Fields = dict[str, dict[str, tuple[int, str]]]
"""Number and type by field, by message."""


def read(root: Path, version: str) -> Fields:
    """All messages below a folder of modules, by the names that OpenAPI gives them."""
    found: Fields = {}
    for module in _MODULES:
        for file in sorted((root / f"{module}@v{version}").rglob("generated.proto")):
            text = file.read_text()
            package = _PACKAGE.search(text)
            assert package is not None, file  # noqa: S101 # every one of them has a package
            for name, body in _MESSAGE.findall(text):
                fields = {field: (int(n), said) for said, field, n in _FIELD.findall(body)}
                found[_full(f"{package[1]}.{name}")] = {
                    field: (number, _type(package[1], said))
                    for field, (number, said) in fields.items()
                }
    return found


def _full(name: str) -> str:
    return "io.k8s." + name.removeprefix("k8s.io.").replace("_", "-")


def _type(package: str, said: str) -> str:
    if said.startswith(".k8s.io."):
        return _full(said[1:])
    return _full(f"{package}.{said}") if said[0].isupper() else said


def lines(fields: Fields, schemas: Schemas) -> Iterator[str]:
    """The table: ``MESSAGE NUMBER:FIELD …``, or ``NUMBER>MESSAGE`` for what Go embeds.

    OpenAPI shows the fields of an embedded message as those of the message around it.
    """
    waiting = [schemas.names[r.group, r.version, r.kind] for r in BUILT_IN] + list(_BESIDES)
    done: set[str] = set()
    while waiting:
        name = waiting.pop()
        known = schemas.definitions.get(name, {}).get("properties", {})
        if name in done or name not in fields:
            continue
        done.add(name)
        told: list[str] = []
        for field, (number, kind) in fields[name].items():
            inlined = name in schemas.definitions and field not in known and kind in fields
            told.append(f"{number}>{kind}" if inlined else f"{number}:{field}")
            if inlined or name not in schemas.definitions:
                waiting.append(kind)
        waiting += [n for schema in known.values() for n in _leads_to(schema)]
        yield " ".join((name, *told))


def _leads_to(schema: JsonObject) -> Iterator[str]:
    if isinstance(reference := schema.get("$ref"), str):
        yield referred(reference)
    for key in ("items", "additionalProperties"):
        inner = schema.get(key)
        if isinstance(inner, dict):
            yield from _leads_to(cast("JsonObject", inner))


if __name__ == "__main__":
    root, version = Path(sys.argv[1]), sys.argv[2]
    kubernetes = f"1.{version.partition('.')[2]}"
    TABLE.write_text("\n".join(sorted(lines(read(root, version), published(kubernetes)))) + "\n")
