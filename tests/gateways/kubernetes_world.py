"""A cluster to test against: the emulated one, or a real control plane.

Nodes and pods are stood in for by the emulator's kubelet in both.
"""

import asyncio
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import trustme

from emulator.clock import Clock
from emulator.durations import Durations
from emulator.faults import Faults
from emulator.journal import Journal
from emulator.kubelet import Kubelet, NodeSpec
from emulator.kubernetes import ApiServer
from emulator.real.kubernetes import ControlPlane, find
from gateways.kubernetes import Kubernetes
from gateways.kubernetes._kubeconfig import read
from gateways.kubernetes._transport import Transport
from tests.real.requirements import require

NOBODY = "nobody"
"""A user of the cluster without any rights of its own."""
_SPEED = 600.0
_PATIENCE = 15.0


@dataclass(slots=True, kw_only=True)
class World:
    """A running cluster and what tests do with it beside the gateway.

    Attributes:
        kubeconfig: Of a user who may do everything.
        server: None where the API server is a real one.
        powerless: Kubeconfig of ``NOBODY``.
        nodes: Names of its nodes.
    """

    kubeconfig: bytes = field(repr=False)
    server: ApiServer | None
    powerless: bytes = field(repr=False)
    faults: Faults
    journal: Journal
    nodes: tuple[str, ...]
    lost: list[str] = field(default_factory=list[str])
    _connected: list[Kubernetes] = field(default_factory=list[Kubernetes])

    def connect(self, kubeconfig: bytes = b"") -> Kubernetes:
        """A gateway; ``lost`` grows each time it asks to be forgotten."""
        made = Kubernetes.connect(kubeconfig or self.kubeconfig, lambda: self.lost.append("lost"))
        self._connected.append(made)
        return made

    def close(self) -> None:
        """Close what is connected, before the server goes."""
        for connected in self._connected:
            connected.close()

    def call(self, method: str, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        """One request past the gateway, to set the scene."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        api = Transport(read(self.kubeconfig), lambda: None)
        try:
            return api.call(method, path, body=body, content_type=kind, **query)
        finally:
            api.close()

    def namespace(self) -> str:
        """A fresh namespace."""
        name = f"test-{secrets.token_hex(4)}"
        self.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        return name


def until[T](look: Callable[[], T], holds: Callable[[T], bool]) -> T:
    """Look again until it holds.

    Raises:
        AssertionError: It did not within fifteen seconds; shows what was last seen.
    """
    end = time.monotonic() + _PATIENCE
    while not holds(seen := look()):
        assert time.monotonic() < end, f"last seen: {seen}"
        threading.Event().wait(0.05)
    return seen


@contextmanager
def running(backend: str = "emulated", *, nodes: int = 2) -> Generator[World]:
    """A cluster with Ready nodes whose kubelet runs the commands of Jobs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def do(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(timeout=30)

    clock, durations = Clock(_SPEED), Durations()
    faults, journal = Faults(), Journal()
    server: ApiServer | ControlPlane
    if backend == "real":
        server = ControlPlane(require(find, "Kubernetes"), users={NOBODY: ()})
    else:
        server = _server(clock, durations, faults, journal)
        server.users.add(NOBODY, ())
    do(server.start())
    kubeconfig = server.kubeconfig()
    names = tuple(f"aks-{secrets.token_hex(3)}-{number}" for number in range(nodes))
    specs = [NodeSpec(name=name, max_pods=50, data_disks=8) for name in names]
    kubelet = Kubelet(kubeconfig, clock, durations, nodes=specs)
    do(kubelet.start())
    world = World(
        kubeconfig=kubeconfig,
        server=server if isinstance(server, ApiServer) else None,
        powerless=server.kubeconfig(NOBODY),
        faults=faults,
        journal=journal,
        nodes=names,
    )
    try:
        yield world
    finally:
        world.close()
        do(kubelet.stop())
        do(server.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
        loop.close()


def _server(clock: Clock, durations: Durations, faults: Faults, journal: Journal) -> ApiServer:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    certificate.configure_cert(context)  # pyright: ignore[reportUnknownMemberType] # optional OpenSSL types
    return ApiServer(clock, durations, faults, journal, context, ca=authority.cert_pem.bytes())
