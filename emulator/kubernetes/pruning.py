"""Custom objects lose the fields that their definition does not know.

Facts: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
"""

from collections.abc import Callable
from typing import Any, cast

from emulator.kubernetes.objects import JsonObject, section

_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
_EVERY_OBJECT = ("apiVersion", "kind", "metadata")


def prune(item: JsonObject, schema: JsonObject | None) -> tuple[JsonObject, list[str]]:
    """A custom object as it is stored, and where fields were dropped; without a schema none are."""
    if schema is None:
        return item, []
    dropped: list[str] = []
    kept = cast("JsonObject", _pruned(item, schema, "", dropped.append))
    own = {name: item[name] for name in _EVERY_OBJECT if name in item}
    return kept | own, [path for path in dropped if path.partition(".")[0] not in _EVERY_OBJECT]


def _pruned(value: Any, schema: JsonObject, path: str, drop: Callable[[str], None]) -> Any:
    if isinstance(value, list):
        items = enumerate(cast("list[Any]", value))
        return [_pruned(v, section(schema, "items"), f"{path}[{n}]", drop) for n, v in items]
    if not isinstance(value, dict):
        return value
    known, others = section(schema, "properties"), schema.get("additionalProperties")
    kept: JsonObject = {}
    for name, inner in cast("JsonObject", value).items():
        below = f"{path}.{name}" if path else name
        if name in known:
            kept[name] = _pruned(inner, known[name], below, drop)
        elif isinstance(others, dict):
            kept[name] = _pruned(inner, cast("JsonObject", others), below, drop)
        elif others or schema.get(_PRESERVE) or (schema.get(_EMBEDDED) and name in _EVERY_OBJECT):
            kept[name] = inner
        else:
            drop(below)
    return kept
