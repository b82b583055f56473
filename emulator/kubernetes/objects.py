"""What all API objects have in common.

A stored object is never changed: every write makes a new one, so that lists, watches and
controllers may hold on to what they were given without copying it.
"""

import random
from datetime import UTC, datetime
from typing import Any

JsonObject = dict[str, Any]
Key = tuple[str, str]
"""Namespace (empty for cluster-wide objects) and name."""

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""Letters that Kubernetes makes generated names of: no vowels, so no words."""


def section(item: JsonObject, name: str) -> JsonObject:
    """An object inside an object; empty when it is absent or null."""
    return item.get(name) or {}


def listed(item: JsonObject, name: str) -> list[Any]:
    """A list inside an object; empty when it is absent or null."""
    return item.get(name) or []


def timestamp(moment: datetime | None = None) -> str:
    """RFC 3339 in whole seconds, as ``metav1.Time`` is written."""
    return (moment or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: str) -> datetime:
    """The moment that an RFC 3339 time stamp names."""
    return datetime.fromisoformat(text)


def key_of(item: JsonObject) -> Key:
    """Namespace and name of an object."""
    meta = item["metadata"]
    return meta.get("namespace", ""), meta["name"]


def suffix() -> str:
    """Five letters that make a generated name unique."""
    return "".join(random.choices(_SUFFIX_LETTERS, k=5))


def labels_of(item: JsonObject) -> dict[str, str]:
    """Labels; empty when there are none."""
    return section(item["metadata"], "labels")


def annotations_of(item: JsonObject) -> dict[str, str]:
    """Annotations; empty when there are none."""
    return section(item["metadata"], "annotations")


def status_of(item: JsonObject) -> JsonObject:
    """Status; empty when there is none yet."""
    return section(item, "status")


def deleting(item: JsonObject) -> bool:
    """Whether somebody has asked for its deletion."""
    return "deletionTimestamp" in item["metadata"]


def owner_references(item: JsonObject) -> list[JsonObject]:
    """All owners; empty when there are none."""
    return listed(item["metadata"], "ownerReferences")


def controlled_by(item: JsonObject) -> JsonObject | None:
    """The owner reference marked as controller."""
    return next((r for r in owner_references(item) if r.get("controller")), None)


def owned_by(owner: JsonObject) -> list[JsonObject]:
    """The owner references of something that ``owner`` controls."""
    return [
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]


def with_metadata(item: JsonObject, **changes: Any) -> JsonObject:
    """The object with some metadata replaced; None removes a field."""
    meta = {**item["metadata"], **changes}
    return {**item, "metadata": {k: v for k, v in meta.items() if v is not None}}


def condition(kind: str, reason: str, message: str = "", *, holds: bool = True) -> JsonObject:
    """A condition that begins now."""
    return {
        "type": kind,
        "status": "True" if holds else "False",
        "reason": reason,
        "message": message,
        "lastTransitionTime": timestamp(),
    }


def holds(item: JsonObject, kind: str) -> bool:
    """Whether a condition of the object's status is true."""
    found: list[JsonObject] = listed(status_of(item), "conditions")
    return any(c["type"] == kind and c["status"] == "True" for c in found)


def with_condition(conditions: list[JsonObject], new: JsonObject) -> list[JsonObject]:
    """The list with one condition set; its transition time stays when the status did not change."""
    kept: list[JsonObject] = []
    for old in conditions:
        if old["type"] != new["type"]:
            kept.append(old)
        elif old["status"] == new["status"]:
            new = {**new, "lastTransitionTime": old.get("lastTransitionTime", timestamp())}
    return [*kept, new]
