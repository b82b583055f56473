"""Endpoints and EndpointSlices: the addresses of the ready pods behind a Service."""

from collections.abc import Iterable, Sequence
from typing import Any

from emulator.kubernetes.controllers.pods import active, ready
from emulator.kubernetes.objects import (
    JsonObject,
    Key,
    deleting,
    key_of,
    labels_of,
    listed,
    owned_by,
    status_of,
)
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.resources import ENDPOINT_SLICES, ENDPOINTS, PODS, SERVICES, Resource
from emulator.kubernetes.store import Event


class ServiceEndpoints:
    """Keeps both forms for every Service that has a selector."""

    watched: Sequence[Resource] = (SERVICES, PODS)

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def keys(self, event: Event) -> Iterable[Key]:
        """The Service, or those that select the pod that changed."""
        namespace, _ = key_of(event.object)
        if event.resource.id == SERVICES.id:
            return [key_of(event.object)]
        if (
            event.previous is not None
            and event.type == "MODIFIED"
            and _seen(event.previous) == _seen(event.object)
        ):
            return []
        labels = labels_of(event.object)
        return [
            key_of(s)
            for s in self._operations.store.in_namespace(SERVICES, namespace)
            if (chosen := s["spec"].get("selector")) and chosen.items() <= labels.items()
        ]

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Write the addresses down, or take them away with the Service."""
        store = self._operations.store
        service = store.get(SERVICES, namespace, name)
        if service is None:
            left = store.get(ENDPOINTS, namespace, name)
            if left is not None and not deleting(left):
                self._operations.delete(ENDPOINTS, left)
            return None
        selector = service["spec"].get("selector")
        if not selector or deleting(service):
            return None
        pods = [
            p
            for p in store.in_namespace(PODS, namespace)
            if selector.items() <= labels_of(p).items() and active(p) and status_of(p).get("podIP")
        ]
        pods.sort(key=key_of)
        self._put(
            ENDPOINTS, namespace, name, {"subsets": _subsets(service, pods)}, _meta(service, name)
        )
        labels = {
            "kubernetes.io/service-name": name,
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        }
        slice_name = f"{name}-{service['metadata']['uid'][:5]}"
        body = {
            "addressType": "IPv4",
            "endpoints": [_endpoint(p) for p in pods],
            "ports": _slice_ports(service, pods),
        }
        meta = {"name": slice_name, "labels": labels, "ownerReferences": owned_by(service)}
        self._put(ENDPOINT_SLICES, namespace, slice_name, body, meta)
        return None

    def _put(
        self, resource: Resource, namespace: str, name: str, body: JsonObject, meta: JsonObject
    ) -> None:
        found = self._operations.store.get(resource, namespace, name)
        if found is None:
            self._operations.create(resource, namespace, {"metadata": meta, **body})
        elif any(found.get(k) != v for k, v in body.items()):
            self._operations.replace(resource, found, {**found, **body})


def _seen(pod: JsonObject) -> tuple[Any, ...]:
    return ready(pod), active(pod), status_of(pod).get("podIP"), labels_of(pod)


def _meta(service: JsonObject, name: str) -> JsonObject:
    labels = labels_of(service)
    return {"name": name, **({"labels": labels} if labels else {})}


def _subsets(service: JsonObject, pods: list[JsonObject]) -> list[JsonObject]:
    if not pods:
        return []
    split: dict[str, list[JsonObject]] = {"addresses": [], "notReadyAddresses": []}
    for pod in pods:
        split["addresses" if ready(pod) else "notReadyAddresses"].append(
            {
                "ip": status_of(pod)["podIP"],
                "nodeName": pod["spec"].get("nodeName"),
                "targetRef": _target(pod),
            }
        )
    return [{k: v for k, v in split.items() if v} | {"ports": _ports(service, pods)}]


def _target(pod: JsonObject) -> JsonObject:
    meta = pod["metadata"]
    return {"kind": "Pod", "name": meta["name"], "namespace": meta["namespace"], "uid": meta["uid"]}


def _endpoint(pod: JsonObject) -> JsonObject:
    serving = ready(pod)
    return {
        "addresses": [status_of(pod)["podIP"]],
        "conditions": {"ready": serving, "serving": serving, "terminating": False},
        "nodeName": pod["spec"].get("nodeName"),
        "targetRef": _target(pod),
    }


def _ports(service: JsonObject, pods: list[JsonObject]) -> list[JsonObject]:
    return [
        {
            **({"name": p["name"]} if p.get("name") else {}),
            "port": _number(p, pods),
            "protocol": p.get("protocol", "TCP"),
        }
        for p in listed(service["spec"], "ports")
    ]


def _slice_ports(service: JsonObject, pods: list[JsonObject]) -> list[JsonObject]:
    return [{"name": "", **p} for p in _ports(service, pods)]


def _number(port: JsonObject, pods: list[JsonObject]) -> int:
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    containers: list[JsonObject] = pods[0]["spec"]["containers"] if pods else []
    for container in containers:
        for declared in listed(container, "ports"):
            if declared.get("name") == target:
                return declared["containerPort"]
    return port["port"]
