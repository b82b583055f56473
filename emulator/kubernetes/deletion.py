"""How objects go: at once, after their finalizers, or after their dependents."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from emulator.kubernetes.api_error import ApiError, forbidden
from emulator.kubernetes.objects import (
    JsonObject,
    deleting,
    key_of,
    listed,
    owner_references,
    status_of,
    timestamp,
    with_metadata,
)
from emulator.kubernetes.resources import (
    DEFINITIONS,
    NAMESPACES,
    NODES,
    PODS,
    Catalog,
    Resource,
)
from emulator.kubernetes.store import Store

FOREGROUND = "foregroundDeletion"
_PERMANENT = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """How somebody wants an object gone.

    Attributes:
        policy: ``Background``, ``Foreground`` or ``Orphan``.
        grace: Seconds for pods; None for the pod's own.
        uid: Only the object with this uid; empty for any.
        revision: Only the object at this resourceVersion; empty for any.
    """

    policy: str = "Background"
    grace: int | None = None
    uid: str = ""
    revision: str = ""


class Removal:
    """Deletion and garbage collection over one store."""

    def __init__(self, store: Store, catalog: Catalog) -> None:
        self.store = store
        self.catalog = catalog

    def delete(
        self,
        resource: Resource,
        item: JsonObject,
        wish: Deletion = Deletion(),  # frozen
    ) -> JsonObject:
        """Remove an object, or mark it when somebody has to finish something first.

        Raises:
            ApiError: A precondition does not hold (409), or the object may not go (403).
        """
        self._check_preconditions(resource, item, wish)
        if resource.id == NAMESPACES.id:
            return self._terminate_namespace(item)
        if resource.id == PODS.id and (seconds := self._grace(item, wish)):
            return self._marked(resource, item, grace=seconds)
        meta = item["metadata"]
        finalizers: list[str] = list(listed(meta, "finalizers"))
        if wish.policy == "Orphan":
            self._orphan(meta["uid"])
        if wish.policy == "Foreground" and self.store.dependents(meta["uid"]):
            if FOREGROUND not in finalizers:
                finalizers.append(FOREGROUND)
            marked = self._marked(resource, with_metadata(item, finalizers=finalizers))
            self.collect(meta["uid"])
            return self.store.get(resource, *key_of(item)) or marked
        if finalizers:
            return self._marked(resource, item, grace=0 if resource.id == PODS.id else None)
        return self.remove(resource, item)

    def _check_preconditions(self, resource: Resource, item: JsonObject, wish: Deletion) -> None:
        meta = item["metadata"]
        for label, wanted, found in (
            ("UID", wish.uid, meta["uid"]),
            ("ResourceVersion", wish.revision, meta["resourceVersion"]),
        ):
            if wanted and wanted != found:
                text = (
                    f'Operation cannot be fulfilled on {resource.kind} "{meta["name"]}": the '
                    f"{label} in the precondition ({wanted}) does not match the {label} in record "
                    f"({found}). The object might have been deleted and then recreated"
                )
                details = {"name": meta["name"], "kind": resource.kind}
                raise ApiError(409, "Conflict", text, details)

    def _grace(self, pod: JsonObject, wish: Deletion) -> int:
        """Seconds that a kubelet is given to end the pod; 0 when no kubelet would."""
        node = pod["spec"].get("nodeName")
        if not node or self.store.get(NODES, "", node) is None:
            return 0
        if status_of(pod).get("phase") in ("Succeeded", "Failed") and not deleting(pod):
            return 0
        own = pod["spec"].get("terminationGracePeriodSeconds", 30)
        return own if wish.grace is None else wish.grace

    def _marked(
        self, resource: Resource, item: JsonObject, *, grace: int | None = None
    ) -> JsonObject:
        before = item["metadata"]
        seconds = before.get("deletionGracePeriodSeconds")
        if seconds is not None and grace is not None:
            grace = min(grace, seconds)
        moment = timestamp(datetime.now(UTC) + timedelta(seconds=grace or 0))
        marked = with_metadata(
            item,
            deletionTimestamp=before.get("deletionTimestamp", moment),
            deletionGracePeriodSeconds=grace,
        )
        current = self.store.get(resource, *key_of(item))
        return item if marked == current else self.store.write(resource, marked)

    def _terminate_namespace(self, item: JsonObject) -> JsonObject:
        name = item["metadata"]["name"]
        if name in _PERMANENT:
            raise forbidden(NAMESPACES, name, "this namespace may not be deleted")
        if deleting(item):
            return item
        marked = with_metadata(item, deletionTimestamp=timestamp())
        return self.store.write(NAMESPACES, {**marked, "status": {"phase": "Terminating"}})

    def remove(self, resource: Resource, item: JsonObject) -> JsonObject:
        """Drop an object at once, with everything that only it owned."""
        gone = self.store.remove(resource, item)
        if resource.id == DEFINITIONS.id:
            self._undefine(gone)
        self.collect(gone["metadata"]["uid"])
        self._finish_foreground(gone)
        return gone

    def collect(self, owner: str) -> None:
        """Delete what an owner leaves behind; co-owned objects only lose the reference."""
        for resource, key in self.store.dependents(owner):
            item = self.store.get(resource, *key)
            if item is None or deleting(item):
                continue
            others = [r for r in owner_references(item) if r["uid"] != owner]
            if any(self._lives(r, key[0]) for r in others):
                self.store.write(resource, with_metadata(item, ownerReferences=others))
            else:
                self.delete(resource, item)

    def _lives(self, reference: JsonObject, namespace: str) -> bool:
        resource = self.catalog.by_kind(reference["apiVersion"], reference["kind"])
        if resource is None:
            return False
        home = namespace if resource.namespaced else ""
        found = self.store.get(resource, home, reference["name"])
        return found is not None and found["metadata"]["uid"] == reference["uid"]

    def _orphan(self, owner: str) -> None:
        for resource, key in self.store.dependents(owner):
            item = self.store.get(resource, *key)
            if item is not None:
                others = [r for r in owner_references(item) if r["uid"] != owner]
                self.store.write(resource, with_metadata(item, ownerReferences=others or None))

    def _finish_foreground(self, gone: JsonObject) -> None:
        for reference in owner_references(gone):
            resource = self.catalog.by_kind(reference["apiVersion"], reference["kind"])
            home = gone["metadata"].get("namespace", "") if resource and resource.namespaced else ""
            owner = self.store.get(resource, home, reference["name"]) if resource else None
            if resource is None or owner is None or self.store.dependents(reference["uid"]):
                continue
            finalizers = listed(owner["metadata"], "finalizers")
            if FOREGROUND in finalizers:
                left = [f for f in finalizers if f != FOREGROUND]
                freed = with_metadata(owner, finalizers=left or None)
                if left:
                    self.store.write(resource, freed)
                else:
                    self.remove(resource, freed)

    def _undefine(self, definition: JsonObject) -> None:
        spec = definition["spec"]
        served = [r for r in self.catalog if r.id == (spec["group"], spec["names"]["plural"])]
        for item in self.store.objects(served[0]) if served else []:
            self.store.remove(served[0], item)
        self.catalog.forget(definition)
