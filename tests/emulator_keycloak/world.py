"""One ingress with one published installation, running in a thread of its own for sync clients."""

import asyncio
import secrets
import threading
from collections.abc import Coroutine, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme

from emulator.clock import Clock
from emulator.faults import Faults
from emulator.ingress import PREFIXES, Ingress, SystemLimits
from emulator.journal import Journal
from emulator.keycloak import Keycloak
from model.endpoint import Endpoint

BASE = "dash.example.test"


@dataclass(slots=True, kw_only=True)
class World:
    """Everything of one run that tests talk to or look at."""

    folder: Path
    version: str
    loop: asyncio.AbstractEventLoop
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)
    authority: trustme.CA = field(default_factory=trustme.CA)
    admin_username: str = "admin"
    admin_password: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    ingress: Ingress = field(init=False)
    keycloak: Keycloak = field(init=False)
    limits: SystemLimits = field(init=False)

    def __post_init__(self) -> None:
        self.ingress = Ingress(self.clock, self.faults, self.journal)
        self.keycloak = self.another_keycloak()
        self.authority.cert_pem.write_to_path(str(self.ca_file))

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

    def publish(self, base_domain: str, keycloak: Keycloak, *names: str) -> SystemLimits:
        """Publish an installation whose certificate covers the seven names, or just ``names``."""
        covered = names or tuple(f"{prefix}{base_domain}" for prefix in PREFIXES)
        leaf = self.authority.issue_cert(*covered)
        chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)

        async def authenticate(token: str) -> dict[str, Any] | None:
            return keycloak.claims(token, "dash")

        return self.do(
            self.ingress.publish(
                base_domain,
                chain,
                leaf.private_key_pem.bytes(),
                keycloak=keycloak.app,
                authenticate=authenticate,
            )
        )


@contextmanager
def running(folder: Path, version: str = "26.7.5") -> Generator[World]:
    """A world with ``BASE`` published; everything ends with the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        world = World(folder=folder, version=version, loop=loop)
        world.do(world.ingress.start())
        try:
            world.limits = world.publish(BASE, world.keycloak)
            yield world
        finally:
            world.do(world.ingress.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()
