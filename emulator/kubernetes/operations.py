"""Creating, changing and deleting objects by the rules; both clients and controllers come here."""

import uuid
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
from emulator.kubernetes.deletion import Removal
from emulator.kubernetes.field_ownership import Author, record_update
from emulator.kubernetes.objects import (
    JsonObject,
    condition,
    deleting,
    key_of,
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
    PODS,
    STORAGE_CLASSES,
    Catalog,
    Resource,
)
from emulator.kubernetes.store import Store
from emulator.kubernetes.validation import validate

_WITHOUT_GENERATION = frozenset(
    {"", "rbac.authorization.k8s.io", "storage.k8s.io", "coordination.k8s.io"}
)
_SERVER_OWNED = (
    "uid", "creationTimestamp", "name", "namespace", "generateName", "generation",
    "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion",
)  # fmt: skip # a list of names


class Operations(Removal):
    """The rules of one API server over its store."""

    def __init__(self, store: Store, catalog: Catalog) -> None:
        super().__init__(store, catalog)
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
        meant = self._defaults.fill(resource, made)
        made = self._admit(resource, namespace, meant)
        validate(resource, made, None)
        if resource.namespaced:
            quota.admit(self.store, self.catalog, resource, made)
        if author is not None:
            # What admission adds is nobody's, so that no applier ever takes it away.
            owners = record_update(None, meant, author)["metadata"].get("managedFields")
        if owners is not None:
            made = with_metadata(made, managedFields=owners)
        if dry_run:
            return made
        return self._written(resource, self.store.write(resource, made))

    def _new(self, resource: Resource, namespace: str, item: JsonObject) -> JsonObject:
        meta = {k: v for k, v in section(item, "metadata").items() if v is not None}
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


def _same(one: JsonObject, other: JsonObject) -> bool:
    def plain(item: JsonObject) -> JsonObject:
        return with_metadata(item, managedFields=None)

    if one["metadata"].get("managedFields") != other["metadata"].get("managedFields"):
        return False
    return plain(one) == plain(other)
