"""Where a pod's files and variables come from: Secrets, ConfigMaps, the pod itself, its account."""

import base64
from typing import cast

from emulator.kubelet.api_client import ApiClient, JsonObject
from emulator.kubelet.documents import section


class Missing(Exception):
    """Something that the pod needs does not exist (yet); the text is what a kubelet shows."""


class Sources:
    """Reads what one pod refers to, through the API."""

    def __init__(self, api: ApiClient, pod: JsonObject, pod_ip: str) -> None:
        self._api = api
        self._pod = pod
        self._ip = pod_ip
        self._namespace: str = pod["metadata"]["namespace"]

    async def secret(self, name: str, *, optional: bool = False) -> dict[str, bytes]:
        """Decoded data of a Secret.

        Raises:
            Missing: There is none and it is not optional.
        """
        found = await self._find("secrets", "secret", name, optional=optional)
        data = cast("dict[str, str]", section(found, "data"))
        return {k: base64.b64decode(v) for k, v in data.items()}

    async def config_map(self, name: str, *, optional: bool = False) -> dict[str, bytes]:
        """Data of a ConfigMap.

        Raises:
            Missing: There is none and it is not optional.
        """
        found = await self._find("configmaps", "configmap", name, optional=optional)
        data = cast("dict[str, str]", section(found, "data"))
        binary = cast("dict[str, str]", section(found, "binaryData"))
        plain = {k: v.encode() for k, v in data.items()}
        return plain | {k: base64.b64decode(v) for k, v in binary.items()}

    async def _find(self, plural: str, word: str, name: str, *, optional: bool) -> JsonObject:
        found = await self._api.find(f"/api/v1/namespaces/{self._namespace}/{plural}/{name}")
        if found is None and not optional:
            raise Missing(f'{word} "{name}" not found')
        return found or {}

    async def token(self, seconds: int, audience: str = "") -> str:
        """A token of the pod's account, bound to the pod."""
        meta = self._pod["metadata"]
        account = self._pod["spec"].get("serviceAccountName") or "default"
        spec: JsonObject = {
            "expirationSeconds": seconds,
            "boundObjectRef": {
                "apiVersion": "v1",
                "kind": "Pod",
                "name": meta["name"],
                "uid": meta["uid"],
            },
        }
        if audience:
            spec["audiences"] = [audience]
        path = f"/api/v1/namespaces/{self._namespace}/serviceaccounts/{account}/token"
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        return (await self._api.create(path, request))["status"]["token"]

    def field(self, path: str) -> str:
        """A field of the pod, as ``fieldRef`` names it; empty when it is not set."""
        meta, spec = self._pod["metadata"], self._pod["spec"]
        if path.startswith(("metadata.labels['", "metadata.annotations['")):
            kind, _, key = path.removeprefix("metadata.").partition("['")
            return section(meta, kind).get(key.removesuffix("']"), "")
        if path in ("metadata.labels", "metadata.annotations"):
            pairs = section(meta, path.partition(".")[2]).items()
            return "\n".join(f'{k}="{v}"' for k, v in sorted(pairs))
        known = {
            "metadata.name": meta["name"],
            "metadata.namespace": meta["namespace"],
            "metadata.uid": meta["uid"],
            "spec.nodeName": spec.get("nodeName", ""),
            "spec.serviceAccountName": spec.get("serviceAccountName", ""),
            "status.podIP": self._ip,
            "status.podIPs": self._ip,
            "status.hostIP": "127.0.0.1",
        }
        return known.get(path, "")
