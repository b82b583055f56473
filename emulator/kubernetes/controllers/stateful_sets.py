"""StatefulSets: numbered pods, one after another, each with claims of its own."""

import hashlib
import json
from collections.abc import Iterable, Sequence

from emulator.kubernetes.controllers.pods import (
    changed_pods,
    finished,
    from_template,
    owned,
    ready,
)
from emulator.kubernetes.objects import (
    JsonObject,
    Key,
    deleting,
    key_of,
    labels_of,
    listed,
    section,
)
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.resources import CLAIMS, PODS, STATEFUL_SETS, Resource
from emulator.kubernetes.store import Event

_REVISION_LABEL = "controller-revision-hash"


class StatefulSets:
    """The StatefulSet controller."""

    watched: Sequence[Resource] = (STATEFUL_SETS, PODS)

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def keys(self, event: Event) -> Iterable[Key]:
        """The set itself, or the one whose pod changed."""
        if event.resource.id == STATEFUL_SETS.id:
            return [key_of(event.object)] if event.type != "DELETED" else []
        return changed_pods(event.object, "StatefulSet")

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Create the next pod, delete the last surplus or outdated one, count."""
        found = self._operations.store.get(STATEFUL_SETS, namespace, name)
        if found is None or deleting(found):
            return None
        revision = _revision(found)
        try:
            self._advance(found, revision)
        finally:
            self._count(found, revision)
        return None

    def _advance(self, found: JsonObject, revision: str) -> None:
        pods = {p["metadata"]["name"]: p for p in owned(self._operations, found)}
        name, wanted = found["metadata"]["name"], found["spec"]["replicas"]
        one_by_one = found["spec"]["podManagementPolicy"] == "OrderedReady"
        for ordinal in range(wanted):
            pod = pods.get(f"{name}-{ordinal}")
            if pod is None:
                self._create(found, ordinal, revision)
            elif finished(pod) and not deleting(pod):
                self._operations.delete(PODS, pod)
            if one_by_one and (pod is None or not ready(pod)):
                break
        surplus = [p for p in pods.values() if _ordinal(p) >= wanted]
        for pod in sorted(surplus, key=_ordinal, reverse=True):
            if not deleting(pod):
                self._operations.delete(PODS, pod)
            if one_by_one:
                break
        self._roll(found, list(pods.values()), revision)

    def _roll(self, found: JsonObject, pods: list[JsonObject], revision: str) -> None:
        """Replace one outdated pod, the highest first, when all others are ready."""
        if found["spec"]["updateStrategy"].get("type") == "OnDelete":
            return
        for pod in sorted(pods, key=_ordinal, reverse=True):
            if deleting(pod):
                return
            if labels_of(pod).get(_REVISION_LABEL) != revision:
                self._operations.delete(PODS, pod)
                return
            if not ready(pod):
                return

    def _create(self, found: JsonObject, ordinal: int, revision: str) -> None:
        namespace, name = key_of(found)
        template = found["spec"]["template"]
        pod = from_template(found, template, name=f"{name}-{ordinal}")
        pod["metadata"]["labels"] = {
            **section(pod["metadata"], "labels"),
            "statefulset.kubernetes.io/pod-name": f"{name}-{ordinal}",
            "apps.kubernetes.io/pod-index": str(ordinal),
            _REVISION_LABEL: revision,
        }
        templates = listed(found["spec"], "volumeClaimTemplates")
        volumes = {v["name"]: v for v in listed(pod["spec"], "volumes")}
        for claim in templates:
            label = claim["metadata"]["name"]
            claim_name = f"{label}-{name}-{ordinal}"
            volumes[label] = {"name": label, "persistentVolumeClaim": {"claimName": claim_name}}
            self._claim(found, claim, claim_name)
        if volumes:
            pod["spec"] = {**pod["spec"], "volumes": list(volumes.values())}
        pod["spec"] = {
            **pod["spec"],
            "hostname": f"{name}-{ordinal}",
            "subdomain": found["spec"].get("serviceName", ""),
        }
        self._operations.create(PODS, namespace, pod)

    def _claim(self, found: JsonObject, claim: JsonObject, name: str) -> None:
        namespace = found["metadata"]["namespace"]
        if self._operations.store.get(CLAIMS, namespace, name) is not None:
            return
        labels = section(found["spec"]["selector"], "matchLabels")
        meta = {
            **claim["metadata"],
            "name": name,
            "labels": {**section(claim["metadata"], "labels"), **labels},
        }
        self._operations.create(CLAIMS, namespace, {"metadata": meta, "spec": claim["spec"]})

    def _count(self, found: JsonObject, revision: str) -> None:
        pods = [p for p in owned(self._operations, found) if not finished(p)]
        serving = sum(1 for p in pods if ready(p))
        updated = sum(1 for p in pods if labels_of(p).get(_REVISION_LABEL) == revision)
        done = updated == len(pods) == found["spec"]["replicas"] == serving
        current = revision if done else section(found, "status").get("currentRevision", revision)
        status = {
            "replicas": len(pods),
            "readyReplicas": serving,
            "availableReplicas": serving,
            "updatedReplicas": updated,
            "currentReplicas": sum(1 for p in pods if labels_of(p).get(_REVISION_LABEL) == current),
            "observedGeneration": found["metadata"]["generation"],
            "currentRevision": current,
            "updateRevision": revision,
            "collisionCount": 0,
        }
        self._operations.set_status(STATEFUL_SETS, found, status)


def _ordinal(pod: JsonObject) -> int:
    return int(pod["metadata"]["name"].rpartition("-")[2])


def _revision(found: JsonObject) -> str:
    text = json.dumps(found["spec"]["template"], sort_keys=True).encode()
    return f"{found['metadata']['name']}-{hashlib.sha256(text).hexdigest()[:10]}"
