"""The ``Table`` form of objects: what ``kubectl get`` prints."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from emulator.kubernetes.objects import (
    JsonObject,
    holds,
    instant,
    labels_of,
    listed,
    section,
    status_of,
)
from emulator.kubernetes.resources import Resource

type Column = tuple[str, Callable[[JsonObject], Any]]

_NONE = "<none>"
_LONG = 2


def age(since: str | None, until: datetime | None = None) -> str:
    """A duration as kubectl writes it: ``45s``, ``3m``, ``5h``, ``2d``."""
    if not since:
        return "<unknown>"
    seconds = int(((until or datetime.now(UTC)) - instant(since)).total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= _LONG * size:
            return f"{seconds // size}{unit}"
    return f"{max(seconds, 0)}s"


def table(
    resource: Resource, items: list[JsonObject], include: str, meta: JsonObject
) -> JsonObject:
    """The objects as rows.

    Args:
        resource: What they are.
        items: The objects, one row each.
        include: ``Metadata``, ``Object`` or ``None``: what each row carries beside its cells.
        meta: List metadata.
    """
    columns: list[Column] = [("Name", lambda i: i["metadata"]["name"])]
    columns += _COLUMNS.get(resource.kind, [])
    columns.append(("Age", lambda i: age(i["metadata"].get("creationTimestamp"))))
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": meta,
        "columnDefinitions": [_definition(name) for name, _ in columns],
        "rows": [
            {"cells": [cell(i) for _, cell in columns], **_carried(i, include)} for i in items
        ],
    }


def _definition(name: str) -> JsonObject:
    return {
        "name": name,
        "type": "string",
        "format": "name" if name == "Name" else "",
        "description": "",
        "priority": 0,
    }


def _carried(item: JsonObject, include: str) -> JsonObject:
    if include == "Object":
        return {"object": item}
    if include == "None":
        return {}
    meta = {k: v for k, v in item["metadata"].items() if k != "managedFields"}
    partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
    return {"object": partial}


def _statuses(pod: JsonObject) -> list[JsonObject]:
    return cast("list[JsonObject]", listed(status_of(pod), "containerStatuses"))


def _pod_ready(pod: JsonObject) -> str:
    ready = sum(1 for c in _statuses(pod) if c.get("ready"))
    return f"{ready}/{len(pod['spec']['containers'])}"


def pod_state(pod: JsonObject) -> str:
    """The one word that kubectl shows for a pod."""
    if "deletionTimestamp" in pod["metadata"]:
        return "Terminating"
    for container in _statuses(pod):
        state = section(container, "state")
        for kind in ("waiting", "terminated"):
            if reason := section(state, kind).get("reason"):
                return reason
    return status_of(pod).get("reason") or status_of(pod).get("phase", "")


def _job_state(job: JsonObject) -> str:
    for kind, word in (("Complete", "Complete"), ("Failed", "Failed"), ("Suspended", "Suspended")):
        if holds(job, kind):
            return word
    return "Running"


def _job_duration(job: JsonObject) -> str:
    status = status_of(job)
    end = status.get("completionTime")
    return age(status["startTime"], instant(end) if end else None) if "startTime" in status else ""


def _replicas(item: JsonObject, *, of: str = "readyReplicas") -> str:
    return f"{status_of(item).get(of, 0)}/{item['spec'].get('replicas', 1)}"


def _node_state(node: JsonObject) -> str:
    word = "Ready" if holds(node, "Ready") else "NotReady"
    return word + (",SchedulingDisabled" if node["spec"].get("unschedulable") else "")


def _external(service: JsonObject) -> str:
    ingress = listed(section(status_of(service), "loadBalancer"), "ingress")
    if ingress:
        return ",".join(i.get("ip") or i.get("hostname", "") for i in ingress)
    return "<pending>" if service["spec"].get("type") == "LoadBalancer" else _NONE


def _ports(service: JsonObject) -> str:
    told = [
        f"{p['port']}{f':{p["nodePort"]}' if p.get('nodePort') else ''}/{p['protocol']}"
        for p in listed(service["spec"], "ports")
    ]
    return ",".join(told) or _NONE


def _roles(node: JsonObject) -> str:
    prefix = "node-role.kubernetes.io/"
    return ",".join(k[len(prefix) :] for k in labels_of(node) if k.startswith(prefix)) or _NONE


def _capacity(claim: JsonObject) -> str:
    return section(status_of(claim), "capacity").get("storage", "")


def _spec(*path: str, default: str = "") -> Callable[[JsonObject], Any]:
    def read(item: JsonObject) -> Any:
        found: Any = section(item, "spec")
        for step in path:
            found = section(found, step)
        return found or default

    return read


def _status(name: str, default: Any = 0) -> Callable[[JsonObject], Any]:
    return lambda item: status_of(item).get(name, default)


_COLUMNS: dict[str, list[Column]] = {
    "Pod": [
        ("Ready", _pod_ready),
        ("Status", pod_state),
        ("Restarts", lambda i: str(sum(c.get("restartCount", 0) for c in _statuses(i)))),
    ],
    "Job": [
        ("Status", _job_state),
        (
            "Completions",
            lambda i: f"{status_of(i).get('succeeded', 0)}/{i['spec'].get('completions', 1)}",
        ),
        ("Duration", _job_duration),
    ],
    "Deployment": [
        ("Ready", _replicas),
        ("Up-to-date", _status("updatedReplicas")),
        ("Available", _status("availableReplicas")),
    ],
    "ReplicaSet": [
        ("Desired", lambda i: i["spec"].get("replicas", 1)),
        ("Current", _status("replicas")),
        ("Ready", _status("readyReplicas")),
    ],
    "StatefulSet": [("Ready", _replicas)],
    "DaemonSet": [
        ("Desired", _status("desiredNumberScheduled")),
        ("Current", _status("currentNumberScheduled")),
        ("Ready", _status("numberReady")),
    ],
    "Node": [
        ("Status", _node_state),
        ("Roles", _roles),
        ("Version", lambda i: section(status_of(i), "nodeInfo").get("kubeletVersion", "")),
    ],
    "Namespace": [("Status", _status("phase", ""))],
    "Service": [
        ("Type", _spec("type")),
        ("Cluster-IP", _spec("clusterIP", default=_NONE)),
        ("External-IP", _external),
        ("Port(s)", _ports),
    ],
    "Secret": [
        ("Type", lambda i: i.get("type", "Opaque")),
        ("Data", lambda i: str(len(section(i, "data")))),
    ],
    "ConfigMap": [("Data", lambda i: str(len(section(i, "data"))))],
    "PersistentVolumeClaim": [
        ("Status", _status("phase", "")),
        ("Volume", _spec("volumeName")),
        ("Capacity", _capacity),
        ("StorageClass", _spec("storageClassName")),
    ],
    "StorageClass": [
        ("Provisioner", lambda i: i.get("provisioner", "")),
        ("ReclaimPolicy", lambda i: i.get("reclaimPolicy", "")),
        ("VolumeBindingMode", lambda i: i.get("volumeBindingMode", "")),
    ],
    "CustomResourceDefinition": [("Created At", lambda i: i["metadata"].get("creationTimestamp"))],
}
