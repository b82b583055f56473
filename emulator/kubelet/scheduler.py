"""The scheduler: which node a pod goes to, and why it goes nowhere."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from emulator.kubelet.api_client import MERGE, STRATEGIC, ApiClient, ApiFailure, JsonObject
from emulator.kubelet.azure_disk import SELECTED_NODE
from emulator.kubelet.documents import listed, section
from emulator.kubelet.nodes import NodeSpec, manifest

type Objects = Mapping[tuple[str, str], JsonObject]

_ENDED = ("Succeeded", "Failed")
_TOO_LATE = (404, 409)


class Scheduler:
    """Binds pods to the emptiest node that has room for them.

    Heeds the number of pods and of data disks, ``nodeSelector`` and claims; not CPU, memory,
    affinity or taints.

    Args:
        pods: All pods, kept current by a watch.
        claims: All claims, likewise.
    """

    def __init__(
        self, api: ApiClient, nodes: Sequence[NodeSpec], pods: Objects, claims: Objects
    ) -> None:
        self._api = api
        self._nodes = {n.name: n for n in nodes}
        self._pods = pods
        self._claims = claims
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
            pod = next((p for p in self._pods.values() if p["metadata"]["uid"] == uid), None)
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
        wanted = section(pod["spec"], "nodeSelector")
        disks = len(_claim_names(pod))
        counts = {name: self._load(name) for name in self._nodes}
        refused = {"Too many pods": 0, "node(s) didn't match Pod's node affinity/selector": 0,
                   "node(s) exceed max volume count": 0}  # fmt: skip # short
        fitting: list[NodeSpec] = []
        for node in self._nodes.values():
            pods, attached = counts[node.name]
            if not wanted.items() <= manifest(node)["metadata"]["labels"].items():
                refused["node(s) didn't match Pod's node affinity/selector"] += 1
            elif pods >= node.max_pods:
                refused["Too many pods"] += 1
            elif attached + disks > node.data_disks:
                refused["node(s) exceed max volume count"] += 1
            else:
                fitting.append(node)
        if fitting:
            return min(fitting, key=lambda n: counts[n.name][0] / n.max_pods)
        told = ", ".join(f"{count} {why}" for why, count in refused.items() if count)
        return f"0/{len(self._nodes)} nodes are available: {told}."

    def _load(self, node: str) -> tuple[int, int]:
        """Pods and attached disks of a node, promised ones included."""
        here = [
            p
            for p in self._pods.values()
            if node in (p["spec"].get("nodeName"), self._promised.get(p["metadata"]["uid"]))
            and not _ended(p)
        ]
        return len(here), sum(len(_claim_names(p)) for p in here)

    async def _prepare_claims(self, pod: JsonObject, node: NodeSpec) -> str:
        """Select the node for unbound claims; returns why the pod must wait, or nothing."""
        home = pod["metadata"]["namespace"]
        waiting = False
        for name in _claim_names(pod):
            claim = self._claims.get((home, name))
            if claim is None:
                return f'persistentvolumeclaim "{name}" not found'
            if claim.get("status", {}).get("phase") == "Bound":
                continue
            waiting = True
            if SELECTED_NODE not in section(claim["metadata"], "annotations"):
                note = {"metadata": {"annotations": {SELECTED_NODE: node.name}}}
                path = f"/api/v1/namespaces/{home}/persistentvolumeclaims/{name}"
                await self._api.patch(path, note, MERGE)
        return "pod has unbound immediate PersistentVolumeClaims" if waiting else ""

    async def _bind(self, pod: JsonObject, node: NodeSpec) -> None:
        meta = pod["metadata"]
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

    async def _explain(self, pod: JsonObject, why: str) -> None:
        meta = pod["metadata"]
        if self._waiting.get(meta["uid"]) == why:
            return
        self._waiting[meta["uid"]] = why
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


def _claim_names(pod: JsonObject) -> list[str]:
    return [
        v["persistentVolumeClaim"]["claimName"]
        for v in listed(pod["spec"], "volumes")
        if "persistentVolumeClaim" in v
    ]
