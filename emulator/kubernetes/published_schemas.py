"""The published OpenAPI schemas of the built-in kinds, one set for each minor version.

They come with the package ``kubernetes-validate``, made of the ``swagger.json`` of each release:
https://github.com/kubernetes/kubernetes/tree/master/api/openapi-spec
"""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from emulator.kubernetes.objects import JsonObject

_FOLDER = re.compile(r"^v(\d+)\.(\d+)\.\d+-local$")
_REFERENCE = "#/$defs/"


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schemas of one version.

    Attributes:
        definitions: Schema by full name, such as ``io.k8s.api.core.v1.Pod``.
        names: Full name by group, version and kind.
    """

    definitions: dict[str, JsonObject] = field(repr=False)
    names: dict[tuple[str, str, str], str] = field(repr=False)

    def of(self, group: str, version: str, kind: str) -> JsonObject | None:
        """Schema of a kind; None when it is not built in."""
        name = self.names.get((group, version, kind))
        return None if name is None else self.definitions[name]

    def resolve(self, schema: JsonObject) -> JsonObject:
        """What a reference leads to; any other schema itself."""
        reference = schema.get("$ref")
        return schema if reference is None else self.definitions[referred(reference)]


def referred(reference: str) -> str:
    """The full name that a reference between the schemas names."""
    return reference.rpartition(_REFERENCE)[2]


def plain_types(schema: JsonObject) -> list[str]:
    """The types of a schema but ``null``, which the package adds to each."""
    said: str | list[str] = schema.get("type", [])
    return [kind for kind in ([said] if isinstance(said, str) else said) if kind != "null"]


@cache
def published(version: str) -> Schemas:
    """The schemas of a Kubernetes version such as 1.36.3.

    The newest that are not newer, where the package does not know the minor version.

    Raises:
        LookupError: The package has none so old.
    """
    wanted = tuple(int(part) for part in version.split(".")[:2])
    known = {minor: folder for minor, folder in _folders() if minor <= wanted}
    if not known:
        raise LookupError(f"kubernetes-validate has no schemas for Kubernetes {version}")
    text = (known[max(known)] / "_definitions.json").read_text()
    definitions: dict[str, JsonObject] = json.loads(text)["$defs"]
    names = {
        (said["group"], said["version"], said["kind"]): name
        for name, schema in definitions.items()
        # Options such as DeleteOptions stand in every group; nobody looks them up by kind.
        if len(said_of := schema.get("x-kubernetes-group-version-kind", ())) == 1
        for said in said_of
    }
    return Schemas(definitions, names)


def _folders() -> list[tuple[tuple[int, ...], Traversable]]:
    root = files("kubernetes_validate") / "kubernetes-json-schema"
    found = ((_FOLDER.match(folder.name), folder) for folder in root.iterdir())
    return [((int(m[1]), int(m[2])), folder) for m, folder in found if m is not None]
