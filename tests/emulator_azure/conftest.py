"""An emulated Azure in a thread of its own, and the real SDK's clients pointed at it."""

import asyncio
import ssl
import threading
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.containerservice import ContainerServiceClient
from azure.mgmt.dns import DnsManagementClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from emulator.azure import Azure
from emulator.clock import Clock
from emulator.durations import Durations
from emulator.faults import Faults
from emulator.journal import Journal

SPEED = 6000.0
"""Eight minutes of a cluster's creation in 80 ms."""


@dataclass(slots=True)
class World:
    """One running emulator with clients of its function app's identity."""

    azure: Azure
    ca_file: Path
    faults: Faults
    journal: Journal
    loop: asyncio.AbstractEventLoop
    credential: Any
    clients: list[Any] = field(default_factory=list[Any])

    @property
    def subscription_id(self) -> str:
        """The subscription of everything."""
        return self.azure.subscription.subscription_id

    @property
    def settings(self) -> dict[str, Any]:
        """Client settings: where, whom to trust, and no patience."""
        return {
            "base_url": self.azure.url,
            "credential_scopes": ["https://management.azure.com/.default"],
            "connection_verify": str(self.ca_file),
            "polling_interval": 0.02,
            "retry_total": 2,
            "retry_backoff_factor": 0.01,
        }

    def client(self, kind: Any, credential: Any = None) -> Any:
        """A management client of a class."""
        made = kind(credential or self.credential, self.subscription_id, **self.settings)
        self.clients.append(made)
        return made

    @property
    def groups(self) -> Any:
        """Resource groups, providers and resource lists."""
        return self.client(ResourceManagementClient)

    @property
    def clusters(self) -> Any:
        """AKS."""
        return self.client(ContainerServiceClient)

    @property
    def dns(self) -> Any:
        """Zones and record sets."""
        return self.client(DnsManagementClient)

    @property
    def networks(self) -> Any:
        """Virtual networks."""
        return self.client(NetworkManagementClient)

    @property
    def compute(self) -> Any:
        """Quota and SKUs."""
        return self.client(ComputeManagementClient)

    @property
    def rights(self) -> Any:
        """Permissions and roles."""
        return self.client(AuthorizationManagementClient)

    def vault(self, name: str, credential: Any = None) -> SecretClient:
        """A client of one vault."""
        client = SecretClient(
            self.azure.vault_url(name),
            credential or self.credential,
            verify_challenge_resource=False,
            connection_verify=str(self.ca_file),
            retry_total=0,
        )
        self.clients.append(client)
        return client

    def request(
        self,
        method: str,
        path: str,
        version: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """One plain request below the subscription, with the app's token."""
        given = {"Authorization": f"Bearer {self.azure.token()}"} | (headers or {})
        return requests.request(
            method,
            f"{self.azure.url}/subscriptions/{self.subscription_id}/{path}",
            params={"api-version": version} if version else {},
            json=body,
            headers=given,
            verify=str(self.ca_file),
            timeout=10,
        )

    def send(self, method: str, path: str, version: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of one plain request."""
        answer = self.request(method, path, version, body)
        return answer.status_code, answer.json() if answer.content else None

    def headers(self, path: str, version: str, headers: dict[str, str]) -> Mapping[str, str]:
        """Headers of the answer to a GET."""
        return self.request("GET", path, version, headers=headers).headers

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something in the emulator's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority; making one takes a moment."""
    return trustme.CA()


@pytest.fixture(scope="session")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """A server context for the loopback address."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    leaf: Any = authority.issue_cert("127.0.0.1", "localhost")
    leaf.configure_cert(context)
    return context


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The authority's certificate as a file."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    path.write_bytes(authority.cert_pem.bytes())
    return path


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """One event loop in a thread, for every emulator of the run."""
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever, daemon=True)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join(5)
    made.run_until_complete(_settle())
    made.close()


async def _settle() -> None:
    """Let transports that are closing close: each needs some turns of the loop."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def world(
    tls: ssl.SSLContext,
    ca_file: Path,
    loop: asyncio.AbstractEventLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """A fresh emulator and a managed identity that its clients use."""
    faults, journal = Faults(), Journal()
    azure = Azure(
        clock=Clock(SPEED), durations=Durations(), faults=faults, journal=journal, tls=tls
    )
    asyncio.run_coroutine_threadsafe(azure.start(), loop).result(10)
    monkeypatch.setenv("IDENTITY_ENDPOINT", azure.msi_url)
    monkeypatch.setenv("IDENTITY_HEADER", azure.identity_header)
    credential = ManagedIdentityCredential()
    made = World(azure, ca_file, faults, journal, loop, credential)
    yield made
    for client in [*made.clients, credential]:
        client.close()
    asyncio.run_coroutine_threadsafe(azure.stop(), loop).result(10)
