"""Three of the four ways to change an object in part; the fourth is ``field_ownership``."""

import copy
from typing import Any, cast

import jsonpatch  # pyright: ignore[reportMissingTypeStubs] # ships none

from emulator.kubernetes.api_error import ApiError
from emulator.kubernetes.merge_keys import SETS, merge_key, position
from emulator.kubernetes.objects import JsonObject, listed


def merge(target: Any, patch: Any) -> Any:
    """JSON merge patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    result: JsonObject = dict(cast("JsonObject", target)) if isinstance(target, dict) else {}
    for name, value in cast("JsonObject", patch).items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge(result.get(name), value)
    return result


def json_patch(target: JsonObject, operations: Any) -> JsonObject:
    """JSON patch (RFC 6902).

    Raises:
        ApiError: An operation does not fit the object (422).
    """
    try:
        return cast("JsonObject", jsonpatch.apply_patch(copy.deepcopy(target), operations))  # pyright: ignore[reportUnknownMemberType] # untyped library
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError) as error:
        text = "the server rejected our request due to an error in our request"
        raise ApiError(422, "Invalid", text, {}) from error


def strategic(target: Any, patch: Any, name: str = "") -> Any:
    """Strategic merge patch: lists with a merge key are merged by it, others replaced.

    Understands ``$patch: delete | replace``, ``$deleteFromPrimitiveList/…`` and ``$retainKeys``.
    """
    if isinstance(patch, list):
        return _strategic_list(target, cast("list[Any]", patch), name)
    if not isinstance(patch, dict):
        return patch
    changes = cast("JsonObject", patch)
    if changes.get("$patch") == "replace":
        return {k: v for k, v in changes.items() if k != "$patch"}
    result: JsonObject = dict(cast("JsonObject", target)) if isinstance(target, dict) else {}
    if (retained := changes.get("$retainKeys")) is not None:
        result = {k: v for k, v in result.items() if k in retained}
    for field, value in changes.items():
        if field.startswith("$deleteFromPrimitiveList/"):
            name = field.partition("/")[2]
            result[name] = [v for v in listed(result, name) if v not in value]
        elif field.startswith("$"):
            continue
        elif value is None:
            result.pop(field, None)
        else:
            result[field] = strategic(result.get(field), value, field)
    return result


def _strategic_list(target: Any, patch: list[Any], name: str) -> list[Any]:
    old: list[Any] = cast("list[Any]", target) if isinstance(target, list) else []
    if name in SETS:
        return [*old, *(v for v in patch if v not in old)]
    if {"$patch": "replace"} in patch:
        return [v for v in patch if v != {"$patch": "replace"}]
    key = merge_key(name, [*old, *patch])
    if key is None:
        return [v for v in patch if not (isinstance(v, dict) and "$patch" in v)]
    result: list[JsonObject] = list(old)
    for item in cast("list[JsonObject]", patch):
        found = position(result, key, item[key])
        if item.get("$patch") == "delete":
            if found is not None:
                result.pop(found)
        elif found is None:
            result.append(strategic({}, item))
        else:
            result[found] = strategic(result[found], item)
    return result
