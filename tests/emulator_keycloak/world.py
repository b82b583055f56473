"""One ingress with one published installation, running in a thread of its own for sync clients."""

import asyncio
import http.client
import json
import secrets
import socket
import ssl
import threading
from collections.abc import Coroutine, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import trustme

from emulator.clock import Clock
from emulator.faults import Faults
from emulator.ingress import PREFIXES, Ingress, SystemLimits
from emulator.journal import Journal
from emulator.keycloak import Deployed, Keycloak
from emulator.real.keycloak import KeycloakServer
from emulator.real.keycloak_deployment import RealKeycloak
from model.endpoint import Endpoint

BASE = "dash.example.test"
type Answer = tuple[int, Any]


@cache
def _authority() -> trustme.CA:
    return trustme.CA()


@cache
def _certificate(*names: str) -> trustme.LeafCert:
    return _authority().issue_cert(*names)


@dataclass(slots=True, kw_only=True)
class World:
    """Everything of one run that tests talk to or look at.

    Attributes:
        real: The true server that answers; None for an emulated one.
        keycloak: The emulated server; unset when ``real`` answers.
        deployed: Whichever it is.
    """

    folder: Path
    version: str
    loop: asyncio.AbstractEventLoop
    real: KeycloakServer | None = None
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)
    admin_username: str = "admin"
    admin_password: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    ingress: Ingress = field(init=False)
    keycloak: Keycloak = field(init=False)
    deployed: Deployed = field(init=False)
    limits: SystemLimits = field(init=False)

    def __post_init__(self) -> None:
        self.ingress = Ingress(self.clock, self.faults, self.journal)
        if self.real is None:
            self.deployed = self.keycloak = self.another_keycloak()
        else:
            self.admin_username = self.real.admin_username
            self.admin_password = self.real.admin_password
            self.deployed = RealKeycloak(self.real, self.faults, self.journal)
        _authority().cert_pem.write_to_path(str(self.ca_file))

    @property
    def ca_file(self) -> Path:
        """The authority that signed the published certificate."""
        return self.folder / "ca.pem"

    def another_keycloak(self) -> Keycloak:
        """A fresh server with the same administrator."""
        return Keycloak(
            self.clock,
            self.faults,
            self.journal,
            admin_username=self.admin_username,
            admin_password=self.admin_password,
            version=self.version,
        )

    def endpoint(self, host: str) -> Endpoint:
        """Where a host name is reached."""
        return Endpoint(
            host=host, address="127.0.0.1", port=self.ingress.port, ca_file=str(self.ca_file)
        )

    def do[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the servers' event loop and wait for it."""
        return self.start(work).result(timeout=10)

    def start[T](self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run something in the servers' event loop while the caller goes on."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        form: dict[str, str] | None = None,
        token: str = "",
    ) -> Answer:
        """Status and JSON of one request to the published Keycloak; None for an empty body."""
        endpoint = self.endpoint(f"auth-{BASE}")
        context = ssl.create_default_context(cafile=endpoint.ca_file)
        plain = socket.create_connection((endpoint.address, endpoint.port), 30)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        raw: str | None = None
        if form is not None:
            raw, headers["Content-Type"] = urlencode(form), "application/x-www-form-urlencoded"
        elif body is not None:
            raw, headers["Content-Type"] = json.dumps(body), "application/json"
        request = http.client.HTTPSConnection(endpoint.host)
        request.sock = context.wrap_socket(plain, server_hostname=endpoint.host)
        try:
            request.request(method, path, body=raw, headers=headers)
            answer = request.getresponse()
            text = answer.read()
        finally:
            request.close()
        return answer.status, json.loads(text) if text else None

    def publish(self, base_domain: str, keycloak: Deployed, *names: str) -> SystemLimits:
        """Publish an installation whose certificate covers the seven names, or just ``names``."""
        covered = names or tuple(f"{prefix}{base_domain}" for prefix in PREFIXES)
        leaf = _certificate(*covered)
        chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
        return self.do(
            self.ingress.publish(
                base_domain,
                chain,
                leaf.private_key_pem.bytes(),
                keycloak=keycloak.app,
                authenticate=keycloak.authenticate,
            )
        )


@contextmanager
def running(
    folder: Path, version: str = "26.7.5", real: KeycloakServer | None = None
) -> Generator[World]:
    """A world with ``BASE`` published; everything but ``real`` ends with the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        world = World(folder=folder, version=version, loop=loop, real=real)
        world.do(world.ingress.start())
        try:
            world.limits = world.publish(BASE, world.deployed)
            yield world
        finally:
            world.do(world.ingress.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()
