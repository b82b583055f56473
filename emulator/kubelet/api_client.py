"""A small client of the Kubernetes API: plain JSON in and out, nothing generated."""

import base64
import json
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, cast

import yaml
from aiohttp import ClientSession, ClientTimeout, TCPConnector

JsonObject = dict[str, Any]

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
NOT_FOUND = 404
_OK = 300


class ApiFailure(Exception):
    """The API server said no.

    ``code`` is the HTTP status, ``reason`` the reason of the ``Status`` object, if there was one.
    """

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(f"{code} {reason}: {message}")
        self.code = code
        self.reason = reason


class ApiClient:
    """A client by kubeconfig, with its token or its client certificate.

    Args:
        kubeconfig: YAML; the current context is used.
        agent: User-Agent, which becomes the field manager.
    """

    def __init__(self, kubeconfig: bytes, agent: str) -> None:
        config = cast("JsonObject", yaml.safe_load(kubeconfig))
        context = _named(config["contexts"], config["current-context"])["context"]
        cluster = _named(config["clusters"], context["cluster"])["cluster"]
        user = _named(config["users"], context["user"])["user"]
        self.server: str = cluster["server"].rstrip("/")
        self.authority = base64.b64decode(cluster["certificate-authority-data"])
        self._tls = ssl.create_default_context(cadata=self.authority.decode())
        if "client-certificate-data" in user:
            _load_client_certificate(self._tls, user)
        self._headers = {"User-Agent": f"{agent}/1", "Accept": "application/json"}
        if "token" in user:
            self._headers["Authorization"] = f"Bearer {user['token']}"
        self._session: ClientSession | None = None

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(ssl=self._tls, limit=20),
                headers=self._headers,
                timeout=ClientTimeout(total=60),
            )
        return self._session

    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        query: Mapping[str, str] | None = None,
    ) -> JsonObject:
        """One request; the answer's JSON.

        Raises:
            ApiFailure: The server answered with a status of 300 or more.
            aiohttp.ClientError: There was no answer.
        """
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": content_type} if data is not None else {}
        url = self.server + path
        async with self._open().request(
            method, url, data=data, headers=headers, params=query
        ) as reply:
            text = await reply.text()
            if reply.status >= _OK:
                raise _failure(reply.status, text)
            return cast("JsonObject", json.loads(text)) if text else {}

    async def get(self, path: str) -> JsonObject:
        """An object or a list."""
        return await self.request("GET", path)

    async def find(self, path: str) -> JsonObject | None:
        """An object, or None when there is none."""
        try:
            return await self.get(path)
        except ApiFailure as failure:
            if failure.code == NOT_FOUND:
                return None
            raise

    async def create(self, path: str, body: JsonObject) -> JsonObject:
        """A new object."""
        return await self.request("POST", path, body)

    async def ensure(self, path: str, body: JsonObject) -> None:
        """A new object, unless there is one of that name."""
        try:
            await self.create(path, body)
        except ApiFailure as failure:
            if failure.reason != "AlreadyExists":
                raise

    async def patch(self, path: str, body: JsonObject, kind: str = MERGE) -> JsonObject:
        """A changed object."""
        return await self.request("PATCH", path, body, content_type=kind)

    async def delete(self, path: str, options: JsonObject | None = None) -> None:
        """Ask for a deletion; an object that is gone already is no failure."""
        try:
            await self.request("DELETE", path, options)
        except ApiFailure as failure:
            if failure.code != NOT_FOUND:
                raise

    async def watch(self, path: str, revision: str) -> AsyncIterator[JsonObject]:
        """Events since ``revision`` until the server ends the stream.

        Raises:
            ApiFailure: The stream could not be opened, or told of an error (410: list again).
        """
        query = {
            "watch": "true", "resourceVersion": revision,
            "allowWatchBookmarks": "true", "timeoutSeconds": "300",
        }  # fmt: skip # one query
        timeout = ClientTimeout(total=None, sock_connect=10)
        async with self._open().get(self.server + path, params=query, timeout=timeout) as reply:
            if reply.status >= _OK:
                raise _failure(reply.status, await reply.text())
            buffer = b""
            async for chunk in reply.content.iter_any():
                *lines, buffer = (buffer + chunk).split(b"\n")
                for line in filter(None, lines):
                    event = cast("JsonObject", json.loads(line))
                    if event["type"] == "ERROR":
                        said = event["object"]
                        raise ApiFailure(
                            said.get("code", 500), said.get("reason", ""), said.get("message", "")
                        )
                    yield event


def _named(items: list[JsonObject], name: str) -> JsonObject:
    return next(i for i in items if i["name"] == name)


def _load_client_certificate(context: ssl.SSLContext, user: JsonObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        parts = {"client-certificate-data": "c.pem", "client-key-data": "k.pem"}
        for field, name in parts.items():
            Path(folder, name).write_bytes(base64.b64decode(user[field]))
        context.load_cert_chain(Path(folder, "c.pem"), Path(folder, "k.pem"))


def _failure(code: int, text: str) -> ApiFailure:
    try:
        status = cast("JsonObject", json.loads(text))
    except ValueError:
        return ApiFailure(code, "", text[:200])
    return ApiFailure(code, status.get("reason", ""), status.get("message", ""))
