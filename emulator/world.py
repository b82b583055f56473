"""One emulated world with the product in it: Azure, clusters, names, ingress, and the app."""

import copy
import secrets
import ssl
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import trustme

from emulator.azure import Azure, Subscription
from emulator.circumstances import Circumstances
from emulator.cli import write_programs
from emulator.clock import Clock
from emulator.clusters import Clusters
from emulator.dns import DnsServer
from emulator.hosting import AppProcess
from emulator.ingress import Ingress
from emulator.public_authority import PublicAuthority
from emulator.seed import ZONES, CustomerSecrets, customer_secrets

SUBSCRIPTION = Subscription(
    subscription_id="00000000-0000-0000-0000-000000000001",
    tenant_id="00000000-0000-0000-0000-00000000000a",
    name="Emulated subscription",
)
VAULT = "installer"
ZONE_GROUP = "dns"
"""Resource group of the DNS zones: as with customers, not the installation's own."""


class Cloud:
    """Everything outside the function app. Use as ``async with Cloud(...) as cloud:``.

    Attributes:
        circumstances: Clock, durations, faults and journal.
        azure: ARM, identity, Key Vault and their state.
        ingress: The published installations.
        authority: Issued the loopback certificates of ARM, vault and API servers.
        public_authority: Issued the customer's certificate.
        secrets: The values that were put into the vault.
        service_principal: Client id, secret and tenant of an operator, for ``az login``.
        folder: CA file and logs; gone afterwards.
    """

    def __init__(self, circumstances: Circumstances, *, azure_port: int = 0) -> None:
        self.circumstances = circumstances
        self._azure_port = azure_port
        self._running = AsyncExitStack()
        self.authority = trustme.CA()
        self.public_authority = PublicAuthority()
        self.secrets: CustomerSecrets = customer_secrets(self.public_authority)

    async def __aenter__(self) -> Self:
        """Start every server on loopback."""
        async with AsyncExitStack() as starting:
            now = self.circumstances
            folder = starting.enter_context(tempfile.TemporaryDirectory(prefix="dash-world-"))
            self.folder = Path(folder)
            self.ca_file = self.folder / "ca.pem"
            self.ca_file.write_bytes(self.authority.cert_pem.bytes())
            self.public_ca_file = self.folder / "public-ca.pem"
            self.public_ca_file.write_text(self.public_authority.root.pem)
            tls = self._server_tls()
            self.ingress = Ingress(now.clock, now.faults, now.journal)
            await self.ingress.start()
            starting.push_async_callback(self.ingress.stop)
            programs = write_programs(self.folder / "programs")
            self.clusters = Clusters(
                now, self.ingress, tls, self.authority.cert_pem.bytes(), programs
            )
            starting.push_async_callback(self.clusters.stop)
            self.azure = Azure(
                clock=now.clock,
                durations=now.durations,
                faults=now.faults,
                journal=now.journal,
                tls=tls,
                cluster_api=self.clusters,
                subscriptions=(SUBSCRIPTION,),
            )
            await self.azure.start(port=self._azure_port)
            starting.push_async_callback(self.azure.stop)
            self._seed()
            self._register_principal()
            self.dns = DnsServer(self.azure.state.dns_zones)
            await self.dns.start()
            starting.push_async_callback(self.dns.stop)
            self._running = starting.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop every server and forget everything."""
        await self._running.aclose()

    def _register_principal(self) -> None:
        """A service principal for people who come with the Azure CLI."""
        secret = secrets.token_urlsafe(24)
        principal = self.azure.directory.add_principal("operator", secret=secret)
        self.service_principal = {
            "clientId": principal.client_id,
            "clientSecret": secret,
            "tenantId": SUBSCRIPTION.tenant_id,
        }

    def environment(self) -> dict[str, str]:
        """The function app's settings in this world."""
        clock = self.circumstances.clock
        return {
            "IDENTITY_ENDPOINT": self.azure.msi_url,
            "IDENTITY_HEADER": self.azure.identity_header,
            "ARM_ENDPOINT": self.azure.url,
            "ARM_CA_FILE": str(self.ca_file),
            "KEY_VAULT_SUFFIXES": "127.0.0.1",
            "KEY_VAULT_VERIFY_CHALLENGE": "false",
            "TLS_CA_FILE": str(self.public_ca_file),
            "NAME_SERVERS": self.dns.address,
            "INGRESS_CONNECT_TO": f"127.0.0.1:{self.ingress.port}",
            "PACE_DIVISOR": str(clock.speed),
        }

    def _server_tls(self) -> ssl.SSLContext:
        certificate = self.authority.issue_cert("127.0.0.1", "localhost")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        with certificate.private_key_and_cert_chain_pem.tempfile() as path:
            context.load_cert_chain(path)
        return context

    def _seed(self) -> None:
        state = self.azure.state
        for zone in ZONES:
            state.add_zone(zone, ZONE_GROUP)
        vault = state.add_vault(VAULT)
        for name, value in {
            "dash-license": self.secrets.license,
            "dash-certificate": self.secrets.certificate,
            "dash-certificate-key": self.secrets.certificate_key,
            "kots-password": self.secrets.admin_console_password,
            "administrator-password": self.secrets.administrator_password,
        }.items():
            vault.set_secret(name, value)


class World:
    """A cloud and the function app in it. Use as ``async with World(speed=600) as world:``.

    Args:
        speed: Emulated seconds in a real one.
        port: Of the function app; 0 for a free one.
        host_options: Further options of the functions host, such as ``--deliver-twice after``.

    Attributes:
        cloud: Everything outside.
        host: The app's process: its ``url`` and ``key``.
    """

    def __init__(
        self,
        *,
        speed: float = 600.0,
        port: int = 0,
        azure_port: int = 0,
        host_options: tuple[str, ...] = (),
        circumstances: Circumstances | None = None,
    ) -> None:
        self.circumstances = circumstances or Circumstances(clock=Clock(speed))
        self.cloud = Cloud(self.circumstances, azure_port=azure_port)
        self._port = port
        self._host_options = host_options
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start the cloud, then the app in it."""
        async with AsyncExitStack() as starting:
            await starting.enter_async_context(self.cloud)
            self.host = await starting.enter_async_context(self.new_host(self._port))
            self._running = starting.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop both."""
        await self._running.aclose()

    def new_host(self, port: int = 0) -> AppProcess:
        """A function app in this world, not yet started."""
        log = self.cloud.folder / "host.log"
        return AppProcess(self.cloud.environment(), log, *self._host_options, port=port)

    def localized(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """``request`` with the vault of this world instead of the sample's."""
        local = copy.deepcopy(dict(request))
        if isinstance(local.get("secrets"), dict):
            local["secrets"]["vaultUri"] = self.cloud.azure.vault_url(VAULT)
        return local
