"""What the API server makes of a body: an object of a kind, and complaints about the rest of it.

A field that the kind does not know is dropped; a value of a wrong type is refused at once, in the
words of Go's decoder.
"""

from dataclasses import dataclass, field
from typing import Any, cast

from emulator.kubernetes.api_error import bad_request
from emulator.kubernetes.go_values import (
    Place,
    Unreadable,
    go_type,
    require_integer,
    require_plain,
    require_quantity,
    step,
)
from emulator.kubernetes.objects import JsonObject
from emulator.kubernetes.pruning import prune
from emulator.kubernetes.published_schemas import Schemas, plain_types, published, referred
from emulator.kubernetes.resources import Resource

_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"


@dataclass(frozen=True, slots=True)
class Decoded:
    """An object of its kind.

    Attributes:
        unknown: Where fields were that the kind does not know, such as ``spec.containers[0].x``.
    """

    item: JsonObject
    unknown: tuple[str, ...]


class Decoder:
    """Reads objects of the kinds of one Kubernetes version, such as 1.36.3."""

    def __init__(self, version: str) -> None:
        self._version = version

    def decode(self, resource: Resource, item: JsonObject) -> Decoded:
        """The object that a body means.

        Raises:
            ApiError: It cannot be one of its kind (400).
        """
        require_type(resource, item)
        try:
            return self.understand(resource, item)
        except Unreadable as why:
            kind, version = resource.kind, resource.version
            text = f'{kind} in version "{version}" cannot be handled as a {kind}: {why}'
            raise bad_request(text) from why

    def understand(self, resource: Resource, item: JsonObject, *, keyed: bool = False) -> Decoded:
        """As ``decode``, for a body whose kind is known.

        Args:
            resource: Its kind.
            item: The body.
            keyed: Whether unknown fields are found by the keys of lists instead of by indexes.

        Raises:
            Unreadable: A value has a wrong type.
        """
        reading = _Reading(published(self._version), keyed)
        if resource.custom:
            meta, whole = item.get("metadata"), item
            if meta is not None:
                place = Place(resource.kind, "metadata", "metadata")
                meta = reading.value({"$ref": f"#/$defs/{_META}"}, meta, place)
                whole = {**item, "metadata": meta}
            kept, dropped = prune(whole, resource.schema)
            return Decoded(kept, tuple(sorted([*reading.unknown, *dropped])))
        schema = reading.schemas.of(resource.group, resource.version, resource.kind)
        if schema is None:
            return Decoded(item, ())
        read = reading.struct(schema, item, Place(resource.kind))
        return Decoded(read, tuple(reading.unknown))


def require_type(resource: Resource, item: JsonObject) -> None:
    """Look whether a body says what its address says; it may say nothing.

    Raises:
        ApiError: It says something else (400).
    """
    version, kind = item.get("apiVersion"), item.get("kind")
    if kind not in (None, "", resource.kind):
        raise bad_request(
            f'{kind} in version "{version}" cannot be handled as a {resource.kind}: no kind '
            f'"{kind}" is registered for version "{version}"'
        )
    if version not in (None, "", resource.api_version):
        raise bad_request(
            f"the API version in the data ({version}) does not match the expected API version "
            f"({resource.api_version})"
        )


@dataclass(slots=True)
class _Reading:
    """One body being read."""

    schemas: Schemas
    keyed: bool
    unknown: list[str] = field(default_factory=list[str])

    def value(self, schema: JsonObject, value: Any, place: Place) -> Any:
        reference = schema.get("$ref")
        if reference is not None:
            return self._named(referred(reference), value, place)
        kinds = plain_types(schema)
        if value is None:
            return "" if "string" in kinds else None
        if "array" in kinds:
            return self._list(schema, value, place)
        if "object" in kinds:
            return self._map(schema, value, place)
        if "integer" in kinds:
            require_integer(schema, value, place)
        elif kinds:
            require_plain(schema, kinds[0], value, place)
        return value

    def struct(self, schema: JsonObject, item: JsonObject, place: Place) -> JsonObject:
        """An object without its unknown and null fields."""
        known, read = schema["properties"], dict[str, Any]()
        for name, value in item.items():
            at = place.field(name)
            if name not in known:
                self.unknown.append(at.path)
            elif value is not None:
                read[name] = self.value(known[name], value, at)
        return read

    def _named(self, name: str, value: Any, place: Place) -> Any:
        schema = self.schemas.definitions[name]
        if name == _QUANTITY and value is not None:
            require_quantity(value)
        elif name == _INT_OR_STRING and not isinstance(value, str | None):
            require_integer({"format": "int32"}, value, place)
        if "properties" not in schema:
            return self.value(schema, value, place)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise place.refuse(value, ".".join(name.split(".")[-2:]))
        inner = Place(name.rpartition(".")[2], place.path, place.names)
        return self.struct(schema, cast("JsonObject", value), inner)

    def _list(self, schema: JsonObject, value: Any, place: Place) -> list[Any]:
        if not isinstance(value, list):
            raise place.refuse(value, go_type(schema))
        items = enumerate(cast("list[Any]", value))
        keys = schema.get("x-kubernetes-list-map-keys", ()) if self.keyed else ()
        return [self.value(schema["items"], v, place.inside(step(n, v, keys))) for n, v in items]

    def _map(self, schema: JsonObject, value: Any, place: Place) -> JsonObject:
        if not isinstance(value, dict):
            raise place.refuse(value, go_type(schema))
        inner, said = schema.get("additionalProperties"), cast("JsonObject", value)
        if not isinstance(inner, dict):
            return said
        values = cast("JsonObject", inner)
        return {k: self.value(values, v, place.inside(f".{k}")) for k, v in said.items()}
