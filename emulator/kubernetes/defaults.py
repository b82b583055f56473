"""What the API server fills in: the published defaults that clients or controllers look at."""

import base64
import ipaddress
import itertools
from collections.abc import Callable
from typing import cast

from emulator.kubernetes.objects import JsonObject, annotations_of, listed, section
from emulator.kubernetes.pod_defaults import pod, pod_spec
from emulator.kubernetes.resources import Resource

_SERVICE_NETWORK = ipaddress.ip_address("10.0.0.0")
_FIRST_NODE_PORT = 30000
_NODE_PORTS = 2768
_FREE_ADDRESSES = 65000


class Defaults:
    """Fills in defaults; keeps the counters of cluster addresses and node ports."""

    def __init__(self) -> None:
        # 10.0.0.1 is the API server's own service, 10.0.0.10 AKS's DNS service.
        self._addresses = itertools.count(11)
        self._ports = itertools.count()

    def fill(self, resource: Resource, item: JsonObject) -> JsonObject:
        """A copy with defaults; filling twice changes nothing more."""
        if resource.custom:
            return item
        if resource.kind == "Service":
            return self._service(item)
        fill = _BY_KIND.get(resource.kind)
        return item if fill is None else fill(item)

    def _service(self, item: JsonObject) -> JsonObject:
        spec = {"type": "ClusterIP", "sessionAffinity": "None", **section(item, "spec")}
        ports = [
            {"protocol": "TCP", "targetPort": p.get("port"), **p} for p in listed(spec, "ports")
        ]
        if spec["type"] != "ExternalName":
            address = spec.get("clusterIP") or self._address()
            spec = spec | {"clusterIP": address, "clusterIPs": [address]}
            spec = {"internalTrafficPolicy": "Cluster", "ipFamilies": ["IPv4"],
                    "ipFamilyPolicy": "SingleStack"} | spec  # fmt: skip # short
        if spec["type"] in ("LoadBalancer", "NodePort"):
            ports = [p if p.get("nodePort") else p | {"nodePort": self._port()} for p in ports]
            spec = {"externalTrafficPolicy": "Cluster"} | spec
        if spec["type"] == "LoadBalancer":
            spec = {"allocateLoadBalancerNodePorts": True} | spec
        if ports:
            spec["ports"] = ports
        return {**item, "spec": spec, "status": item.get("status") or {"loadBalancer": {}}}

    def _address(self) -> str:
        return str(_SERVICE_NETWORK + 11 + next(self._addresses) % _FREE_ADDRESSES)

    def _port(self) -> int:
        return _FIRST_NODE_PORT + next(self._ports) % _NODE_PORTS


def secret(item: JsonObject) -> JsonObject:
    """A Secret with ``stringData`` moved, base64-coded, into ``data``."""
    plain = cast("dict[str, str]", section(item, "stringData"))
    result: JsonObject = {k: v for k, v in item.items() if k != "stringData"}
    if plain:
        coded = {k: base64.b64encode(str(v).encode()).decode() for k, v in plain.items()}
        result["data"] = {**section(item, "data"), **coded}
    return {"type": "Opaque"} | result


def _namespace(item: JsonObject) -> JsonObject:
    meta = item["metadata"]
    labels = {**section(meta, "labels"), "kubernetes.io/metadata.name": meta["name"]}
    return {
        **item,
        "metadata": {**meta, "labels": labels},
        "spec": {"finalizers": ["kubernetes"], **section(item, "spec")},
        "status": item.get("status") or {"phase": "Active"},
    }


def _template(spec: JsonObject) -> JsonObject:
    template = section(spec, "template")
    return {**template, "spec": pod_spec(section(template, "spec"))}


