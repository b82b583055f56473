"""The status of ResourceQuotas: what is used of what is allowed."""

from collections.abc import Iterable, Sequence

from emulator.kubernetes.objects import Key, key_of, section, status_of
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.quantities import format_quantity
from emulator.kubernetes.quota import usage
from emulator.kubernetes.resources import BUILT_IN, RESOURCE_QUOTAS, REVIEWS, Resource
from emulator.kubernetes.store import Event


class QuotaStatus:
    """Recounts a quota whenever something in its namespace comes, goes, or ends."""

    watched: Sequence[Resource] = [r for r in BUILT_IN if r.namespaced and r not in REVIEWS]

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def keys(self, event: Event) -> Iterable[Key]:
        """Quotas of the namespace in which something changed."""
        if event.resource.id == RESOURCE_QUOTAS.id:
            return [key_of(event.object)] if event.type != "DELETED" else []
        if event.type == "MODIFIED" and event.previous is not None:
            before, after = event.previous, event.object
            same_phase = status_of(before).get("phase") == status_of(after).get("phase")
            if same_phase and before.get("spec") == after.get("spec"):
                return []
        namespace, _ = key_of(event.object)
        found = self._operations.store.in_namespace(RESOURCE_QUOTAS, namespace)
        return [key_of(q) for q in found]

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Write limits and usage into the status."""
        found = self._operations.store.get(RESOURCE_QUOTAS, namespace, name)
        if found is None:
            return None
        used = usage(self._operations.store, self._operations.catalog, found)
        status = {
            "hard": section(found["spec"], "hard"),
            "used": {k: format_quantity(v) for k, v in used.items()},
        }
        self._operations.set_status(RESOURCE_QUOTAS, found, status)
        return None
