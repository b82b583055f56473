"""Creating, changing and deleting objects by the rules; both clients and controllers come here."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.kubernetes import quota
from emulator.kubernetes.api_error import (
    already_exists,
    bad_request,
    conflict,
    forbidden,
    invalid,
    not_found,
    required,
    stale,
)
from emulator.kubernetes.defaults import Defaults, is_default_class
from emulator.kubernetes.field_ownership import Author, record_update
from emulator.kubernetes.objects import (
    JsonObject,
    condition,
    deleting,
    key_of,
    listed,
    owner_references,
    section,
    status_of,
    suffix,
    timestamp,
    with_metadata,
)
from emulator.kubernetes.pod_admission import admit_pod
from emulator.kubernetes.resources import (
    CLAIMS,
    DEFINITIONS,
    NAMESPACES,
    NODES,
    PODS,
    STORAGE_CLASSES,
    Catalog,
    Resource,
)
from emulator.kubernetes.store import Store
from emulator.kubernetes.validation import validate

FOREGROUND = "foregroundDeletion"
_WITHOUT_GENERATION = frozenset(
    {"", "rbac.authorization.k8s.io", "storage.k8s.io", "coordination.k8s.io"}
)
_SERVER_OWNED = (
    "uid", "creationTimestamp", "name", "namespace", "generateName", "generation",
    "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion",
)  # fmt: skip # a list of names
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


class Operations:
    """The rules of one API server over its store."""

    def __init__(self, store: Store, catalog: Catalog) -> None:
        self.store = store
        self.catalog = catalog
        self._defaults = Defaults()

    def get(self, resource: Resource, namespace: str, name: str) -> JsonObject:
        """The object.

        Raises:
            ApiError: There is none (404).
        """
        found = self.store.get(resource, namespace, name)
        if found is None:
            raise not_found(resource, name)
        return found

    def create(  # noqa: PLR0913 # three options, all by name
        self,
        resource: Resource,
        namespace: str,
        item: JsonObject,
        *,
        author: Author | None = None,
        owners: list[JsonObject] | None = None,
        dry_run: bool = False,
    ) -> JsonObject:
        """Store a new object, its fields owned by ``author`` or as ``owners`` says.

        Raises:
            ApiError: It exists (409), breaks a rule (422), or is not admitted (403, 404).
        """
        made = self._new(resource, namespace, item)
        if resource.namespaced:
            self._admit_to_namespace(resource, namespace, made)
        if self.store.get(resource, *key_of(made)) is not None:
            raise already_exists(resource, made["metadata"]["name"])
        made = self._admit(resource, namespace, self._defaults.fill(resource, made))
        validate(resource, made, None)
        if resource.namespaced:
            quota.admit(self.store, self.catalog, resource, made)
        if author is not None:
            made = record_update(None, made, author)
        if owners is not None:
            made = with_metadata(made, managedFields=owners)
        if dry_run:
            return made
        return self._written(resource, self.store.write(resource, made))

    def _new(self, resource: Resource, namespace: str, item: JsonObject) -> JsonObject:
        meta = {k: v for k, v in section(item, "metadata").items() if v is not None}
        _check_type(resource, item)
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = meta["generateName"] + suffix()
        if not meta.get("name"):
            raise invalid(
                resource, "", [required("metadata.name", "name or generateName is required")]
            )
        if resource.namespaced:
            if meta.setdefault("namespace", namespace) != namespace:
                raise bad_request(
                    "the namespace of the provided object does not match the namespace sent on "
                    "the request"
                )
        else:
            meta.pop("namespace", None)
        for name in ("deletionTimestamp", "deletionGracePeriodSeconds", "managedFields"):
            meta.pop(name, None)
        meta |= {"uid": str(uuid.uuid4()), "creationTimestamp": timestamp()}
        if resource.group not in _WITHOUT_GENERATION:
            meta["generation"] = 1
        body = {k: v for k, v in item.items() if k not in ("metadata", "apiVersion", "kind")}
        if "status" in resource.subresources:
            body.pop("status", None)
        return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": meta, **body}

    def _admit_to_namespace(self, resource: Resource, namespace: str, made: JsonObject) -> None:
        home = self.store.get(NAMESPACES, "", namespace)
        if home is None:
            raise not_found(NAMESPACES, namespace)
        if deleting(home):
            why = (
                f"unable to create new content in namespace {namespace} because it is being "
                "terminated"
            )
            raise forbidden(resource, made["metadata"]["name"], why)

    def _admit(self, resource: Resource, namespace: str, made: JsonObject) -> JsonObject:
        if resource.id == PODS.id and made["spec"].get("containers"):
            return admit_pod(self.store, namespace, made)
        if resource.id == CLAIMS.id and "storageClassName" not in made["spec"]:
            classes = [c for c in self.store.objects(STORAGE_CLASSES) if is_default_class(c)]
            if classes:
                chosen = classes[0]["metadata"]["name"]
                return {**made, "spec": {**made["spec"], "storageClassName": chosen}}
        return made

    def replace(  # noqa: PLR0913 # same
        self,
        resource: Resource,
        old: JsonObject,
        new: JsonObject,
        *,
        author: Author | None = None,
        subresource: str = "",
        dry_run: bool = False,
    ) -> JsonObject:
        """Store a changed object; nothing happens when nothing changed.

        ``subresource`` says which half may change: ``status`` or, when empty, the rest.

        Raises:
            ApiError: The change is based on an old version (409) or breaks a rule (422).
        """
        self._check_identity(resource, old, new)
        if subresource == "status":
            changed: JsonObject = {**old, "status": section(new, "status")}
        else:
            changed = self._without_status_change(resource, old, new)
            changed = self._defaults.fill(resource, changed)
            validate(resource, changed, old)
        if _same(changed, old):
            return old
        generation = old["metadata"].get("generation")
        if generation is not None and changed.get("spec") != old.get("spec"):
            changed = with_metadata(changed, generation=generation + 1)
        if author is not None:
            changed = record_update(old, changed, author)
        if dry_run:
            return changed
        return self._settle(resource, changed)

    def _check_identity(self, resource: Resource, old: JsonObject, new: JsonObject) -> None:
        meta, name = section(new, "metadata"), old["metadata"]["name"]
        _check_type(resource, new)
        if meta.get("name", name) != name:
            raise bad_request(
                f"the name of the object ({meta['name']}) does not match the name on the URL "
                f"({name})"
            )
        if meta.get("resourceVersion") not in (None, "", old["metadata"]["resourceVersion"]):
            raise stale(resource, name)
        if meta.get("uid") not in (None, "", old["metadata"]["uid"]):
            why = (
                f"Precondition failed: UID in precondition: {meta['uid']}, "
                f"UID in object meta: {old['metadata']['uid']}"
            )
            raise conflict(resource, name, why)

    def _without_status_change(
        self, resource: Resource, old: JsonObject, new: JsonObject
    ) -> JsonObject:
        kept = {k: old["metadata"][k] for k in _SERVER_OWNED if k in old["metadata"]}
        meta = {
            k: v
            for k, v in section(new, "metadata").items()
            if k not in _SERVER_OWNED and v is not None
        }
        if "managedFields" in old["metadata"] and not meta.get("managedFields"):
            meta["managedFields"] = old["metadata"]["managedFields"]
        body = {k: v for k, v in new.items() if k not in ("metadata", "apiVersion", "kind")}
        if "status" in resource.subresources:
            body.pop("status", None)
            if "status" in old:
                body["status"] = old["status"]
        return {
            "apiVersion": resource.api_version,
            "kind": resource.kind,
            "metadata": {**meta, **kept},
            **body,
        }

    def _settle(self, resource: Resource, changed: JsonObject) -> JsonObject:
        """Store, or remove when nothing holds an object that is to go."""
        meta = changed["metadata"]
        held = meta.get("finalizers") or meta.get("deletionGracePeriodSeconds")
        if deleting(changed) and not held and resource.id != NAMESPACES.id:
            return self.remove(resource, changed)
        return self._written(resource, self.store.write(resource, changed))

    def set_status(self, resource: Resource, item: JsonObject, status: JsonObject) -> JsonObject:
        """Store a controller's findings about the newest version of an object."""
        newest = self.get(resource, *key_of(item))
        if newest.get("status") == status:
            return newest
        return self.store.write(resource, {**newest, "status": status})

    def set_metadata(self, resource: Resource, item: JsonObject, **changes: Any) -> JsonObject:
        """Change metadata of the newest version of an object; None removes a field."""
        newest = self.get(resource, *key_of(item))
        return self._settle(resource, with_metadata(newest, **changes))

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
                why = (
                    f"Precondition failed: {label} in precondition: {wanted}, "
                    f"{label} in object meta: {found}"
                )
                raise conflict(resource, meta["name"], why)

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
                self._settle(resource, with_metadata(owner, finalizers=left or None))

    def _written(self, resource: Resource, item: JsonObject) -> JsonObject:
        if resource.id != DEFINITIONS.id:
            return item
        self.catalog.define(item)
        if status_of(item).get("conditions"):
            return item
        spec = item["spec"]
        conditions = [
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition(
                "Established", "InitialNamesAccepted", "the initial names have been accepted"
            ),
        ]
        stored = [v["name"] for v in spec["versions"] if v.get("storage")]
        status = {
            "conditions": conditions,
            "acceptedNames": spec["names"],
            "storedVersions": stored,
        }
        return self.store.write(DEFINITIONS, {**item, "status": status})

    def _undefine(self, definition: JsonObject) -> None:
        spec = definition["spec"]
        served = [r for r in self.catalog if r.id == (spec["group"], spec["names"]["plural"])]
        for item in self.store.objects(served[0]) if served else []:
            self.store.remove(served[0], item)
        self.catalog.forget(definition)


def _check_type(resource: Resource, item: JsonObject) -> None:
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


def _same(one: JsonObject, other: JsonObject) -> bool:
    def plain(item: JsonObject) -> JsonObject:
        return with_metadata(item, managedFields=None)

    if one["metadata"].get("managedFields") != other["metadata"].get("managedFields"):
        return False
    return plain(one) == plain(other)
