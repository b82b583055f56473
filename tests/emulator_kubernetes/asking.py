"""Requests as no client library sends them, and answers with their headers."""

import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from gateways.kubernetes._kubeconfig import read
from tests.emulator_kubernetes.running import Cluster


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said.

    Attributes:
        warnings: Values of the ``Warning`` headers.
    """

    status: int
    body: bytes
    warnings: tuple[str, ...]

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """Of a refusal."""
        return str(self.json["message"])


def ask(  # noqa: PLR0913 # the parts of a request, all but three by name
    cluster: Cluster,
    method: str,
    path: str,
    body: Any = None,
    *,
    kind: str = "application/json",
    headers: dict[str, str] | None = None,
    user: str = "clusterUser",
) -> Answer:
    """The answer to one request; ``body`` is sent as JSON unless it is text or bytes."""
    login = read(cluster.kubeconfig(user))
    data = body.encode() if isinstance(body, str) else body
    if data is not None and not isinstance(data, bytes):
        data = json.dumps(data).encode()
    request = urllib.request.Request(login.server + path, data, method=method)
    request.add_header("Authorization", f"Bearer {login.token}")
    if data is not None:
        request.add_header("Content-Type", kind)
    for name, value in (headers or {}).items():
        request.add_header(name, value)
    context = ssl.create_default_context(cadata=login.authority)
    try:
        with urllib.request.urlopen(request, context=context, timeout=20) as reply:
            warnings = tuple(reply.headers.get_all("Warning") or ())
            return Answer(reply.status, reply.read(), warnings)
    except urllib.error.HTTPError as refused:
        warnings = tuple(refused.headers.get_all("Warning") or ())
        return Answer(refused.code, refused.read(), warnings)