def _job(item: JsonObject) -> JsonObject:
    spec, uid = section(item, "spec"), item["metadata"].get("uid", "")
    parallelism = spec.get("parallelism", 1)
    template = _template(spec)
    if not spec.get("manualSelector") and uid:
        meta = section(template, "metadata")
        name = item["metadata"]["name"]
        labels = {
            **section(meta, "labels"),
            "batch.kubernetes.io/controller-uid": uid,
            "batch.kubernetes.io/job-name": name,
            "controller-uid": uid,
            "job-name": name,
        }
        template = {**template, "metadata": {**meta, "labels": labels}}
        own = item["metadata"]
        item = {**item, "metadata": {**own, "labels": {**labels, **section(own, "labels")}}}
        spec = {**spec, "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}}
    spec = {
        "parallelism": parallelism,
        "completions": 1,
        "backoffLimit": 6,
        "completionMode": "NonIndexed",
        "suspend": False,
        "manualSelector": False,
        "podReplacementPolicy": "TerminatingOrFailed",
        **spec,
        "template": template,
    }
    return {**item, "spec": spec, "status": section(item, "status")}


def _strategy(said: JsonObject, **rolling: str | int) -> JsonObject:
    """``strategy: {}``, as kubectl generates it, means the same as none."""
    kind = said.get("type") or "RollingUpdate"
    if kind != "RollingUpdate":
        return {**said, "type": kind}
    return {**said, "type": kind, "rollingUpdate": {**rolling, **section(said, "rollingUpdate")}}


def _deployment(item: JsonObject) -> JsonObject:
    spec = section(item, "spec")
    return {
        **item,
        "spec": {
            "replicas": 1,
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
            **spec,
            "strategy": _strategy(section(spec, "strategy"), maxSurge="25%", maxUnavailable="25%"),
            "template": _template(spec),
        },
        "status": section(item, "status"),
    }


def _replica_set(item: JsonObject) -> JsonObject:
    spec = section(item, "spec")
    filled = {"replicas": 1, **spec, "template": _template(spec)}
    return {**item, "spec": filled, "status": item.get("status") or {"replicas": 0}}


def _stateful_set(item: JsonObject) -> JsonObject:
    spec = section(item, "spec")
    claims = [
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **c, "status": {"phase": "Pending"}}
        for c in listed(spec, "volumeClaimTemplates")
    ]
    filled = {
        "replicas": 1,
        "podManagementPolicy": "OrderedReady",
        "revisionHistoryLimit": 10,
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        **spec,
        "updateStrategy": _strategy(section(spec, "updateStrategy"), partition=0),
        "template": _template(spec),
        **({"volumeClaimTemplates": claims} if claims else {}),
    }
    return {**item, "spec": filled, "status": item.get("status") or {"replicas": 0}}


def _daemon_set(item: JsonObject) -> JsonObject:
    spec = section(item, "spec")
    filled = {
        "revisionHistoryLimit": 10,
        **spec,
        "updateStrategy": _strategy(section(spec, "updateStrategy"), maxSurge=0, maxUnavailable=1),
        "template": _template(spec),
    }
    counts = {"currentNumberScheduled": 0, "desiredNumberScheduled": 0,
              "numberMisscheduled": 0, "numberReady": 0}  # fmt: skip # short
    return {**item, "spec": filled, "status": item.get("status") or counts}


def _claim(item: JsonObject) -> JsonObject:
    spec = {"volumeMode": "Filesystem", **section(item, "spec")}
    return {**item, "spec": spec, "status": item.get("status") or {"phase": "Pending"}}


def _storage_class(item: JsonObject) -> JsonObject:
    return {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate", **item}


def _role_binding(item: JsonObject) -> JsonObject:
    role = {"apiGroup": "rbac.authorization.k8s.io", **section(item, "roleRef")}
    subjects = [_subject(s) for s in listed(item, "subjects")]
    return {**item, "roleRef": role, **({"subjects": subjects} if subjects else {})}


def _subject(subject: JsonObject) -> JsonObject:
    if subject.get("kind") in ("User", "Group"):
        return {"apiGroup": "rbac.authorization.k8s.io", **subject}
    return subject


def is_default_class(item: JsonObject) -> bool:
    """Whether a StorageClass serves claims that name none."""
    return annotations_of(item).get("storageclass.kubernetes.io/is-default-class") == "true"


_BY_KIND: dict[str, Callable[[JsonObject], JsonObject]] = {
    "Secret": secret,
    "Namespace": _namespace,
    "Pod": pod,
    "Job": _job,
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "PersistentVolumeClaim": _claim,
    "StorageClass": _storage_class,
    "RoleBinding": _role_binding,
    "ClusterRoleBinding": _role_binding,
}
