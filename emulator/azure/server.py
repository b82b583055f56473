"""One emulated Azure: ARM, login, managed identity endpoint and vaults, behind their ports."""

import logging
import ssl
import uuid
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from emulator.azure.agent_pools import AgentPools
from emulator.azure.arm_error import SERVICE_CODES, ArmError
from emulator.azure.authorization import Authorization
from emulator.azure.body_check import load
from emulator.azure.calls import Route
from emulator.azure.cloud_metadata import metadata_route
from emulator.azure.cluster_api import ClusterApi
from emulator.azure.cluster_records import ClusterRecords
from emulator.azure.cluster_versions import ClusterVersions
from emulator.azure.clusters import Clusters
from emulator.azure.compute import Compute
from emulator.azure.connections import Connections
from emulator.azure.credentials import Credentials
from emulator.azure.dns_zones import DnsZones
from emulator.azure.durable_task import DurableTask
from emulator.azure.entra import Entra
from emulator.azure.front_door import FrontDoor, Handler, is_login, response
from emulator.azure.graph import Graph
from emulator.azure.groups import Groups, ResourceLists
from emulator.azure.identities import Identities
from emulator.azure.key_vault import KeyVaultService
from emulator.azure.linked_access import LinkedAccess
from emulator.azure.networks import Networks
from emulator.azure.operations import status_routes
from emulator.azure.providers import Providers
from emulator.azure.public_addresses import PublicAddresses
from emulator.azure.rbac import Rbac
from emulator.azure.record_sets import RecordSets
from emulator.azure.routing import Router
from emulator.azure.run_command import RunCommand
from emulator.azure.state import State, Subscription
from emulator.azure.vaults import Vaults
from emulator.clock import Clock
from emulator.durations import Durations
from emulator.faults import Fault, Faults
from emulator.journal import Journal

ARM = "arm"
LOGIN = "login"
_LOG = logging.getLogger(__name__)


class Azure:
    """A whole emulated Azure of one tenant; instances share nothing.

    Attributes:
        state: Everything it remembers, with methods to make and break things.
        directory: Principals and tokens.
        url: ARM endpoint and login authority; empty until started.
        msi_url: What ``IDENTITY_ENDPOINT`` must be.

    Args:
        tls: Server context valid for 127.0.0.1; None for plain HTTP, which the SDKs refuse.
        cluster_api: Who runs the API servers of clusters; None for made-up kubeconfigs.
        subscriptions: The first is where ``state`` puts things; one is made up when empty.
    """

    def __init__(  # noqa: PLR0913 # what a world is made of; all by name
        self,
        *,
        clock: Clock,
        durations: Durations,
        faults: Faults,
        journal: Journal,
        tls: ssl.SSLContext | None,
        cluster_api: ClusterApi | None = None,
        subscriptions: Sequence[Subscription] = (),
    ) -> None:
        self._clock = clock
        self._tls = tls
        self.state = State(subscriptions or [_made_up()], clock, durations)
        self.directory = self.state.directory
        self.subscription = self.state.home
        self._rbac: Rbac | None = None
        self._records = ClusterRecords(self.state, cluster_api)
        self._commands = RunCommand(self.state, self._records)
        self._authorization = Authorization(self.state, Rbac())
        self._entra = Entra(self.directory)
        self._vaults = KeyVaultService(
            self.state, faults, journal, tls, lambda: self._rbac, lambda: self.url
        )
        router = Router(self._routes(cluster_api))
        self._door = FrontDoor(self.state, router, lambda: self._rbac, lambda: self.url)
        self._runners: list[web.AppRunner] = []
        self._connections = Connections()
        self._faults, self._journal = faults, journal
        self.url = ""
        self.msi_url = ""

    @property
    def identity_header(self) -> str:
        """What ``IDENTITY_HEADER`` must be."""
        return self._entra.identity_header

    @property
    def rbac(self) -> Rbac | None:
        """Roles that every route enforces; None: everyone is Owner."""
        return self._rbac

    @rbac.setter
    def rbac(self, rbac: Rbac | None) -> None:
        self._rbac = rbac
        self._authorization.enforced = rbac is not None
        self._authorization.store = rbac or Rbac()

    def vault_url(self, name: str) -> str:
        """Where a vault's data plane answers; every vault has a port of its own."""
        return self._vaults.url(self.state.vaults[name.lower()])

    def token(self, audience: str = "https://management.azure.com") -> str:
        """A token of the function app's identity, for clients without a credential class."""
        return self.directory.token(self.directory.app, audience)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen: ARM and login on ``port``, identity endpoint and vaults on free ones."""
        load()
        arm = web.Application(
            middlewares=[self._connections.note, self._record_and_fail, self._door.guard],
            client_max_size=4 * 1024**2,
        )
        arm.add_routes(self._entra.routes())
        arm.router.add_route("*", "/{path:.*}", self._door.dispatch)
        around: list[Any] = [
            self._journal.middleware(LOGIN),
            self._faults.middleware(LOGIN, _faulty),
        ]
        msi = web.Application(middlewares=around)
        msi.add_routes([web.get("/msi/token", self._entra.managed_identity)])
        scheme = "https" if self._tls else "http"
        self.url = f"{scheme}://{host}:{await self._listen(arm, host, port, self._tls)}"
        self.msi_url = f"http://{host}:{await self._listen(msi, host, 0, None)}/msi/token"
        await self._vaults.start(host)

    async def _listen(
        self, app: web.Application, host: str, port: int, tls: ssl.SSLContext | None
    ) -> int:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
        self._runners.append(runner)
        return int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening, cancel running operations; whoever runs API servers stops them."""
        await self.state.operations.stop()
        await self._records.stop()
        await self._commands.stop()
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()
        await self._connections.abort()
        await self._vaults.stop()

    def _routes(self, cluster_api: ClusterApi | None) -> list[Route]:
        state, records = self.state, self._records
        linked = LinkedAccess(lambda: self._rbac)
        parts = (
            Groups(state),
            ResourceLists(state),
            Providers(state),
            Networks(state),
            PublicAddresses(state),
            Clusters(state, records, linked, cluster_api),
            ClusterVersions(state),
            AgentPools(state, records, linked),
            Credentials(state, records),
            self._commands,
            DnsZones(state),
            RecordSets(state),
            Compute(state),
            Identities(state),
            DurableTask(state),
            Vaults(state, self._vaults.url),
            Graph(state.directory),
            self._authorization,
        )
        routes = status_routes(state.operations)
        for part in parts:
            routes += part.routes()
        routes.append(metadata_route())
        return routes

    # Requests

    @web.middleware
    async def _record_and_fail(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        server = LOGIN if is_login(request.path) else ARM
        fail = self._faults.middleware(server, _faulty)
        record = self._journal.middleware(server)

        async def failing(request: web.Request) -> web.StreamResponse:
            return await fail(request, handler)

        return await record(request, failing)


def _made_up() -> Subscription:
    return Subscription(
        subscription_id=str(uuid.uuid4()), tenant_id=str(uuid.uuid4()), name="Emulated"
    )


def _faulty(fault: Fault) -> web.Response:
    status = fault.status or 500
    code = SERVICE_CODES.get(status, "InternalServerError")
    return response(ArmError(status, code, "An emulated fault.").answer())
