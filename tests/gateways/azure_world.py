"""An Azure to test against: the emulated one, or a real subscription named by the environment.

``AZURE_TEST_SUBSCRIPTION`` names a real subscription and ``AZURE_TEST_LOCATION`` its region; the
login is then a developer's own (``az login``), and pytest needs ``--force-enable-socket``.
"""

import asyncio
import functools
import os
import secrets
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from emulator.azure import Azure
from emulator.clock import Clock
from emulator.dns import DnsServer
from emulator.durations import Durations
from emulator.faults import Faults
from emulator.journal import Entry, Journal
from gateways import Gateways
from model.plan import GroupSpec, Ownership
from model.settings import Settings

REAL = os.environ.get("AZURE_TEST_SUBSCRIPTION", "")
BACKENDS = ["emulated", *(["real"] if REAL else [])]

CLUSTER = "Microsoft.ContainerService/managedClusters"
NETWORK = "Microsoft.Network/virtualNetworks"

_SPEED = 6000.0
"""Eight minutes of a cluster's creation in 80 ms."""
_PATIENCE = 10.0


@dataclass(slots=True, kw_only=True)
class World:
    """The gateways under test, and the emulated Azure behind them.

    Attributes:
        group: Name of a resource group that is not there at first.
    """

    gateways: Gateways
    subscription_id: str
    location: str
    group: str = field(default_factory=lambda: f"test-{secrets.token_hex(4)}")

    def spec(self, installation: str = "dash", **tags: str) -> GroupSpec:
        """The group as an installation plans it."""
        owner = Ownership(installation=installation, plan_hash="0123456789abcdef", tags=tags)
        return GroupSpec(
            subscription_id=self.subscription_id,
            resource_group=self.group,
            location=self.location,
            owner=owner,
        )

    def close(self) -> None:
        """Close every connection of the gateways."""
        for connected in self.gateways._connected.values():  # pyright: ignore[reportPrivateUsage] # ends the test
            for client in (connected, *_clients_of(connected)):
                close: Callable[[], None] | None = getattr(client, "close", None)
                if close is not None:
                    close()


@dataclass(slots=True, kw_only=True)
class Emulated(World):
    """A world whose Azure can be looked into and broken."""

    azure: Azure
    dns: DnsServer
    faults: Faults
    journal: Journal
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something in the emulator's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(_PATIENCE)

    def release(self, resource_id: str) -> None:
        """End a stuck operation."""
        self.run(self.azure.state.operations.release(resource_id))

    def writes(self) -> list[Entry]:
        """Every request to ARM that asked for a change."""
        return [entry for entry in self.journal.of("arm") if entry.writes]


def until[T](look: Callable[[], T], holds: Callable[[T], bool]) -> T:
    """Look again until it holds.

    Raises:
        AssertionError: It did not within ten seconds; shows what was last seen.
    """
    end = time.monotonic() + _PATIENCE
    while not holds(seen := look()):
        assert time.monotonic() < end, f"last seen: {seen}"
        threading.Event().wait(0.02)
    return seen


@contextmanager
def running(backend: str = "emulated") -> Generator[World]:
    """A world of the named kind."""
    if backend == "emulated":
        with emulated() as world:
            yield world
        return
    world = World(
        gateways=Gateways(Settings.read(os.environ)),
        subscription_id=REAL,
        location=os.environ.get("AZURE_TEST_LOCATION", "eastus"),
    )
    try:
        yield world
    finally:
        world.gateways.resource_groups(REAL).delete(world.group)
        world.close()


@contextmanager
def emulated() -> Generator[Emulated]:
    """A fresh emulated Azure with its name server, and the app's managed identity."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def do(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(_PATIENCE)

    context, ca_file = _tls()
    faults, journal = Faults(), Journal()
    clock = Clock(_SPEED)
    azure = Azure(clock=clock, durations=Durations(), faults=faults, journal=journal, tls=context)
    dns = DnsServer(azure.state.dns_zones)
    do(azure.start())
    do(dns.start())
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("IDENTITY_ENDPOINT", azure.msi_url)
        environment.setenv("IDENTITY_HEADER", azure.identity_header)
        settings = Settings(
            arm_endpoint=azure.url, arm_ca_file=str(ca_file), name_servers=dns.address
        )
        world = Emulated(
            gateways=Gateways(settings),
            subscription_id=azure.subscription.subscription_id,
            location="eastus",
            azure=azure,
            dns=dns,
            faults=faults,
            journal=journal,
            loop=loop,
        )
        try:
            yield world
        finally:
            world.close()
            do(dns.stop())
            do(azure.stop())
            do(_settle())
            loop.call_soon_threadsafe(loop.stop)
            thread.join(timeout=5)
            loop.close()


def _clients_of(gateway: object) -> list[Any]:
    """The SDK clients that a gateway holds."""
    held: dict[str, Any] = getattr(gateway, "__dict__", {})
    return list(held.values())


async def _settle() -> None:
    """Let transports that are closing close: each needs some turns of the loop."""
    for _ in range(20):
        await asyncio.sleep(0)


@functools.cache
def _tls() -> tuple[ssl.SSLContext, Path]:
    """A server context for the loopback address, and its authority as a file."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    leaf: Any = authority.issue_cert("127.0.0.1", "localhost")
    leaf.configure_cert(context)
    path = Path(tempfile.mkdtemp(prefix="azure-world-")) / "ca.pem"
    path.write_bytes(authority.cert_pem.bytes())
    return context, path
