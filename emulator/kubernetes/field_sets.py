"""Sets of fields, and what can be done with them.

They are kept in the ``FieldsV1`` form that Kubernetes shows: a tree whose keys are ``f:NAME``,
``k:{KEY JSON}`` for items of keyed lists, ``v:VALUE`` for items of sets, and ``.`` for the item
itself.
"""

import json
from typing import Any, cast

from emulator.kubernetes.merge_keys import SETS, merge_key, position
from emulator.kubernetes.objects import JsonObject

type Fields = dict[str, Any]


def fields_of(value: Any, name: str = "", *, keyed: bool = True) -> Fields:
    """The tree of all fields that a value sets; a leaf is an empty tree."""
    if isinstance(value, dict):
        return {
            f"f:{k}": fields_of(v, k, keyed=keyed) for k, v in cast("JsonObject", value).items()
        }
    if isinstance(value, list) and keyed:
        items = cast("list[Any]", value)
        if name in SETS:
            return {f"v:{json.dumps(v)}": {} for v in items}
        key = merge_key(name, items)
        if key is not None:
            return {_item(key, i): {".": {}, **fields_of(i)} for i in items}
    return {}


def _item(key: str, item: JsonObject) -> str:
    return "k:" + json.dumps({key: item[key]}, separators=(",", ":"))


def changed(old: Any, new: Any, name: str = "", *, keyed: bool = True) -> Fields:
    """Fields that ``new`` sets to something else than ``old`` had."""
    if isinstance(new, dict) and isinstance(old, dict):
        before, after = cast("JsonObject", old), cast("JsonObject", new)
        result: Fields = {}
        for key, value in after.items():
            if key not in before:
                result[f"f:{key}"] = fields_of(value, key, keyed=keyed)
            elif before[key] is not value and before[key] != value:
                result[f"f:{key}"] = changed(before[key], value, key, keyed=keyed)
        return result
    if isinstance(new, list) and isinstance(old, list) and keyed:
        return _changed_items(cast("list[Any]", old), cast("list[Any]", new), name)
    return fields_of(new, name, keyed=keyed)


def _changed_items(old: list[Any], new: list[Any], name: str) -> Fields:
    key = merge_key(name, [*old, *new])
    if key is None:
        return {}
    result: Fields = {}
    for item in new:
        found = position(old, key, item[key])
        if found is None:
            result[_item(key, item)] = {".": {}, **fields_of(item)}
        elif old[found] != item:
            result[_item(key, item)] = changed(old[found], item)
    return result


def union(one: Fields, other: Fields) -> Fields:
    """Fields of either."""
    return one | {k: union(one.get(k, {}), v) for k, v in other.items()}


def without(one: Fields, other: Fields) -> Fields:
    """Fields of the first that the second does not have; branches that become empty go."""
    result: Fields = {}
    for key, below in one.items():
        if key not in other:
            result[key] = below
        elif below and (rest := without(below, other[key])):
            result[key] = rest
    return result


def overlap(one: Fields, other: Fields) -> list[tuple[str, ...]]:
    """Paths of leaves that both have; an empty map conflicts with nothing inside a full one."""
    found: list[tuple[str, ...]] = []
    for key in one.keys() & other.keys():
        if key == ".":
            continue
        if not one[key] and not other[key]:
            found.append((key,))
        else:
            found += [(key, *rest) for rest in overlap(one[key], other[key])]
    return sorted(found)


def value_at(item: Any, path: tuple[str, ...], name: str = "") -> Any:
    """What an object has at a path of a field tree; None for nothing."""
    for step in path:
        if step.startswith("f:"):
            name = step[2:]
            item = cast("JsonObject", item).get(name) if isinstance(item, dict) else None
        elif step.startswith("k:"):
            (key, value), *_ = json.loads(step[2:]).items()
            items = cast("list[JsonObject]", item or [])
            found = position(items, key, value)
            item = None if found is None else items[found]
        else:
            item = json.loads(step[2:]) if json.loads(step[2:]) in (item or []) else None
    return item


def drop(item: Any, gone: Fields) -> Any:
    """The value without the fields of a tree; a keyed item goes when its ``.`` goes."""
    if isinstance(item, dict):
        result: JsonObject = {}
        for key, value in cast("JsonObject", item).items():
            below = gone.get(f"f:{key}")
            if below is None:
                result[key] = value
            elif below:
                rest = drop(value, below)
                if rest not in ({}, []):
                    result[key] = rest
        return result
    if isinstance(item, list):
        return _drop_items(cast("list[Any]", item), gone)
    return item


def _drop_items(items: list[Any], gone: Fields) -> list[Any]:
    result: list[Any] = list(items)
    for step, below in gone.items():
        if step.startswith("v:"):
            result = [v for v in result if v != json.loads(step[2:])]
        elif step.startswith("k:"):
            (key, value), *_ = json.loads(step[2:]).items()
            found = position(result, key, value)
            if found is not None and "." in below:
                result.pop(found)
            elif found is not None:
                result[found] = drop(result[found], below)
    return result
