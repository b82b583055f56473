"""Deployments: one ReplicaSet per template, the newest takes over."""

import hashlib
import json
from collections.abc import Iterable, Sequence

from emulator.kubernetes.controllers.events import Recorder
from emulator.kubernetes.controllers.pods import owned
from emulator.kubernetes.last_applied import LAST_APPLIED
from emulator.kubernetes.objects import (
    JsonObject,
    Key,
    annotations_of,
    condition,
    controlled_by,
    deleting,
    key_of,
    listed,
    owned_by,
    section,
    status_of,
    with_condition,
)
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.resources import DEPLOYMENTS, REPLICA_SETS, Resource
from emulator.kubernetes.store import Event

_HASH_LABEL = "pod-template-hash"
_FAILURE = "ReplicaFailure"
_REVISION = "deployment.kubernetes.io/revision"


class Deployments:
    """The Deployment controller; a roll-out adds the new pods before the old ones go."""

    watched: Sequence[Resource] = (DEPLOYMENTS, REPLICA_SETS)

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._events = Recorder(operations, "deployment-controller")

    def keys(self, event: Event) -> Iterable[Key]:
        """The Deployment itself, or the one whose ReplicaSet changed."""
        if event.resource.id == DEPLOYMENTS.id:
            return [key_of(event.object)] if event.type != "DELETED" else []
        reference = controlled_by(event.object)
        return [(key_of(event.object)[0], reference["name"])] if reference else []

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Make the newest set what the Deployment asks for, shrink the others, count."""
        found = self._operations.store.get(DEPLOYMENTS, namespace, name)
        if found is None or deleting(found):
            return None
        newest = self._newest(found)
        wanted = found["spec"]["replicas"]
        newest = self._scale(found, newest, wanted)
        others = [
            s
            for s in owned(self._operations, found, REPLICA_SETS)
            if s["metadata"]["uid"] != newest["metadata"]["uid"]
        ]
        recreate = found["spec"]["strategy"]["type"] == "Recreate"
        if recreate or status_of(newest).get("availableReplicas", 0) >= wanted:
            others = [self._scale(found, s, 0) for s in others]
        self._count(found, newest, others)
        return None

    def _newest(self, found: JsonObject) -> JsonObject:
        namespace, name = key_of(found)
        digest = _hash(found["spec"]["template"])
        set_name = f"{name}-{digest}"
        existing = self._operations.store.get(REPLICA_SETS, namespace, set_name)
        if existing is not None:
            return existing
        template = found["spec"]["template"]
        meta = section(template, "metadata")
        labels = {**section(meta, "labels"), _HASH_LABEL: digest}
        selector = found["spec"]["selector"]
        matched = {**section(selector, "matchLabels"), _HASH_LABEL: digest}
        revision = str(len(owned(self._operations, found, REPLICA_SETS)) + 1)
        made = {
            "metadata": {
                "name": set_name,
                "labels": labels,
                "annotations": {**_passed_on(found), _REVISION: revision},
                "ownerReferences": owned_by(found),
            },
            "spec": {
                "replicas": 0,
                "selector": {**selector, "matchLabels": matched},
                "template": {**template, "metadata": {**meta, "labels": labels}},
            },
        }
        noted = {**annotations_of(found), _REVISION: revision}
        self._operations.set_metadata(DEPLOYMENTS, found, annotations=noted)
        return self._operations.create(REPLICA_SETS, namespace, made)

    def _scale(self, owner: JsonObject, found: JsonObject, replicas: int) -> JsonObject:
        before = found["spec"]["replicas"]
        if before == replicas:
            return found
        newest = self._operations.get(REPLICA_SETS, *key_of(found))
        spec = {**newest["spec"], "replicas": replicas}
        scaled = self._operations.replace(REPLICA_SETS, newest, {**newest, "spec": spec})
        way, name = "up" if replicas > before else "down", found["metadata"]["name"]
        text = f"Scaled {way} replica set {name} from {before} to {replicas}"
        self._events.tell(owner, "ScalingReplicaSet", text)
        return scaled

    def _count(self, found: JsonObject, newest: JsonObject, others: list[JsonObject]) -> None:
        def total(field: str) -> int:
            return sum(status_of(s).get(field, 0) for s in [newest, *others])

        wanted = found["spec"]["replicas"]
        counts = {
            "replicas": total("replicas"),
            "updatedReplicas": status_of(newest).get("replicas", 0),
            "readyReplicas": total("readyReplicas"),
            "availableReplicas": total("availableReplicas"),
            "unavailableReplicas": max(wanted - total("availableReplicas"), 0),
        }
        available = counts["availableReplicas"] >= wanted
        reason = "MinimumReplicasAvailable" if available else "MinimumReplicasUnavailable"
        text = f"Deployment {'has' if available else 'does not have'} minimum availability."
        conditions = with_condition(
            listed(status_of(found), "conditions"),
            condition("Available", reason, text, holds=available),
        )
        done = available and counts["updatedReplicas"] == wanted == counts["replicas"]
        reason = "NewReplicaSetAvailable" if done else "ReplicaSetUpdated"
        told = "has successfully progressed" if done else "is progressing"
        text = f'ReplicaSet "{newest["metadata"]["name"]}" {told}.'
        conditions = with_condition(conditions, condition("Progressing", reason, text))
        conditions = [c for c in conditions if c["type"] != _FAILURE]
        conditions += _failures([newest, *others])[:1]
        status = {k: v for k, v in counts.items() if v} | {
            "observedGeneration": found["metadata"]["generation"],
            "conditions": conditions,
        }
        self._operations.set_status(DEPLOYMENTS, found, status)


def _failures(sets: list[JsonObject]) -> list[JsonObject]:
    """What keeps the sets from making pods."""
    said = [c for s in sets for c in listed(status_of(s), "conditions")]
    return [c for c in said if c["type"] == _FAILURE]


def _passed_on(found: JsonObject) -> dict[str, str]:
    """Annotations that the sets get, too."""
    return {k: v for k, v in annotations_of(found).items() if k != LAST_APPLIED}


def _hash(template: JsonObject) -> str:
    text = json.dumps(template, sort_keys=True).encode()
    return hashlib.sha256(text).hexdigest()[:10]
