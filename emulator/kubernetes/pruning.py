"""Custom objects lose the fields that their definition does not know.

Facts: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
"""

from typing import Any, cast

from emulator.kubernetes.objects import JsonObject, section

_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
_EVERY_OBJECT = ("apiVersion", "kind", "metadata")


def prune(item: JsonObject, schema: JsonObject | None) -> JsonObject:
    """A custom object as it is stored; one without a schema stays as it is."""
    if schema is None:
        return item
    kept = cast("JsonObject", _pruned(item, schema))
    return kept | {name: item[name] for name in _EVERY_OBJECT if name in item}


def _pruned(value: Any, schema: JsonObject) -> Any:
    if isinstance(value, list):
        return [_pruned(item, section(schema, "items")) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    known, others = section(schema, "properties"), schema.get("additionalProperties")
    kept: JsonObject = {}
    for name, inner in cast("JsonObject", value).items():
        if name in known:
            kept[name] = _pruned(inner, known[name])
        elif isinstance(others, dict):
            kept[name] = _pruned(inner, cast("JsonObject", others))
        elif others or schema.get(_PRESERVE) or (schema.get(_EMBEDDED) and name in _EVERY_OBJECT):
            kept[name] = inner
    return kept
