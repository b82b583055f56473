"""One emulated world with the product in it: Azure, clusters, names, ingress, and the app."""

import copy
import secrets
import ssl
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Literal, Self, cast

import trustme

from emulator.azure import Azure, Subscription
from emulator.charts import ChartServer
from emulator.circumstances import Circumstances
from emulator.cli.programs import write_programs
from emulator.clock import Clock
from emulator.clusters import Clusters, KubernetesKind
from emulator.dns import DnsServer
from emulator.hosting import AppProcess
from emulator.ingress import Ingress
from emulator.keycloak import Deploy
from emulator.public_authority import PublicAuthority
from emulator.real import helm as real_helm
from emulator.real import keycloak as real_keycloak
from emulator.real.keycloak_deployment import KeycloakKind, RealKeycloaks
from emulator.seed import ZONES, CustomerSecrets, customer_secrets

HelmKind = Literal["emulated", "real"]
"""Which program stands as helm in Jobs."""

SUBSCRIPTION = Subscription(
    subscription_id="00000000-0000-0000-0000-000000000001",
    tenant_id="00000000-0000-0000-0000-00000000000a",
    name="Emulated subscription",
)
VAULT = "installer"
USUAL_SPEED = {"emulated": 600.0, "real": 60.0}
"""Emulated seconds in a real one, by kind of API server: real controllers look once a second."""

ZONE_GROUP = "dns"
"""Resource group of the DNS zones: as with customers, not the installation's own."""


class Cloud:
    """Everything outside the function app. Use as ``async with Cloud(...) as cloud:``.

    Args:
        kubernetes: Which API servers its clusters get.
        keycloak: Which Keycloak releases bring; a real one is started ahead, in about a minute.
        helm: Which helm Jobs run; a real one needs real API servers and a speed of at most 60,
            because it looks every two seconds.

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

    def __init__(
        self,
        circumstances: Circumstances,
        *,
        azure_port: int = 0,
        kubernetes: KubernetesKind = "emulated",
        keycloak: KeycloakKind = "emulated",
        helm: HelmKind = "emulated",
    ) -> None:
        if helm == "real" and kubernetes != "real":
            raise ValueError("a real helm speaks protobuf, which needs a real API server")
        self._helm: HelmKind = helm
        self.circumstances = circumstances
        self._kubernetes: KubernetesKind = kubernetes
        self._keycloak: KeycloakKind = keycloak
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
            programs = await self._programs(starting)
            deploy_keycloak = await self._start_keycloaks(starting)
            self.clusters = Clusters(
                now,
                self.ingress,
                tls,
                self.authority.cert_pem.bytes(),
                programs,
                kubernetes=self._kubernetes,
                deploy_keycloak=deploy_keycloak,
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

    async def _start_keycloaks(self, starting: AsyncExitStack) -> Deploy | None:
        """Real Keycloaks, the first already running; None when emulated ones will do."""
        if self._keycloak == "emulated":
            return None
        now = self.circumstances
        keycloaks = RealKeycloaks(real_keycloak.require(), now.faults, now.journal)
        starting.push_async_callback(keycloaks.stop)
        await keycloaks.start()
        return keycloaks.deploy

    async def _programs(self, starting: AsyncExitStack) -> Path:
        """What Jobs run; with a real helm, the chart repositories too."""
        folder = self.folder / "programs"
        if self._helm == "emulated":
            return write_programs(folder)
        charts = ChartServer()
        await charts.start()
        starting.push_async_callback(charts.stop)
        return write_programs(folder, helm=real_helm.require(), repositories=charts.url)

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
            "smtp-password": self.secrets.smtp_password,
        }.items():
            vault.set_secret(name, value)


class World:
    """A cloud and the function app in it. Use as ``async with World(speed=600) as world:``.

    Args:
        speed: Emulated seconds in a real one.
        port: Of the function app; 0 for a free one.
        host_options: Further options of the functions host, such as ``--deliver-twice after``.
        hub_speed: Seconds that pass for orchestrations in a real one: their deadlines and what a
            Retry-After asks for pass that much faster.
        kubernetes: Which API servers clusters get.
        keycloak: Which Keycloak releases bring.
        helm: Which helm Jobs run.

    Attributes:
        cloud: Everything outside.
        host: The app's process: its ``url`` and ``key``.
    """

    def __init__(  # noqa: PLR0913 # the options of a world; all by name
        self,
        *,
        speed: float = 600.0,
        port: int = 0,
        azure_port: int = 0,
        host_options: tuple[str, ...] = (),
        hub_speed: float = 1.0,
        circumstances: Circumstances | None = None,
        kubernetes: KubernetesKind = "emulated",
        keycloak: KeycloakKind = "emulated",
        helm: HelmKind = "emulated",
    ) -> None:
        self.circumstances = circumstances or Circumstances(clock=Clock(speed))
        self.cloud = Cloud(
            self.circumstances,
            azure_port=azure_port,
            kubernetes=kubernetes,
            keycloak=keycloak,
            helm=helm,
        )
        self._port = port
        self._host_options = (*host_options, "--clock-speed", str(hub_speed))
        self._hub_speed = hub_speed
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
        divisor = self.circumstances.clock.speed / self._hub_speed
        environment = self.cloud.environment() | {"PACE_DIVISOR": str(divisor)}
        return AppProcess(environment, log, *self._host_options, port=port)

    def localized(self, request: Any) -> Any:
        """``request`` with the vault of this world instead of the sample's.

        What is no request stays as it is: the app is there to say so.
        """
        if not isinstance(request, dict):
            return request
        local = copy.deepcopy(cast("dict[str, Any]", request))
        if isinstance(local.get("secrets"), dict):
            local["secrets"]["vaultUri"] = self.cloud.azure.vault_url(VAULT)
        return local
