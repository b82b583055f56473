"""The cluster as a command-line program reaches it: by the kubeconfig in KUBECONFIG."""

import base64
import json
import os
import ssl
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, cast

import yaml

from model.documents import part

type JsonObject = dict[str, Any]

_CONFLICT, _NOT_FOUND = 409, 404


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
        path = os.environ.get("KUBECONFIG", "")
        if not path or not Path(path).is_file():
            raise Unreachable("no kubeconfig")
        config = cast("JsonObject", yaml.load(Path(path).read_text(), Loader=_LOADER))  # noqa: S506 # the safe loader, in C where there is one
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self._server: str = cluster["server"].rstrip("/")
        self._token: str = user.get("token", "")
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        context = ssl.create_default_context(cadata=authority)
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def request(self, method: str, path: str, body: Any = None) -> JsonObject:
        """One request.

        Raises:
            ApiError: The server said no.
            Unreachable: There was no answer.
        """
        data = None if body is None else json.dumps(body).encode()
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        request = urllib.request.Request(self._server + path, data, method=method)  # noqa: S310 # a kubeconfig's https URL
        request.add_header("Authorization", f"Bearer {self._token}")
        request.add_header("Content-Type", kind)
        try:
            with self._opener.open(request, timeout=20) as answer:
                return cast("JsonObject", json.loads(answer.read() or b"{}"))
        except urllib.error.HTTPError as error:
            told = json.loads(error.read() or b"{}")
            raise ApiError(error.code, told.get("message", error.reason)) from error
        except OSError as error:
            raise Unreachable(str(error)) from error

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


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def pause(seconds: float) -> None:
    """Wait for an emulated duration, at the speed of this world (``EMULATOR_SPEED``)."""
    time.sleep(max(seconds / float(os.environ.get("EMULATOR_SPEED", "1")), 0.02))


def encoded(text: str) -> str:
    """Base64, as Secrets have it."""
    return base64.b64encode(text.encode()).decode()
