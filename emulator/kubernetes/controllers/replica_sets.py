"""ReplicaSets: as many pods of a template as asked for."""

from collections.abc import Iterable, Sequence

from emulator.kubernetes.api_error import ApiError
from emulator.kubernetes.controllers.events import Recorder
from emulator.kubernetes.controllers.pod_control import PodControl
from emulator.kubernetes.controllers.pods import (
    active,
    changed_pods,
    finished,
    from_template,
    owned,
    ready,
)
from emulator.kubernetes.objects import (
    JsonObject,
    Key,
    condition,
    deleting,
    key_of,
    listed,
    status_of,
)
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.resources import PODS, REPLICA_SETS, Resource
from emulator.kubernetes.store import Event


class ReplicaSets:
    """The ReplicaSet controller."""

    watched: Sequence[Resource] = (REPLICA_SETS, PODS)

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._pods = PodControl(operations, Recorder(operations, "replicaset-controller"))

    def keys(self, event: Event) -> Iterable[Key]:
        """The set itself, or the one whose pod changed."""
        if event.resource.id == REPLICA_SETS.id:
            return [key_of(event.object)] if event.type != "DELETED" else []
        return changed_pods(event.object, "ReplicaSet")

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Create or delete pods, then count them; a refusal becomes a condition."""
        found = self._operations.store.get(REPLICA_SETS, namespace, name)
        if found is None or deleting(found):
            return None
        pods = [p for p in owned(self._operations, found) if active(p)]
        wanted = found["spec"]["replicas"]
        try:
            for _ in range(wanted - len(pods)):
                self._pods.create(found, from_template(found, found["spec"]["template"]))
            for pod in _least_useful(pods)[: max(len(pods) - wanted, 0)]:
                self._pods.delete(found, pod)
            for pod in owned(self._operations, found):
                if finished(pod):
                    self._pods.delete(found, pod)
        except ApiError as refused:
            self._count(found, refused.message)
            raise
        self._count(found)
        return None

    def _count(self, found: JsonObject, refusal: str = "") -> None:
        pods = [p for p in owned(self._operations, found) if active(p)]
        serving = sum(1 for p in pods if ready(p))
        counts = {
            "replicas": len(pods),
            "fullyLabeledReplicas": len(pods),
            "readyReplicas": serving,
            "availableReplicas": serving,
        }
        status: JsonObject = {k: v for k, v in counts.items() if v or k == "replicas"}
        status["observedGeneration"] = found["metadata"]["generation"]
        if refusal:
            status["conditions"] = [_failure(found, refusal)]
        self._operations.set_status(REPLICA_SETS, found, status)


def _failure(found: JsonObject, refusal: str) -> JsonObject:
    """The condition; it keeps the first refusal, else each retry would be a change."""
    known: list[JsonObject] = listed(status_of(found), "conditions")
    return known[0] if known else condition("ReplicaFailure", "FailedCreate", refusal)


def _least_useful(pods: list[JsonObject]) -> list[JsonObject]:
    return sorted(pods, key=ready)
