"""How clients find out what there is: versions, groups, resources, OpenAPI."""

import hashlib
from dataclasses import dataclass

from emulator.kubernetes.objects import JsonObject
from emulator.kubernetes.openapi import document, index
from emulator.kubernetes.resources import Catalog, Resource


@dataclass(frozen=True, slots=True)
class Discovery:
    """Answers the addresses that name no object.

    Attributes:
        version: Kubernetes version without the ``v``, such as 1.36.3.
        address: ``host:port`` that clients are told to use.
    """

    catalog: Catalog
    version: str
    address: str

    def answer(self, path: str) -> JsonObject | None:  # a table of paths
        """The document at a path; None when it is not about discovery."""
        match path:
            case "/version":
                return self._version()
            case "/api":
                return self._api()
            case "/apis":
                return self._groups()
            case "/api/v1":
                return self._resources("", "v1")
            case _ if path == "/openapi/v3" or path.startswith("/openapi/v3/"):
                return self._openapi(path.removeprefix("/openapi/v3").strip("/"))
            case _:
                return self._below_apis(path)

    def _groups(self) -> JsonObject:
        groups = [self._group(g) for g in self.catalog.groups()]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}

    def _below_apis(self, path: str) -> JsonObject | None:
        parts = path.strip("/").split("/")
        if parts[0] != "apis" or parts[1] not in self.catalog.groups():
            return None
        match parts[2:]:
            case []:
                return {"kind": "APIGroup", "apiVersion": "v1", **self._group(parts[1])}
            case [version] if version in self.catalog.versions(parts[1]):
                return self._resources(parts[1], version)
            case _:
                return None

    def _version(self) -> JsonObject:
        major, minor, _ = self.version.split(".")
        return {
            "major": major,
            "minor": minor,
            "gitVersion": f"v{self.version}",
            "gitCommit": hashlib.sha1(self.version.encode(), usedforsecurity=False).hexdigest(),
            "gitTreeState": "clean",
            "buildDate": "2026-01-01T00:00:00Z",
            "goVersion": "go1.26.0",
            "compiler": "gc",
            "platform": "linux/amd64",
        }

    def _api(self) -> JsonObject:
        addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": self.address}]
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}

    def _group(self, group: str) -> JsonObject:
        versions = [
            {"groupVersion": f"{group}/{v}", "version": v} for v in self.catalog.versions(group)
        ]
        return {"name": group, "versions": versions, "preferredVersion": versions[0]}

    def _resources(self, group: str, version: str) -> JsonObject:
        listed: list[JsonObject] = []
        for resource in self.catalog:
            if (resource.group, resource.version) == (group, version):
                listed.append(_described(resource))
                listed += [_subresource(resource, s) for s in resource.subresources]
        return {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": f"{group}/{version}" if group else version,
            "resources": listed,
        }

    def _openapi(self, below: str) -> JsonObject | None:
        if not below:
            return index(self.catalog, self.version)
        return document(self.catalog, self.version, below)


def _described(resource: Resource) -> JsonObject:
    return {
        "name": resource.plural,
        "singularName": resource.kind.lower(),
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
        **({"shortNames": list(resource.short_names)} if resource.short_names else {}),
        **({"categories": list(resource.categories)} if resource.categories else {}),
    }


_SUBRESOURCE_KINDS: dict[str, tuple[str, str, str, list[str]]] = {
    "scale": ("autoscaling", "v1", "Scale", ["get", "patch", "update"]),
    "eviction": ("policy", "v1", "Eviction", ["create"]),
    "token": ("authentication.k8s.io", "v1", "TokenRequest", ["create"]),
    "binding": ("", "v1", "Binding", ["create"]),
    "finalize": ("", "v1", "Namespace", ["update"]),
    "exec": ("", "v1", "PodExecOptions", ["create", "get"]),
    "attach": ("", "v1", "PodAttachOptions", ["create", "get"]),
    "portforward": ("", "v1", "PodPortForwardOptions", ["create", "get"]),
}


def _subresource(resource: Resource, name: str) -> JsonObject:
    verbs = ["get"] if name == "log" else ["get", "patch", "update"]
    group, version, kind, verbs = _SUBRESOURCE_KINDS.get(name, ("", "", resource.kind, verbs))
    return {
        "name": f"{resource.plural}/{name}",
        "singularName": "",
        "namespaced": resource.namespaced,
        **({"group": group, "version": version} if group else {}),
        "kind": kind,
        "verbs": verbs,
    }
