"""Forwards one host to a server behind the ingress, with the headers that tell it of TLS."""

from typing import Any

from aiohttp import (
    ClientError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    hdrs,
    web,
)
from multidict import CIMultiDict
from yarl import URL

from emulator.faults import Faults
from emulator.ingress.sites import nginx_fault, nginx_page
from emulator.journal import Journal

_ANSWER = ClientTimeout(total=60)
"""nginx's default ``proxy-read-timeout``
(https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/)."""
_HOP_BY_HOP = frozenset(
    header.lower()
    for header in (
        hdrs.CONNECTION, hdrs.KEEP_ALIVE, hdrs.PROXY_AUTHENTICATE, hdrs.PROXY_AUTHORIZATION,
        hdrs.TE, hdrs.TRAILER, hdrs.TRANSFER_ENCODING, hdrs.UPGRADE, hdrs.CONTENT_LENGTH,
    )
)  # fmt: skip # one idea
"""https://www.rfc-editor.org/rfc/rfc9110#name-connection; the length is counted anew."""


def forward(target: str, server: str, faults: Faults, journal: Journal) -> web.Application:
    """An application that hands every request to ``target`` and its answer back.

    Args:
        target: Scheme, host and port; the path is that of the request.
        server: Its name in the journal and for faults.
        faults: Those of ``server`` happen before or after the request is handed on.
        journal: Where the requests are entered.
    """
    middlewares: list[Any] = [
        journal.middleware(server),
        faults.middleware(server, nginx_fault),
    ]
    app = web.Application(middlewares=middlewares)
    behind = _Target(target)
    app.on_startup.append(behind.open)
    app.on_cleanup.append(behind.close)
    app.router.add_route("*", "/{path:.*}", behind.ask)
    return app


class _Target:
    """The server behind, and the connections to it while the application runs."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: ClientSession | None = None

    async def open(self, _app: web.Application) -> None:
        self._client = ClientSession(
            auto_decompress=False, cookie_jar=DummyCookieJar(), timeout=_ANSWER
        )

    async def close(self, _app: web.Application) -> None:
        if self._client is not None:
            await self._client.close()

    async def ask(self, request: web.Request) -> web.Response:
        if self._client is None:
            raise RuntimeError("the application was not started")
        url = URL(self._url + request.raw_path, encoded=True)
        body = await request.read()
        headers = _forwarded(request)
        try:
            async with self._client.request(
                request.method, url, headers=headers, data=body or None, allow_redirects=False
            ) as answer:
                said, content = _without_hops(answer.headers), await answer.read()
                return web.Response(status=answer.status, body=content, headers=said)
        except (ClientError, TimeoutError):
            return nginx_page(502, "Bad Gateway")


def _forwarded(request: web.Request) -> CIMultiDict[str]:
    headers = _without_hops(request.headers)
    headers["X-Forwarded-For"] = request.remote or ""
    headers["X-Forwarded-Host"] = request.host
    headers["X-Forwarded-Proto"] = "https"
    headers["X-Forwarded-Port"] = "443"  # of the load balancer; ours is a loopback detail
    return headers


def _without_hops(headers: Any) -> CIMultiDict[str]:
    return CIMultiDict((k, v) for k, v in headers.items() if k.lower() not in _HOP_BY_HOP)
