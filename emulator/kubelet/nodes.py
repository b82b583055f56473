"""Nodes as AKS makes them: names, labels, capacity, disks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from emulator.kubelet.api_client import STRATEGIC, ApiClient, JsonObject
from emulator.kubelet.azure_disk import DRIVER

_GIB_PER_CPU = {"D": 4, "E": 8, "F": 2, "B": 4, "L": 8, "M": 28}
"""Memory by VM family, as the size names of Azure promise; odd sizes are rounded to this."""
_OLD_SIZES = {
    "Standard_DS2_v2": (2, 7), "Standard_DS3_v2": (4, 14), "Standard_DS4_v2": (8, 28),
    "Standard_DS5_v2": (16, 56), "Standard_B2s": (2, 4), "Standard_B2ms": (2, 8),
}  # fmt: skip # a table
_SIZE = re.compile(r"^Standard_([A-Z])[A-Z]*(\d+)", re.IGNORECASE)
_RESERVED_CPU_MILLIS = 140
"""What AKS reserves of an eight-core node; smaller and larger ones differ by a few dozen."""
_RESERVED_MEMORY_SHARE = 0.1
_DISK = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpec:
    """One node to stand in for.

    Attributes:
        zone: Availability zone as the label has it, such as ``westeurope-1``; ``0`` for none.
        vm_size: Azure VM size; cores and memory follow from it.
        max_pods: Pods that fit, system pods included.
        data_disks: Disks that can be attached.
        pool: Agent pool.
        region: Region as the label has it; empty for the first part of ``zone``.
        mode: ``system`` or ``user``.
        labels: What the pool's owner wants besides.
        taints: ``key=value:Effect``.
    """

    name: str
    zone: str = "0"
    vm_size: str = "Standard_D8s_v5"
    max_pods: int = 110
    data_disks: int = 16
    pool: str = "nodepool1"
    region: str = ""
    mode: str = "system"
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    taints: tuple[str, ...] = ()


def cores_and_memory(vm_size: str) -> tuple[int, int]:
    """Cores and GiB of a VM size; eight and 32 for an unknown one."""
    if vm_size in _OLD_SIZES:
        return _OLD_SIZES[vm_size]
    found = _SIZE.match(vm_size)
    if found is None:
        return 8, 32
    cores = int(found[2])
    return cores, cores * _GIB_PER_CPU.get(found[1].upper(), 4)


def manifest(spec: NodeSpec) -> JsonObject:
    """The Node object; its status is set apart."""
    region = spec.region or spec.zone.rpartition("-")[0] or spec.zone
    labels = dict(spec.labels) | {
        "kubernetes.io/hostname": spec.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/role": "agent",
        "agentpool": spec.pool,
        "kubernetes.azure.com/agentpool": spec.pool,
        "kubernetes.azure.com/mode": spec.mode,
        "node.kubernetes.io/instance-type": spec.vm_size,
        "topology.kubernetes.io/zone": spec.zone,
        "topology.kubernetes.io/region": region,
        "topology.disk.csi.azure.com/zone": spec.zone if spec.zone != "0" else "",
    }
    meta = {"name": spec.name, "labels": labels}
    held: JsonObject = {"taints": [_taint(t) for t in spec.taints]} if spec.taints else {}
    return {"apiVersion": "v1", "kind": "Node", "metadata": meta, "spec": held}


def _taint(text: str) -> JsonObject:
    what, _, effect = text.rpartition(":")
    key, _, value = what.partition("=")
    return {"key": key, "effect": effect} | ({"value": value} if value else {})


def status(spec: NodeSpec, port: int, version: str, *, ready: bool) -> JsonObject:
    """The status that a kubelet reports; ``port`` is where it serves logs."""
    cores, memory = cores_and_memory(spec.vm_size)
    kibibytes = memory * 1024 * 1024
    pods = str(spec.max_pods)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    reason = "KubeletReady" if ready else "KubeletNotReady"
    conditions = [
        _condition("MemoryPressure", "KubeletHasSufficientMemory", now, holds=False),
        _condition("DiskPressure", "KubeletHasNoDiskPressure", now, holds=False),
        _condition("PIDPressure", "KubeletHasSufficientPID", now, holds=False),
        _condition("Ready", reason, now, holds=ready),
    ]
    return {
        "addresses": [
            {"type": "InternalIP", "address": "127.0.0.1"},
            {"type": "Hostname", "address": spec.name},
        ],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        "capacity": {
            "cpu": str(cores), "memory": f"{kibibytes}Ki", "pods": pods,
            "ephemeral-storage": f"{_DISK}Ki",
        },
        "allocatable": {
            "cpu": f"{cores * 1000 - _RESERVED_CPU_MILLIS}m",
            "memory": f"{int(kibibytes * (1 - _RESERVED_MEMORY_SHARE))}Ki", "pods": pods,
            "ephemeral-storage": f"{int(_DISK * 0.9)}Ki",
        },
        "conditions": conditions,
        "nodeInfo": {
            "kubeletVersion": version, "kubeProxyVersion": "", "osImage": "Ubuntu 24.04 LTS",
            "operatingSystem": "linux", "architecture": "amd64", "kernelVersion": "6.8.0-azure",
            "containerRuntimeVersion": "containerd://2.0.0", "machineID": "", "systemUUID": "",
            "bootID": "",
        },
    }  # fmt: skip # a document


def _condition(kind: str, reason: str, now: str, *, holds: bool) -> JsonObject:
    return {
        "type": kind,
        "status": "True" if holds else "False",
        "reason": reason,
        "message": "",
        "lastTransitionTime": now,
        "lastHeartbeatTime": now,
    }


async def register(api: ApiClient, spec: NodeSpec, port: int, version: str, *, ready: bool) -> None:
    """Make or refresh the Node and its CSINode."""
    await api.ensure("/api/v1/nodes", manifest(spec))
    if not ready:  # a pool's labels and taints may have changed since its node was made
        await _follow_pool(api, spec)
    report = {"status": status(spec, port, version, ready=ready)}
    node = await api.patch(f"/api/v1/nodes/{spec.name}/status", report, STRATEGIC)
    driver = {
        "name": DRIVER,
        "nodeID": spec.name,
        "topologyKeys": ["topology.disk.csi.azure.com/zone"],
        "allocatable": {"count": spec.data_disks},
    }
    owner = {"apiVersion": "v1", "kind": "Node", "name": spec.name, "uid": node["metadata"]["uid"]}
    csi_node = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "CSINode",
        "metadata": {"name": spec.name, "ownerReferences": [owner]},
        "spec": {"drivers": [driver]},
    }
    await api.ensure("/apis/storage.k8s.io/v1/csinodes", csi_node)


async def _follow_pool(api: ApiClient, spec: NodeSpec) -> None:
    path = f"/api/v1/nodes/{spec.name}"
    wanted = manifest(spec)
    taints: list[JsonObject] = (await api.get(path))["spec"].get("taints") or []
    kept = [t for t in taints if t["key"].startswith("node.kubernetes.io/")]
    kept += wanted["spec"].get("taints") or []
    labels: JsonObject = wanted["metadata"]["labels"]
    await api.patch(path, {"metadata": {"labels": labels}, "spec": {"taints": kept}})
