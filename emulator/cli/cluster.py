"""The cluster as a command-line program reaches it: by the kubeconfig in KUBECONFIG."""

import base64
import json
import os
import ssl
import time
from typing import Any, cast

from emulator.cli.exchange import exchange
from model.documents import part

type JsonObject = dict[str, Any]

_CONFLICT, _NOT_FOUND = 409, 404
_FIRST_ERROR = 400


class ApiError(Exception):
    """The API server's no: its status and message."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class Unreachable(Exception):
    """No API server: no kubeconfig, or no answer."""


class Cluster:
    """A client of one API server.

    Raises:
        Unreachable: There is no kubeconfig.
    """

    def __init__(self) -> None:
        config = _kubeconfig(os.environ.get("KUBECONFIG", ""))
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self._server: str = cluster["server"].rstrip("/")
        self._token: str = user.get("token", "")
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self._tls = ssl.create_default_context(cadata=authority)

    def request(self, method: str, path: str, body: Any = None) -> JsonObject:
        """One request.

        Raises:
            ApiError: The server said no.
            Unreachable: There was no answer.
        """
        data = None if body is None else json.dumps(body).encode()
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": kind}
        try:
            status, answer = exchange(
                method, self._server + path, body=data, headers=headers, tls=self._tls
            )
        except OSError as error:
            raise Unreachable(str(error)) from error
        told = cast("JsonObject", json.loads(answer or b"{}"))
        if status >= _FIRST_ERROR:
            raise ApiError(status, told.get("message", f"HTTP {status}"))
        return told

    def find(self, path: str) -> JsonObject | None:
        """An object; None when there is none."""
        try:
            return self.request("GET", path)
        except ApiError as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    def ensure(self, collection: str, body: JsonObject) -> bool:
        """Create an object; False when one of that name is there."""
        try:
            self.request("POST", collection, body)
        except ApiError as error:
            if error.status == _CONFLICT:
                return False
            raise
        return True

    def secret(self, namespace: str, name: str, key: str) -> str:
        """One value of a Secret; empty when there is none."""
        found = self.find(f"/api/v1/namespaces/{namespace}/secrets/{name}")
        return base64.b64decode(part(found or {}, "data").get(key, "")).decode()


def _kubeconfig(path: str) -> JsonObject:
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 # pathlib is a tenth of a start
            text = file.read()
    except OSError as error:
        raise Unreachable("no kubeconfig") from error
    if text.startswith("{"):
        return cast("JsonObject", json.loads(text))
    import yaml  # noqa: PLC0415 # a kubelet of ours writes JSON; this is for a person's own

    return cast("JsonObject", yaml.safe_load(text))


def pause(seconds: float) -> None:
    """Wait for an emulated duration, at the speed of this world (``EMULATOR_SPEED``)."""
    time.sleep(max(seconds / float(os.environ.get("EMULATOR_SPEED", "1")), 0.02))


def encoded(text: str) -> str:
    """Base64, as Secrets have it."""
    return base64.b64encode(text.encode()).decode()
