"""The Keycloaks that the same tests run against: emulated, and true servers behind the mark real.

A true server is started when the first test asks for it and serves all others of the session.
"""

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from emulator.real.keycloak import VERSIONS, KeycloakServer, find
from tests.real.requirements import require

_START_PATIENCE = 180.0
"""Real seconds for one server on a busy machine; 25 to 45 are usual."""


@dataclass(frozen=True, slots=True)
class Backend:
    """One Keycloak to test against."""

    version: str
    real: bool = False


BACKENDS = [
    *(pytest.param(Backend(version), id=version) for version in VERSIONS),
    *(
        pytest.param(
            Backend(version, real=True),
            id=f"real-{version}",
            marks=[pytest.mark.real, pytest.mark.timeout(2 * _START_PATIENCE)],
        )
        for version in VERSIONS
    ),
]


@dataclass(slots=True)
class RealServers:
    """The true servers of one test session, and the loop that watches their processes."""

    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    running: dict[str, KeycloakServer] = field(default_factory=dict[str, KeycloakServer])
    failed: dict[str, Exception] = field(default_factory=dict[str, Exception])

    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def get(self, version: str) -> KeycloakServer:
        """The server of a version, running; one that did not start is not tried again."""
        if version in self.failed:
            raise self.failed[version]
        if version not in self.running:
            server = KeycloakServer(require(partial(find, version), f"Keycloak {version}"))
            try:
                self._do(server.start())
            except Exception as error:
                self.failed[version] = error
                raise
            self.running[version] = server
        return self.running[version]

    def close(self) -> None:
        """End them all."""
        for server in self.running.values():
            self._do(server.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(_START_PATIENCE)


_SERVERS = pytest.StashKey[RealServers]()


def server_of(backend: Backend, config: pytest.Config) -> KeycloakServer | None:
    """The session's true server for a backend; None for an emulated one."""
    if not backend.real:
        return None
    if _SERVERS not in config.stash:
        config.stash[_SERVERS] = RealServers()
        config.add_cleanup(config.stash[_SERVERS].close)
    return config.stash[_SERVERS].get(backend.version)
