"""One emulated Azure: ARM, login, managed identity endpoint and vaults, behind their ports."""

import json
import logging
import ssl
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from emulator.azure.agent_pools import AgentPools
from emulator.azure.api_versions import check_version
from emulator.azure.arm_error import SERVICE_CODES, ArmError
from emulator.azure.authorization import Authorization
from emulator.azure.body_check import load
from emulator.azure.calls import Answer, Call, Caller, Route
from emulator.azure.cluster_api import ClusterApi
from emulator.azure.cluster_records import ClusterRecords
from emulator.azure.clusters import Clusters
from emulator.azure.compute import Compute
from emulator.azure.connections import Connections
from emulator.azure.credentials import Credentials
from emulator.azure.dns_zones import DnsZones
from emulator.azure.durable_task import DurableTask
from emulator.azure.entra import Entra
from emulator.azure.groups import Groups, ResourceLists
from emulator.azure.identities import Identities
from emulator.azure.key_vault import KeyVaultService
from emulator.azure.linked_access import LinkedAccess
from emulator.azure.networks import Networks
from emulator.azure.operations import status_routes
from emulator.azure.providers import Providers
from emulator.azure.rbac import Rbac, not_authorized, scope_of
from emulator.azure.record_sets import RecordSets
from emulator.azure.routing import Router
from emulator.azure.run_command import RunCommand
from emulator.azure.state import State, Subscription
from emulator.azure.vaults import Vaults
from emulator.clock import Clock
from emulator.durations import Durations
from emulator.faults import Fault, Faults
from emulator.journal import CALLER, Journal

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ARM = "arm"
LOGIN = "login"
_LOG = logging.getLogger(__name__)
_WRITES = 1199
_READS = 11999
"""What is left to a caller who has made no request yet.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""


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
        self._router = Router(self._routes(cluster_api))
        self._reads, self._writes = _READS, _WRITES
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
            middlewares=[self._connections.note, self._record_and_fail, self._guard],
            client_max_size=4 * 1024**2,
        )
        arm.add_routes(self._entra.routes())
        arm.router.add_route("*", "/{path:.*}", self._dispatch)
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
            Clusters(state, records, linked, cluster_api),
            AgentPools(state, records, linked),
            Credentials(state, records),
            self._commands,
            DnsZones(state),
            RecordSets(state),
            Compute(state),
            Identities(state),
            DurableTask(state),
            Vaults(state),
            self._authorization,
        )
        routes = status_routes(state.operations)
        for part in parts:
            routes += part.routes()
        routes.append(Route(method="GET", template="/metadata/endpoints", handle=self._endpoints))
        return routes

    # Requests

    @web.middleware
    async def _record_and_fail(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        server = LOGIN if _is_login(request.path) else ARM
        fail = self._faults.middleware(server, _faulty)
        record = self._journal.middleware(server)

        async def failing(request: web.Request) -> web.StreamResponse:
            return await fail(request, handler)

        return await record(request, failing)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if _is_login(request.path):
            return await handler(request)
        try:
            answer = await handler(request)
        except ArmError as error:
            answer = _response(error.answer())
        except web.HTTPException as stopped:
            code = SERVICE_CODES.get(stopped.status, "BadRequest")
            answer = _response(ArmError(stopped.status, code, stopped.reason).answer())
        except Exception as failure:  # noqa: BLE001 # a bug answers 500, as a service does
            _LOG.exception("%s %s broke", request.method, request.path)
            answer = _response(
                ArmError(500, "InternalServerError", type(failure).__name__).answer()
            )
        self._add_headers(request, answer)
        return answer

    def _add_headers(self, request: web.Request, answer: web.StreamResponse) -> None:
        request_id = str(uuid.uuid4())
        given = request.headers.get("x-ms-correlation-request-id", request_id)
        answer.headers["x-ms-request-id"] = request_id
        answer.headers["x-ms-correlation-request-id"] = given
        answer.headers["x-ms-routing-request-id"] = f"EMULATED:{request_id}"
        client = request.headers.get("x-ms-client-request-id")
        if client and request.headers.get("x-ms-return-client-request-id", "").lower() == "true":
            answer.headers["x-ms-client-request-id"] = client
        if request.method in ("GET", "HEAD"):
            self._reads = max(1, self._reads - 1)
            answer.headers["x-ms-ratelimit-remaining-subscription-reads"] = str(self._reads)
        else:
            self._writes = max(1, self._writes - 1)
            answer.headers["x-ms-ratelimit-remaining-subscription-writes"] = str(self._writes)
        answer.headers["Cache-Control"] = "no-cache"
        answer.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def _dispatch(self, request: web.Request) -> web.Response:
        path = request.rel_url.raw_path
        found = self._router.find(request.method, path)
        if found is not None and found[0].template == "/metadata/endpoints":
            return _response(await found[0].handle(await self._call(request, {}, _NOBODY)))
        caller = self._authenticate(request)
        if found is None:
            raise self._unknown(request.method, path)
        route, params = found
        call = await self._call(request, params, caller)
        if "subscription" in params:
            self.state.subscription(params["subscription"])
        check_version(route, call)
        self._authorize(route, call)
        self._check_registered(route, call)
        if route.method in ("PUT", "PATCH") and not isinstance(call.body, dict):
            raise ArmError(
                400,
                "InvalidRequestContent",
                "The request content was invalid and could not be deserialized: it is no object.",
                flat=route.flat,
            )
        return _response(await route.handle(call))

    def _authenticate(self, request: web.Request) -> Caller:
        audiences = (
            "https://management.azure.com",
            "https://management.core.windows.net",
            self.url,
            f"{request.scheme}://{request.host}",
        )
        challenge = f'Bearer authorization_uri="{self.url}/{self.directory.tenant_id}"'
        caller = self.directory.caller(
            request.headers.get("Authorization", ""), audiences, challenge
        )
        request[CALLER] = caller.object_id
        return caller

    async def _call(self, request: web.Request, params: dict[str, str], caller: Caller) -> Call:
        base = f"{request.scheme}://{request.host}"
        return Call(
            method=request.method,
            path=request.rel_url.path,
            params=params,
            query={
                k.lower(): v for k, v in parse_qsl(request.query_string, keep_blank_values=True)
            },
            headers=request.headers,
            body=await _body(request),
            caller=caller,
            base=base,
            raw=f"{base}{request.raw_path}",
        )

    def _authorize(self, route: Route, call: Call) -> None:
        if self._rbac is None or not route.action:
            return
        action = route.action.format_map(call.params)
        scope = scope_of(call.path)
        if not self._rbac.allows(call.caller.object_id, action, scope):
            raise not_authorized(call.caller, action, scope)

    def _check_registered(self, route: Route, call: Call) -> None:
        namespace = route.api.partition("/")[0]
        if call.method == "PUT" and not self.state.registered(namespace):
            raise ArmError(
                409,
                "MissingSubscriptionRegistration",
                f"The subscription is not registered to use namespace '{namespace}'. See "
                "https://aka.ms/rps-not-found for how to register subscriptions.",
            )

    def _unknown(self, method: str, path: str) -> ArmError:
        if self._router.knows(path):
            return ArmError(
                405,
                "HttpMethodNotSupported",
                f"The requested resource does not support http method '{method}'.",
            )
        return ArmError(
            404, "NotFound", f"No HTTP resource was found that matches the request URI '{path}'."
        )

    async def _endpoints(self, call: Call) -> Answer:
        base = call.base
        cloud: dict[str, Any] = {
            "name": "Emulated",
            "portal": base,
            "authentication": {
                "loginEndpoint": base,
                "audiences": [base, "https://management.azure.com"],
                "tenant": "common",
                "identityProvider": "AAD",
            },
            "graph": base,
            "graphAudience": base,
            "microsoftGraphResourceId": base,
            "resourceManager": base,
            "media": base,
            "gallery": base,
            "batch": base,
            "vmImageAliasDoc": base,
            "sqlManagement": base,
            "activeDirectoryDataLake": base,
            "suffixes": {
                "keyVaultDns": "vault.localhost",
                "storage": "storage.localhost",
                "sqlServerHostname": "database.localhost",
                "acrLoginServer": "registry.localhost",
            },
        }
        # Public ARM lists its clouds; one that the CLI registers by its endpoint is one document.
        return Answer(body=cloud)


_NOBODY = Caller(object_id="", client_id="", tenant_id="")


def _made_up() -> Subscription:
    return Subscription(
        subscription_id=str(uuid.uuid4()), tenant_id=str(uuid.uuid4()), name="Emulated"
    )


def _is_login(path: str) -> bool:
    return "/oauth2/" in path or path.endswith(
        ("/.well-known/openid-configuration", "/discovery/instance", "/discovery/v2.0/keys")
    )


async def _body(request: web.Request) -> Any:
    text = await request.text()
    if not text:
        return {}
    try:
        return json.loads(text)
    except json.JSONDecodeError as wrong:
        raise ArmError(
            400,
            "InvalidRequestContent",
            f"The request content was invalid and could not be deserialized: '{wrong.msg}'.",
        ) from wrong


def _response(answer: Answer) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    return web.json_response(answer.body, status=answer.status, headers=answer.headers)


def _faulty(fault: Fault) -> web.Response:
    status = fault.status or 500
    code = SERVICE_CODES.get(status, "InternalServerError")
    return _response(ArmError(status, code, "An emulated fault.").answer())
