"""Server-side apply: who owns which field, conflicts, and fields nobody applies any more."""

from dataclasses import dataclass
from typing import Any, cast

from emulator.kubernetes.api_error import ApiError
from emulator.kubernetes.field_sets import (
    Fields,
    changed,
    drop,
    fields_of,
    overlap,
    union,
    value_at,
    without,
)
from emulator.kubernetes.last_applied import MANAGER, last_applied
from emulator.kubernetes.merge_keys import SETS, merge_key, position
from emulator.kubernetes.objects import JsonObject, listed, timestamp, with_metadata

_NOBODYS = frozenset({
    "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink", "generateName",
})  # fmt: skip # a list of names


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes.

    Attributes:
        manager: Field manager; clients that name none get the first word of their User-Agent.
        subresource: Empty, or ``status`` and so on: owners are kept apart by it.
        keyed: Whether lists may be merged by key; custom resources declare none.
    """

    manager: str
    subresource: str = ""
    keyed: bool = True

    def wrote(self, entry: JsonObject, operation: str) -> bool:
        """Whether an entry of ``managedFields`` is this author's."""
        return (
            entry["manager"] == self.manager
            and entry["operation"] == operation
            and entry.get("subresource", "") == self.subresource
        )


def object_fields(item: JsonObject, *, keyed: bool = True) -> Fields:
    """Fields of a whole object, without those that belong to the server or name the object."""
    found = fields_of(
        {k: v for k, v in item.items() if k not in ("apiVersion", "kind")}, keyed=keyed
    )
    meta = {k: v for k, v in found.pop("f:metadata", {}).items() if k[2:] not in _NOBODYS}
    return found | ({"f:metadata": meta} if meta else {})


def _overlay(live: Any, applied: Any, name: str, *, keyed: bool) -> Any:
    if isinstance(applied, dict) and isinstance(live, dict):
        base = cast("JsonObject", live)
        return base | {
            k: _overlay(base.get(k), v, k, keyed=keyed)
            for k, v in cast("JsonObject", applied).items()
        }
    if isinstance(applied, list) and isinstance(live, list) and keyed:
        old, new = cast("list[Any]", live), cast("list[Any]", applied)
        if name in SETS:
            return [*old, *(v for v in new if v not in old)]
        key = merge_key(name, [*old, *new])
        if key is not None:
            result = list(old)
            for item in new:
                found = position(result, key, item[key])
                if found is None:
                    result.append(item)
                else:
                    result[found] = _overlay(result[found], item, "", keyed=keyed)
            return result
    return cast("Any", applied)


def apply(live: JsonObject, applied: JsonObject, author: Author, *, force: bool) -> JsonObject:
    """The live object after ``author`` has applied its whole intent.

    Fields that the author applied before, no longer does and that no one else owns are removed.

    Raises:
        ApiError: Another manager owns a field with another value and ``force`` is false (409).
    """
    entries: list[JsonObject] = listed(live["metadata"], "managedFields")
    wanted = object_fields(applied, keyed=author.keyed)
    mine = next((e for e in entries if author.wrote(e, "Apply")), None)
    others = [e for e in entries if e is not mine]
    contested = [
        (entry, path)
        for entry in others
        for path in overlap(wanted, entry["fieldsV1"])
        if value_at(live, path) != value_at(applied, path)
    ]
    if not force and (refused := _refused(live, contested, author)):
        raise _conflict(refused)
    for entry, path in contested:
        others = [_released(e, path) if e is entry else e for e in others]
    previous: Fields = mine["fieldsV1"] if mine else {}
    abandoned = without(previous, wanted)
    for entry in others:
        abandoned = without(abandoned, entry["fieldsV1"])
    kept = drop(live, abandoned)
    merged = cast("JsonObject", _overlay(kept, applied, "", keyed=author.keyed))
    entry = _entry(author, "Apply", live["apiVersion"], wanted)
    if mine is not None and mine["fieldsV1"] == wanted:
        entry = mine
    owners = [*(e for e in others if e["fieldsV1"]), entry]
    return with_metadata({**merged, "metadata": {**merged["metadata"]}}, managedFields=owners)


type Contested = list[tuple[JsonObject, tuple[str, ...]]]
"""Entry of the manager who owns a field, and the field's path."""


def _refused(live: JsonObject, contested: Contested, author: Author) -> Contested:
    """Conflicts that stand: kubectl may take over what it has applied from the client's side."""
    former = last_applied(live) if author.manager == MANAGER else None
    if former is None:
        return contested
    return [
        (entry, path)
        for entry, path in contested
        if value_at(former, path) is None or value_at(former, path) != value_at(live, path)
    ]


def _released(entry: JsonObject, path: tuple[str, ...]) -> JsonObject:
    gone: Fields = {}
    for step in reversed(path):
        gone = {step: gone}
    return {**entry, "fieldsV1": without(entry["fieldsV1"], gone)}


def _entry(author: Author, operation: str, api_version: str, fields: Fields) -> JsonObject:
    return {
        "manager": author.manager,
        "operation": operation,
        "apiVersion": api_version,
        "time": timestamp(),
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
        **({"subresource": author.subresource} if author.subresource else {}),
    }


def record_update(old: JsonObject | None, new: JsonObject, author: Author) -> JsonObject:
    """The new object with its author noted as the owner of every field that changed.

    The notes of ``new`` itself are the older ones, because a client may change them, too; one that
    is empty takes all notes away.
    """
    before = old or {"metadata": {}}
    entries: list[JsonObject] = [e for e in listed(new["metadata"], "managedFields") if e]
    mine_now = _without_server_fields(changed(before, new, keyed=author.keyed))
    if old is None:
        mine_now = object_fields(new, keyed=author.keyed)
    if not mine_now:
        return with_metadata(new, managedFields=entries or None)
    mine = next((e for e in entries if author.wrote(e, "Update")), None)
    owned = union(mine["fieldsV1"], mine_now) if mine else mine_now
    rest = [{**e, "fieldsV1": without(e["fieldsV1"], mine_now)} for e in entries if e is not mine]
    written = _entry(author, "Update", new["apiVersion"], owned)
    return with_metadata(new, managedFields=[*(e for e in rest if e["fieldsV1"]), written])


def _without_server_fields(found: Fields) -> Fields:
    meta = {k: v for k, v in found.get("f:metadata", {}).items() if k[2:] not in _NOBODYS}
    rest = {k: v for k, v in found.items() if k not in ("f:metadata", "f:apiVersion", "f:kind")}
    return rest | ({"f:metadata": meta} if meta else {})


def _conflict(contested: Contested) -> ApiError:
    def shown(path: tuple[str, ...]) -> str:
        return "".join(
            f".{s[2:]}" if s.startswith("f:") else f"[{s[2:].strip('{}').replace(':', '=', 1)}]"
            for s in path
        )

    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": f'conflict with "{entry["manager"]}" using {entry["apiVersion"]}',
            "field": shown(path),
        }
        for entry, path in contested
    ]
    count = f"{len(causes)} conflict{'s' if len(causes) > 1 else ''}"
    told = "\n".join(f"- {c['field']}" for c in causes)
    single = f"{causes[0]['message']}: {causes[0]['field']}"
    text = single if len(causes) == 1 else f"{causes[0]['message']}:\n{told}"
    return ApiError(409, "Conflict", f"Apply failed with {count}: {text}", {"causes": causes})
