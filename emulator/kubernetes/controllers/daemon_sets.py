"""DaemonSets: one pod on every node."""

from collections.abc import Iterable, Sequence

from emulator.kubernetes.controllers.events import Recorder
from emulator.kubernetes.controllers.pod_control import PodControl
from emulator.kubernetes.controllers.pods import (
    changed_pods,
    finished,
    from_template,
    owned,
    ready,
)
from emulator.kubernetes.objects import JsonObject, Key, deleting, key_of, labels_of, section
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.resources import DAEMON_SETS, NODES, PODS, Resource
from emulator.kubernetes.store import Event


class DaemonSets:
    """The DaemonSet controller; it assigns nodes itself and honours ``nodeSelector`` alone."""

    watched: Sequence[Resource] = (DAEMON_SETS, PODS, NODES)

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._pods = PodControl(operations, Recorder(operations, "daemonset-controller"))

    def keys(self, event: Event) -> Iterable[Key]:
        """The set itself, the one whose pod changed, or all when a node came or went."""
        if event.resource.id == DAEMON_SETS.id:
            return [key_of(event.object)] if event.type != "DELETED" else []
        if event.resource.id == NODES.id:
            if event.type == "MODIFIED":
                return []
            return [key_of(s) for s in self._operations.store.objects(DAEMON_SETS)]
        return changed_pods(event.object, "DaemonSet")

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Create pods for nodes without one, delete those of nodes that are gone, count."""
        found = self._operations.store.get(DAEMON_SETS, namespace, name)
        if found is None or deleting(found):
            return None
        template = found["spec"]["template"]
        wanted_labels = section(template["spec"], "nodeSelector")
        nodes = {
            n["metadata"]["name"]
            for n in self._operations.store.objects(NODES)
            if wanted_labels.items() <= labels_of(n).items()
        }
        pods = [p for p in owned(self._operations, found) if not finished(p)]
        placed = {p["spec"].get("nodeName") for p in pods}
        for node in sorted(nodes - placed):
            pod = from_template(found, template)
            pod["spec"] = {**pod["spec"], "nodeName": node}
            self._pods.create(found, pod)
        for pod in pods:
            if pod["spec"].get("nodeName") not in nodes:
                self._pods.delete(found, pod)
        self._count(found, len(nodes))
        return None

    def _count(self, found: JsonObject, wanted: int) -> None:
        pods = [p for p in owned(self._operations, found) if not finished(p)]
        serving = sum(1 for p in pods if ready(p))
        status = {
            "currentNumberScheduled": len(pods),
            "desiredNumberScheduled": wanted,
            "numberMisscheduled": 0,
            "numberReady": serving,
            "numberAvailable": serving,
            "updatedNumberScheduled": len(pods),
            "observedGeneration": found["metadata"]["generation"],
        }
        self._operations.set_status(DAEMON_SETS, found, status)
