"""Drives one emulated world over HTTP, as a person with curl would."""

import asyncio
import copy
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.clusters import KubernetesKind
from emulator.real.keycloak_deployment import KeycloakKind
from emulator.world import HelmKind, World

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_PATIENCE = 180.0
"""Real seconds for whatever the world does; a true Keycloak takes most of a minute to start."""
ENDED = ("Succeeded", "Failed", "Cancelled")


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: Any


class Driver:
    """A world in a thread of its own, and a client of its function app."""

    def __init__(
        self,
        *host_options: str,
        speed: float = 1200.0,
        hub_speed: float = 1.0,
        kubernetes: KubernetesKind = "emulated",
        keycloak: KeycloakKind = "emulated",
        helm: HelmKind = "emulated",
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.world = World(
            speed=speed,
            host_options=host_options,
            hub_speed=hub_speed,
            kubernetes=kubernetes,
            keycloak=keycloak,
            helm=helm,
        )
        self.do(self.world.__aenter__())
        for location in ("eastus", "westeurope"):
            for quota in ("standardDDSv5Family", "cores"):
                self.world.cloud.azure.state.set_quota(location, quota, 10_000, 0)

    def do[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the world's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)

    def close(self) -> None:
        """Stop the world."""
        self.do(self.world.__aexit__())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def ask(self, method: str, path: str, body: Any = None) -> Reply:
        """One request to the app."""
        url = path if path.startswith("http") else f"{self.world.host.url}/api/{path}"
        data = None if body is None else json.dumps(body).encode()
        headers = {"x-functions-key": self.world.host.key, "Content-Type": "application/json"}
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Reply(answer.status, _lower(answer.headers), json.load(answer))
        except urllib.error.HTTPError as error:
            raw = error.read()
            return Reply(error.code, _lower(error.headers), json.loads(raw) if raw else None)

    def request(self, name: str, sample: str = "standard", **changes: Any) -> dict[str, Any]:
        """A sample under another name, with its own group, cluster and base domain.

        ``changes`` are paths joined by two underscores: ``cluster__nodeCount=5``.
        """
        request = json.loads((SAMPLES / f"{sample}.json").read_text())
        request["name"] = name
        request["azure"]["resourceGroup"] = f"rg-{name}"
        request["cluster"]["name"] = f"aks-{name}"
        request["domain"]["baseDomain"] = f"{name}.example.com"
        for path, value in changes.items():
            *parents, last = path.split("__")
            here = request
            for parent in parents:
                here = here.setdefault(parent, {})
            here[last] = copy.deepcopy(value)
        return self.world.localized(request)

    def post(self, request: Any) -> Reply:
        """Post a request."""
        return self.ask("POST", "installations", request)

    def status(self, name: str) -> dict[str, Any]:
        """An installation's status."""
        return self.ask("GET", f"installations/{name}").body

    def until(
        self, name: str, reached: Callable[[dict[str, Any]], bool], seconds: float = 60
    ) -> dict[str, Any]:
        """The first status for which ``reached`` holds."""
        end = time.monotonic() + seconds
        status: dict[str, Any] = {}
        while time.monotonic() < end:
            status = self.status(name)
            if reached(status):
                return status
            threading.Event().wait(0.05)
        raise AssertionError(f"never reached: {json.dumps(status)[:3000]}")

    def ended(self, name: str, seconds: float = 60) -> dict[str, Any]:
        """The status once the installation has ended."""
        return self.until(name, lambda status: status["state"] in ENDED, seconds)

    def install(self, request: dict[str, Any], seconds: float = 60) -> dict[str, Any]:
        """Post, and the status at the end."""
        reply = self.post(request)
        assert reply.status == 202, reply
        return self.ended(request["name"], seconds)

    def writes(self, since: int = 0) -> list[str]:
        """ARM and Kubernetes writes of the app itself, from an index of the journal on."""
        journal = self.world.circumstances.journal.entries
        return [
            f"{entry.server} {entry.method} {entry.path}"
            for entry in journal[since:]
            if entry.writes and entry.server == "arm" and "listCluster" not in entry.path
        ]

    @property
    def journal_length(self) -> int:
        """Entries in the journal so far."""
        return len(self.world.circumstances.journal.entries)


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
