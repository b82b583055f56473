"""The scheduler: which node a pod goes to, and why it goes nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from emulator.kubelet.api_client import MERGE, STRATEGIC, ApiClient, ApiFailure, JsonObject
from emulator.kubelet.azure_disk import SELECTED_NODE
from emulator.kubelet.documents import section
from emulator.kubelet.events import Recorder
from emulator.kubelet.fitting import claim_names, obstacles, summary
from emulator.kubelet.nodes import NodeSpec

type Objects = Mapping[tuple[str, str], JsonObject]

_ENDED = ("Succeeded", "Failed")
_TOO_LATE = (404, 409)
_UNBOUND = "pod has unbound immediate PersistentVolumeClaims"


@dataclass(frozen=True, slots=True)
class Known:
    """All objects of three kinds, each kept current by a watch."""

    pods: Objects
    claims: Objects
    nodes: Objects


class Scheduler:
    """Binds pods to the emptiest node that has room for them.

    Heeds requests, the number of pods and of data disks, taints, ``nodeSelector`` and claims; not
    affinity, topology or priority.
    """

    def __init__(
        self, api: ApiClient, events: Recorder, nodes: Sequence[NodeSpec], known: Known
    ) -> None:
        self._api = api
        self._events = events
        self._nodes = {n.name: n for n in nodes}
        self._known = known
        self._promised: dict[str, str] = {}
        self._waiting: dict[str, str] = {}

    async def pod_changed(self, kind: str, pod: JsonObject) -> None:
        """Place a new pod; when one ends, try those that found no room."""
        uid = pod["metadata"]["uid"]
        if kind == "DELETED" or pod["spec"].get("nodeName") or _ended(pod):
            self._promised.pop(uid, None)
            self._waiting.pop(uid, None)
            if kind == "DELETED" or _ended(pod):
                await self.try_again()
            return
        if "deletionTimestamp" not in pod["metadata"] and uid not in self._promised:
            await self._place(pod)

    async def try_again(self) -> None:
        """Look once more at every pod without a node."""
        for uid in list(self._waiting):
            pod = next((p for p in self._known.pods.values() if p["metadata"]["uid"] == uid), None)
            if pod is None or pod["spec"].get("nodeName"):
                self._waiting.pop(uid, None)
            else:
                await self._place(pod)

    async def _place(self, pod: JsonObject) -> None:
        node = self._choose(pod)
        if isinstance(node, str):
            await self._explain(pod, node)
            return
        unbound = await self._prepare_claims(pod, node)
        if unbound:
            await self._explain(pod, unbound)
            return
        await self._bind(pod, node)

    def _choose(self, pod: JsonObject) -> NodeSpec | str:
        """A node, or why there is none."""
        there = self._placed()
        fitting: list[NodeSpec] = []
        refused: list[str] = []
        live = [(n, self._known.nodes.get(("", n.name))) for n in self._nodes.values()]
        present = [(spec, node) for spec, node in live if node is not None]
        for spec, node in present:
            found = obstacles(pod, node, spec.data_disks, there[spec.name])
            refused += found
            if not found:
                fitting.append(spec)
        if fitting:
            return min(fitting, key=lambda n: len(there[n.name]) / n.max_pods)
        return summary(len(present), refused)

    def _placed(self) -> dict[str, list[JsonObject]]:
        """Pods of each node, promised ones included."""
        placed: dict[str, list[JsonObject]] = {name: [] for name in self._nodes}
        for pod in self._known.pods.values():
            promised = self._promised.get(pod["metadata"]["uid"])
            node = pod["spec"].get("nodeName") or promised
            if node in placed and not _ended(pod):
                placed[node].append(pod)
        return placed

    async def _prepare_claims(self, pod: JsonObject, node: NodeSpec) -> str:
        """Select the node for unbound claims; returns why the pod must wait, or nothing."""
        home = pod["metadata"]["namespace"]
        waiting = False
        for name in claim_names(pod):
            claim = self._known.claims.get((home, name))
            if claim is None:
                return f'persistentvolumeclaim "{name}" not found'
            if claim.get("status", {}).get("phase") == "Bound":
                continue
            waiting = True
            if SELECTED_NODE not in section(claim["metadata"], "annotations"):
                note = {"metadata": {"annotations": {SELECTED_NODE: node.name}}}
                path = f"/api/v1/namespaces/{home}/persistentvolumeclaims/{name}"
                await self._api.patch(path, note, MERGE)
        return _UNBOUND if waiting else ""

    async def _bind(self, pod: JsonObject, node: NodeSpec) -> None:
        meta = pod["metadata"]
        if meta["uid"] in self._promised:  # placed while its claims were prepared
            return
        self._promised[meta["uid"]] = node.name
        self._waiting.pop(meta["uid"], None)
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": meta["name"], "namespace": meta["namespace"]},
            "target": {"apiVersion": "v1", "kind": "Node", "name": node.name},
        }
        path = f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}/binding"
        try:
            await self._api.create(path, binding)
        except ApiFailure as failure:
            self._promised.pop(meta["uid"], None)
            if failure.code not in _TOO_LATE:
                raise
        else:
            told = f"Successfully assigned {meta['namespace']}/{meta['name']} to {node.name}"
            self._events.scheduler(pod, "Scheduled", told)

    async def _explain(self, pod: JsonObject, why: str) -> None:
        meta = pod["metadata"]
        if self._waiting.get(meta["uid"]) == why:
            return
        self._waiting[meta["uid"]] = why
        if why != _UNBOUND:  # their disks are on their way: nothing has failed
            self._events.scheduler(pod, "FailedScheduling", why, warn=True)
        told = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": why,
            "lastTransitionTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        path = f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}/status"
        try:
            await self._api.patch(path, {"status": {"conditions": [told]}}, STRATEGIC)
        except ApiFailure as failure:
            if failure.code not in _TOO_LATE:
                raise


def _ended(pod: JsonObject) -> bool:
    return section(pod, "status").get("phase") in _ENDED
