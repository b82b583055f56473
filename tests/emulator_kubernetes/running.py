"""A cluster that runs beside a test: its own event loop in its own thread."""

import asyncio
import contextlib
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Generator, Sequence
from pathlib import Path
from typing import Any

import trustme
import yaml
from kubernetes import client, config, dynamic, watch

from emulator.clock import Clock
from emulator.durations import Durations
from emulator.faults import Faults
from emulator.journal import Journal
from emulator.kubernetes import ApiServer
from emulator.real.kubernetes import ControlPlane, find
from tests.real.requirements import require

official: Any = client
"""The official client, untyped: its models allow None everywhere, which a test does not expect."""
Refused: Any = client.ApiException
DynamicClient: Any = dynamic.DynamicClient
Watch: Any = watch.Watch
PATIENCE = 20.0
SPEED = 600.0


class Background:
    """An event loop in a thread, for tests that use synchronous clients."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine that runs in the loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def end(self) -> None:
        """Stop and close the loop, once cut connections have said goodbye."""
        self.run(_turns(20))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0.001)


GUESTS = ("guest", "binder")
"""Users of every cluster who have no rights until a test gives them some."""


class Cluster:
    """An API server and clients of it.

    Attributes:
        server: The emulated API server; a real one has nothing to look into.
    """

    def __init__(
        self,
        background: Background,
        folder: Path,
        backend: str,
        history: int,
        options: Sequence[str],
    ) -> None:
        self.background = background
        self.folder = folder
        self.faults = Faults()
        self.journal = Journal()
        self.clock = Clock(SPEED)
        self._real: ControlPlane | None = None
        if backend == "real":
            self._real = ControlPlane(
                require(find, "Kubernetes"), users=dict.fromkeys(GUESTS, ()), options=options
            )
            background.run(self._real.start())
            return
        authority = trustme.CA()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1", "localhost").configure_cert(tls)  # pyright: ignore[reportUnknownMemberType] # a type of pyOpenSSL, which is not installed
        self.server = ApiServer(
            self.clock, Durations(), self.faults, self.journal, tls,
            ca=authority.cert_pem.bytes(), history=history,
        )  # fmt: skip # one call
        for guest in GUESTS:
            self.server.users.add(guest, ())
        background.run(self.server.start())

    def stop(self) -> None:
        """End the API server."""
        self.background.run((self._real or self.server).stop())

    def kubeconfig(self, user: str = "clusterUser") -> bytes:
        """Lets ``user`` in."""
        return (self._real or self.server).kubeconfig(user)

    def api(self, user: str = "clusterUser") -> Any:
        """An official client for a user."""
        return self.client(self.kubeconfig(user))

    def client(self, kubeconfig: bytes) -> Any:
        """An official client for a kubeconfig."""
        return config.new_client_from_config_dict(yaml.safe_load(kubeconfig))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] # untyped library

    def kubectl(self, *words: str, manifest: str = "", user: str = "clusterUser") -> str:
        """What the real kubectl prints; its complaint when it fails."""
        path = self.folder / f"{user}.kubeconfig"
        path.write_bytes(self.kubeconfig(user))
        done = subprocess.run(  # noqa: S603 # the test's own words
            ["kubectl", *words],  # noqa: S607 # whichever is installed
            input=manifest, capture_output=True, text=True, check=False, timeout=30,
            env={"PATH": os.environ["PATH"], "KUBECONFIG": str(path), "HOME": str(self.folder)},
        )  # fmt: skip # one call
        return done.stdout + done.stderr


def eventually[T](look: Callable[[], T], within: float = PATIENCE) -> T:
    """The first true answer.

    Raises:
        AssertionError: There was none in time.
    """
    end = time.monotonic() + within
    answer = look()
    while not answer:
        assert time.monotonic() < end, f"still {answer!r} after {within} s"
        time.sleep(0.02)
        answer = look()
    return answer


@contextlib.contextmanager
def running(
    folder: Path, backend: str = "emulated", *, history: int = 4000, options: Sequence[str] = ()
) -> Generator[Cluster]:
    """A cluster for the length of a block.

    Args:
        folder: For kubeconfigs.
        backend: ``emulated`` or ``real``.
        history: Events that an emulated one remembers.
        options: Further options of a real one's API server.
    """
    background = Background()
    cluster = Cluster(background, folder, backend, history, options)
    try:
        yield cluster
    finally:
        cluster.stop()
        background.end()
