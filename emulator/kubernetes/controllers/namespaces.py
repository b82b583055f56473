"""Namespaces: what every one holds, and how one ends."""

from collections.abc import Iterable, Sequence

from emulator.kubernetes.controllers.namespace_conditions import remaining
from emulator.kubernetes.objects import JsonObject, Key, deleting, key_of, listed, status_of
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.pod_admission import ROOT_CA_MAP
from emulator.kubernetes.resources import CONFIG_MAPS, NAMESPACES, SERVICE_ACCOUNTS, Resource
from emulator.kubernetes.store import Event

_LOOK_AGAIN = 0.05


class NamespaceContents:
    """Keeps the account ``default`` and the root CA map in every namespace."""

    watched: Sequence[Resource] = (NAMESPACES, SERVICE_ACCOUNTS, CONFIG_MAPS)

    def __init__(self, operations: Operations, ca: str) -> None:
        self._operations = operations
        self._ca = ca

    def keys(self, event: Event) -> Iterable[Key]:
        """Namespaces that are new or have lost something."""
        namespace, name = key_of(event.object)
        if event.resource is NAMESPACES:
            return [("", name)] if event.type != "DELETED" else []
        return [("", namespace)] if event.type == "DELETED" else []

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Create what is missing in one namespace."""
        del namespace  # namespaces have none
        found = self._operations.store.get(NAMESPACES, "", name)
        if found is None or deleting(found):
            return None
        if self._operations.store.get(SERVICE_ACCOUNTS, name, "default") is None:
            self._operations.create(SERVICE_ACCOUNTS, name, {"metadata": {"name": "default"}})
        if self._operations.store.get(CONFIG_MAPS, name, ROOT_CA_MAP) is None:
            published = {"metadata": {"name": ROOT_CA_MAP}, "data": {"ca.crt": self._ca}}
            self._operations.create(CONFIG_MAPS, name, published)
        return None


class NamespaceLifecycle:
    """Empties a terminating namespace, then lets it go."""

    watched: Sequence[Resource] = (NAMESPACES,)

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def keys(self, event: Event) -> Iterable[Key]:
        """Namespaces that are to go."""
        return [key_of(event.object)] if deleting(event.object) else []

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Delete what is left; look again while finalizers or kubelets hold something."""
        operations = self._operations
        found = operations.store.get(NAMESPACES, namespace, name)
        if found is None or not deleting(found):
            return None
        for resource in operations.catalog.collections():
            if resource.namespaced:
                for item in list(operations.store.in_namespace(resource, name)):
                    self._end(resource, item)
        left = [
            (resource, item)
            for resource in operations.catalog.collections()
            if resource.namespaced
            for item in operations.store.in_namespace(resource, name)
        ]
        if left:
            conditions = remaining(listed(status_of(found), "conditions"), left)
            status = {**status_of(found), "conditions": conditions}
            operations.set_status(NAMESPACES, found, status)
            return _LOOK_AGAIN
        operations.remove(NAMESPACES, found)
        return None

    def _end(self, resource: Resource, item: JsonObject) -> None:
        newest = self._operations.store.get(resource, *key_of(item))
        if newest is not None and not deleting(newest):
            self._operations.delete(resource, newest)
