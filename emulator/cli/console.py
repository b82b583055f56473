"""kotsadm's HTTP API as the kots CLI uses it; through the cluster's proxy, not a port-forward."""

import json
from typing import Any

from emulator.cli.cluster import Cluster
from emulator.cli.exchange import exchange

_PORT_FORWARD = (
    "failed to start port forwarding: failed to get pod name for port forward: "
    "unable to find kotsadm pod"
)


class NoConsole(Exception):
    """There is no running Admin Console; the text is the CLI's."""


class Console:
    """The Admin Console of a namespace.

    Raises:
        NoConsole: Its pod does not run.
    """

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        running = cluster.request(
            "GET", f"/api/v1/namespaces/{namespace}/pods?labelSelector=app%3Dkotsadm"
        )
        phases = [pod.get("status", {}).get("phase") for pod in running["items"]]
        if "Running" not in phases:
            raise NoConsole(_PORT_FORWARD)
        self._base = f"http://kotsadm.{namespace}.svc:3000"
        self._token = cluster.secret(namespace, "kotsadm-authstring", "kotsadm-authstring")

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON body of one request; status 0 when nothing listens yet."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": self._token, "Content-Type": "application/json"}
        try:
            status, answer = exchange(method, self._base + path, body=data, headers=headers)
        except OSError:
            return 0, None
        return status, _json(answer)


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw or b"null")
    except ValueError:
        return None
