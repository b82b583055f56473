"""One loopback port for the ingresses of many installations, as ingress-nginx answers.

The certificate follows the SNI of the handshake, the answer follows the Host header. A name that
nobody published gets the controller's self-signed certificate and its default backend.
"""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from emulator.clock import Clock
from emulator.faults import Faults
from emulator.ingress.certificates import fake_context, server_context
from emulator.ingress.product_api import Authenticate, Claims, SystemLimits
from emulator.ingress.sites import default_backend, sites
from emulator.journal import Journal

_LOOPBACK = "127.0.0.1"
_SITE = web.RequestKey("_SITE", web.Server)


@dataclass(frozen=True, slots=True)
class _Published:
    """One installation: its certificate, its applications by host name, its limits."""

    context: ssl.SSLContext
    runners: dict[str, web.AppRunner]
    limits: SystemLimits


class Ingress:
    """The ingress controllers of every emulated cluster, at one port.

    ``start`` and ``publish`` are called in the same event loop; a published host answers at once.
    """

    def __init__(self, clock: Clock, faults: Faults, journal: Journal) -> None:
        self._clock = clock
        self._faults = faults
        self._journal = journal
        self._published: dict[str, _Published] = {}
        self._hosts: dict[str, _Published] = {}
        self._backend: web.AppRunner | None = None
        self._front: web.Server | None = None
        self._listener: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        """Listen on loopback; the port is returned, 0 takes a free one."""
        context = fake_context(self._clock.now())
        context.sni_callback = self._choose_certificate
        self._backend = await _prepared(default_backend())
        self._front = web.Server(_answer, request_factory=self._make_request)
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._front, _LOOPBACK, port, ssl=context)
        return self.port

    @property
    def port(self) -> int:
        """The port that it listens on.

        Raises:
            RuntimeError: It was not started.
        """
        if self._listener is None:
            raise RuntimeError("the ingress was not started")
        return int(self._listener.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Withdraw everything and close the port; harmless when it was never started."""
        for base_domain in list(self._published):
            await self.withdraw(base_domain)
        if self._listener is not None and self._front is not None and self._backend is not None:
            self._listener.close()
            self._listener.abort_clients()  # a client that keeps its side open is not waited for
            await self._listener.wait_closed()
            await self._front.shutdown(timeout=1)
            await self._backend.cleanup()
            self._listener = self._front = self._backend = None

    async def publish(
        self,
        base_domain: str,
        cert_chain_pem: bytes,
        key_pem: bytes,
        *,
        keycloak: web.Application,
        authenticate: Authenticate | None = None,
    ) -> SystemLimits:
        """Answer at the seven names of ``base_domain``; a second call replaces the first.

        Args:
            base_domain: Without prefix, in lower case.
            cert_chain_pem: Leaf first; what is shown is not judged here.
            key_pem: Of the leaf, unencrypted.
            keycloak: Answers at ``auth-``, with journal and faults of its own.
            authenticate: Judges tokens at ``api-``; None turns everybody away.

        Returns:
            The limits that the GraphQL API stores, for tests to look at.
        """
        context = server_context(cert_chain_pem, key_pem)
        await self.withdraw(base_domain)
        limits = SystemLimits()
        apps = sites(
            self._faults,
            self._journal,
            keycloak=keycloak,
            limits=limits,
            authenticate=authenticate or _nobody,
        )
        runners = {f"{prefix}{base_domain}": await _prepared(app) for prefix, app in apps.items()}
        published = _Published(context, runners, limits)
        self._published[base_domain] = published
        self._hosts.update(dict.fromkeys(runners, published))
        return limits

    async def withdraw(self, base_domain: str) -> None:
        """Answer no more at the seven names; nothing happens when they are not published."""
        published = self._published.pop(base_domain, None)
        if published is None:
            return
        for host, runner in published.runners.items():
            del self._hosts[host]
            await runner.cleanup()

    def limits(self, base_domain: str) -> SystemLimits:
        """What the GraphQL API of a published installation stores."""
        return self._published[base_domain].limits

    def _choose_certificate(
        self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext
    ) -> None:
        published = self._hosts.get((name or "").lower())
        if published is not None:
            connection.context = published.context

    def _make_request(self, message: Any, *rest: Any) -> web.BaseRequest:
        """Let the application that the Host header names make its own kind of request."""
        host = message.headers.get("Host", "").partition(":")[0].lower()
        published = self._hosts.get(host)
        runner = self._backend if published is None else published.runners[host]
        server = None if runner is None else runner.server
        if server is None:
            raise RuntimeError("the ingress is stopping")
        request = server.request_factory(message, *rest)
        request[_SITE] = server
        return request


async def _answer(request: web.BaseRequest) -> web.StreamResponse:
    return await request[_SITE].request_handler(request)


async def _prepared(app: web.Application) -> web.AppRunner:
    runner = web.AppRunner(app)
    await runner.setup()
    return runner


async def _nobody(_token: str) -> Claims | None:
    return None
