"""Columns of nodes, services, volumes, rights and the other kinds.

Source: the columns that kube-apiserver 1.36 answers, asked for ``as=Table``.
"""

from collections.abc import Callable, Iterable
from typing import Any

from emulator.kubernetes.defaults import is_default_class
from emulator.kubernetes.objects import JsonObject, holds, labels_of, listed, section, status_of
from emulator.kubernetes.printed_age import age
from emulator.kubernetes.printed_columns import (
    AGE,
    CREATED,
    NAME,
    NONE,
    UNKNOWN,
    UNSET,
    Column,
    number,
    pairs,
    selector,
    some,
    spec,
    status,
    top,
    wide,
)

_ROLE = "node-role.kubernetes.io/"
_OLD_ROLE = "kubernetes.io/role"
_MODES = {
    "ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}  # fmt: skip # a table


def _node_state(node: JsonObject) -> str:
    word = "Ready" if holds(node, "Ready") else "NotReady"
    return word + (",SchedulingDisabled" if node["spec"].get("unschedulable") else "")


def _roles(node: JsonObject) -> str:
    labels = labels_of(node)
    names = {k.removeprefix(_ROLE) for k in labels if k.startswith(_ROLE)}
    names.add(labels.get(_OLD_ROLE, ""))
    return ",".join(sorted(names - {""})) or NONE


def _address(kind: str) -> Callable[[JsonObject], str]:
    def read(node: JsonObject) -> str:
        addresses: list[JsonObject] = listed(status_of(node), "addresses")
        return next((a["address"] for a in addresses if a["type"] == kind), NONE)

    return read


def _node_info(name: str, default: str = UNKNOWN) -> Callable[[JsonObject], Any]:
    return lambda node: section(status_of(node), "nodeInfo").get(name) or default


def _external(service: JsonObject) -> str:
    ingress = listed(section(status_of(service), "loadBalancer"), "ingress")
    if ingress:
        return ",".join(i.get("ip") or i.get("hostname", "") for i in ingress)
    if section(service, "spec").get("type") == "ExternalName":
        return service["spec"].get("externalName", "")
    return "<pending>" if service["spec"].get("type") == "LoadBalancer" else NONE


def _ports(service: JsonObject) -> str:
    told = [
        f"{p['port']}{f':{p["nodePort"]}' if p.get('nodePort') else ''}/{p['protocol']}"
        for p in listed(service["spec"], "ports")
    ]
    return ",".join(told) or NONE


def _endpoints(item: JsonObject) -> str:
    told = [
        f"{address['ip']}:{port['port']}"
        for subset in listed(item, "subsets")
        for port in listed(subset, "ports")
        for address in listed(subset, "addresses")
    ]
    return some(told)


def _slice_ports(item: JsonObject) -> str:
    ports = listed(item, "ports")
    return some([str(p.get("port", "*")) for p in ports]) if ports else UNSET


def _slice_endpoints(item: JsonObject) -> str:
    ends = [a for e in listed(item, "endpoints") for a in listed(e, "addresses")]
    return some(ends) if ends else UNSET


def _modes(item: JsonObject) -> str:
    bound = status_of(item).get("phase") != "Pending" or item["kind"] == "PersistentVolume"
    said: list[str] = listed(section(item, "spec"), "accessModes") if bound else []
    return ",".join(_MODES[m] for m in _MODES if m in said)


def _capacity(item: JsonObject) -> str:
    where = item["spec"] if item["kind"] == "PersistentVolume" else status_of(item)
    return section(where, "capacity").get("storage", "")


def _claim(volume: JsonObject) -> str:
    claim = section(volume["spec"], "claimRef")
    return f"{claim.get('namespace')}/{claim.get('name')}" if claim else ""


def _class_name(item: JsonObject) -> str:
    name = item["metadata"]["name"]
    return f"{name} (default)" if is_default_class(item) else name


def _amounts(prefixes: Iterable[str], *, others: bool) -> Callable[[JsonObject], str]:
    """What a quota counts: with ``others``, what has none of the prefixes, too."""
    starts = tuple(prefixes)

    def read(quota: JsonObject) -> str:
        hard, used = section(status_of(quota), "hard"), section(status_of(quota), "used")
        return ", ".join(
            f"{name}: {used.get(name, 0)}/{hard[name]}"
            for name in sorted(hard)
            if name.startswith(starts) is not others
        )

    return read


def _subjects(kind: str) -> Callable[[JsonObject], str]:
    def read(binding: JsonObject) -> str:
        chosen = [s for s in listed(binding, "subjects") if s["kind"] == kind]
        return ", ".join(
            f"{s['namespace']}/{s['name']}" if s.get("namespace") else s["name"] for s in chosen
        )

    return read


def _role(binding: JsonObject) -> str:
    return f"{binding['roleRef']['kind']}/{binding['roleRef']['name']}"


def _about(event: JsonObject) -> str:
    about = section(event, "involvedObject")
    return f"{about.get('kind', '').lower()}/{about.get('name', '')}"


def _seen(name: str) -> Callable[[JsonObject], str]:
    return lambda event: age(event.get(name) or event.get("eventTime"))


def _source(event: JsonObject) -> str:
    said = section(event, "source")
    return ", ".join(filter(None, (said.get("component"), said.get("host"))))


def _hosts(ingress: JsonObject) -> str:
    hosts = [r["host"] for r in listed(ingress["spec"], "rules") if r.get("host")]
    return some(hosts) if hosts else "*"


def _ingress_address(ingress: JsonObject) -> str:
    found = listed(section(status_of(ingress), "loadBalancer"), "ingress")
    return ",".join(i.get("ip") or i.get("hostname", "") for i in found)


def _service_of(item: JsonObject) -> str:
    found = section(item["spec"], "service")
    return f"{found['namespace']}/{found['name']}" if found else "Local"


def _webhooks(item: JsonObject) -> int:
    return len(listed(item, "webhooks"))


def _map_size(item: JsonObject) -> int:
    return len(section(item, "data")) + len(section(item, "binaryData"))


_BINDING = [
    NAME, Column("Role", _role), AGE, wide("Users", _subjects("User")),
    wide("Groups", _subjects("Group")), wide("ServiceAccounts", _subjects("ServiceAccount")),
]  # fmt: skip # one idea
_CREATED = [NAME, CREATED]
_CLASS = [
    Column("StorageClass", spec("storageClassName")),
    Column("VolumeAttributesClass", spec("volumeAttributesClassName", default=UNSET)),
]
_HOOKS = [NAME, number("Webhooks", _webhooks), AGE]

CORE: dict[str, list[Column]] = {
    "Node": [
        NAME, Column("Status", _node_state), Column("Roles", _roles), AGE,
        Column("Version", _node_info("kubeletVersion", "")),
        wide("Internal-IP", _address("InternalIP")), wide("External-IP", _address("ExternalIP")),
        wide("OS-Image", _node_info("osImage")),
        wide("Kernel-Version", _node_info("kernelVersion")),
        wide("Container-Runtime", _node_info("containerRuntimeVersion")),
    ],
    "Namespace": [NAME, Column("Status", status("phase", "")), AGE],
    "Service": [
        NAME, Column("Type", spec("type")), Column("Cluster-IP", spec("clusterIP", default=NONE)),
        Column("External-IP", _external), Column("Port(s)", _ports), AGE,
        wide("Selector", lambda i: pairs(section(i["spec"], "selector"))),
    ],
    "Endpoints": [NAME, Column("Endpoints", _endpoints), AGE],
    "EndpointSlice": [
        NAME, Column("AddressType", top("addressType")), Column("Ports", _slice_ports),
        Column("Endpoints", _slice_endpoints), AGE,
    ],
    "Secret": [
        NAME, Column("Type", top("type", "Opaque")),
        Column("Data", lambda i: len(section(i, "data"))), AGE,
    ],
    "ConfigMap": [
        NAME, Column("Data", _map_size), AGE,
    ],
    "ServiceAccount": [NAME, AGE],
    "ResourceQuota": [
        NAME, Column("Request", _amounts(("limits.",), others=True)),
        Column("Limit", _amounts(("limits.",), others=False)), AGE,
    ],
    "Event": [
        Column("Last Seen", _seen("lastTimestamp")), Column("Type", top("type")),
        Column("Reason", top("reason")), Column("Object", _about),
        wide("Subobject", lambda i: section(i, "involvedObject").get("fieldPath", "")),
        wide("Source", _source), Column("Message", top("message")),
        wide("First Seen", _seen("firstTimestamp")), wide("Count", top("count", 1)),
        Column("Name", NAME.cell, format="name", priority=1),
    ],
    "PersistentVolumeClaim": [
        NAME, Column("Status", status("phase", "")), Column("Volume", spec("volumeName")),
        Column("Capacity", _capacity), Column("Access Modes", _modes), *_CLASS, AGE,
        wide("VolumeMode", spec("volumeMode", default=UNSET)),
    ],
    "PersistentVolume": [
        NAME, Column("Capacity", _capacity), Column("Access Modes", _modes),
        Column("Reclaim Policy", spec("persistentVolumeReclaimPolicy")),
        Column("Status", status("phase", "")), Column("Claim", _claim), *_CLASS,
        Column("Reason", status("reason", "")), AGE,
        wide("VolumeMode", spec("volumeMode", default=UNSET)),
    ],
    "StorageClass": [
        Column("Name", _class_name, format="name"), Column("Provisioner", top("provisioner")),
        Column("ReclaimPolicy", top("reclaimPolicy", "Delete")),
        Column("VolumeBindingMode", top("volumeBindingMode", UNSET)),
        Column("AllowVolumeExpansion", top("allowVolumeExpansion", default=False)), AGE,
    ],
    "Ingress": [
        NAME, Column("Class", spec("ingressClassName", default=NONE)), Column("Hosts", _hosts),
        Column("Address", _ingress_address),
        Column("Ports", lambda i: "80, 443" if i["spec"].get("tls") else "80"), AGE,
    ],
    "IngressClass": [
        NAME, Column("Controller", spec("controller")),
        Column("Parameters", lambda _: NONE), AGE,
    ],
    "NetworkPolicy": [
        NAME, Column("Pod-Selector", lambda i: selector(section(i["spec"], "podSelector"))), AGE,
    ],
    "PodDisruptionBudget": [
        NAME, Column("Min Available", lambda i: str(i["spec"].get("minAvailable", "N/A"))),
        Column("Max Unavailable", lambda i: str(i["spec"].get("maxUnavailable", "N/A"))),
        number("Allowed Disruptions", status("disruptionsAllowed")), AGE,
    ],
    "RoleBinding": _BINDING,
    "ClusterRoleBinding": _BINDING,
    "Lease": [NAME, Column("Holder", spec("holderIdentity")), AGE],
    "PriorityClass": [
        NAME, number("Value", top("value", 0)),
        Column("Global-Default", top("globalDefault", default=False), "boolean"), AGE,
        Column("PreemptionPolicy", top("preemptionPolicy", "PreemptLowerPriority")),
    ],
    "CSINode": [NAME, number("Drivers", lambda i: len(listed(i["spec"], "drivers"))), AGE],
    "APIService": [
        NAME, Column("Service", _service_of),
        Column("Available", lambda i: "True" if holds(i, "Available") else "False"), AGE,
    ],
    "ValidatingWebhookConfiguration": _HOOKS,
    "MutatingWebhookConfiguration": _HOOKS,
}  # fmt: skip # a table
