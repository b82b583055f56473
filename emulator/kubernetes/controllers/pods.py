"""What controllers that own pods share: finding their pods and making new ones."""

from emulator.kubernetes.objects import (
    JsonObject,
    controlled_by,
    deleting,
    holds,
    key_of,
    owned_by,
    section,
    status_of,
)
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.resources import PODS, Resource


def owned(operations: Operations, owner: JsonObject, resource: Resource = PODS) -> list[JsonObject]:
    """Objects of a kind that ``owner`` controls, by name."""
    uid = owner["metadata"]["uid"]
    found = [
        item
        for kind, key in operations.store.dependents(uid)
        if kind.id == resource.id and (item := operations.store.get(kind, *key)) is not None
    ]
    mine = [i for i in found if (controlled_by(i) or {}).get("uid") == uid]
    return sorted(mine, key=key_of)


def finished(pod: JsonObject) -> bool:
    """Whether all its containers have ended for good."""
    return status_of(pod).get("phase") in ("Succeeded", "Failed")


def active(pod: JsonObject) -> bool:
    """Whether it runs or will run."""
    return not finished(pod) and not deleting(pod)


def ready(pod: JsonObject) -> bool:
    """Whether it serves."""
    return active(pod) and holds(pod, "Ready")


def from_template(owner: JsonObject, template: JsonObject, *, name: str = "") -> JsonObject:
    """A new pod of ``owner``; its name is generated unless given."""
    wanted = section(template, "metadata")
    meta: JsonObject = {
        k: wanted[k] for k in ("labels", "annotations", "finalizers") if wanted.get(k)
    }
    if name:
        meta["name"] = name
    else:
        meta["generateName"] = f"{owner['metadata']['name']}-"
    meta["ownerReferences"] = owned_by(owner)
    return {"metadata": meta, "spec": template["spec"]}


def changed_pods(owner: JsonObject | None, kind: str) -> list[tuple[str, str]]:
    """The key of the owner of that kind, for events of what it owns."""
    reference = controlled_by(owner) if owner else None
    if owner is None or reference is None or reference["kind"] != kind:
        return []
    return [(owner["metadata"]["namespace"], reference["name"])]
