"""The API server of one emulated cluster: TLS, tokens, rights, and the way to the right handler."""

import base64
import logging
import ssl
from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

import yaml
from aiohttp import web

from emulator.clock import Clock
from emulator.durations import Durations
from emulator.faults import Fault, Faults
from emulator.journal import CALLER, Journal
from emulator.kubernetes.access import Access, Act
from emulator.kubernetes.api_error import ApiError, bad_request, failure, method_not_allowed
from emulator.kubernetes.bootstrap import furnish
from emulator.kubernetes.calls import Call, read_call
from emulator.kubernetes.controllers import Controllers
from emulator.kubernetes.decoding import Decoder
from emulator.kubernetes.discovery import Discovery
from emulator.kubernetes.field_validation import warning
from emulator.kubernetes.impersonation import impersonated
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.pod_logs import PodLogs
from emulator.kubernetes.resources import REVIEWS, Catalog
from emulator.kubernetes.reviews import review
from emulator.kubernetes.store import Store
from emulator.kubernetes.subresources import Subresources
from emulator.kubernetes.users import MASTERS, User, Users
from emulator.kubernetes.verbs import Verbs, answer

SERVER = "kubernetes"
"""The name of API servers in faults and journal."""
_LOG = logging.getLogger(__name__)
_OPEN_PATHS = frozenset({"/healthz", "/livez", "/readyz", "/version"})
_LARGEST_BODY = 3 * 1024 * 1024
"""kube-apiserver's own limit."""
_REASONS = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict",
    410: "Expired", 422: "Invalid", 429: "TooManyRequests", 500: "InternalError",
    503: "ServiceUnavailable", 504: "Timeout",
}  # fmt: skip # a table


class ApiServer:
    """One cluster's API server with its built-in controllers, all in this process's event loop.

    Args:
        tls: Server context whose certificate is valid for 127.0.0.1.
        ca: PEM of the authority that signed it; for kubeconfigs and the root CA map.
        name: Cluster name in kubeconfigs.
        users: Groups by user name; each gets a token. ``clusterUser`` and ``clusterAdmin``, both
            in ``system:masters`` as on AKS without Entra ID, when None.
        history: Events kept for watches that start in the past.
        port: 0 for any free one.
    """

    def __init__(  # noqa: PLR0913 # what a server is made of; all but five by name
        self,
        clock: Clock,
        durations: Durations,  # noqa: ARG002 # every emulated server is made of the same; its own work takes no time
        faults: Faults,
        journal: Journal,
        tls: ssl.SSLContext,
        *,
        ca: bytes,
        version: str = "1.36.3",
        name: str = "emulated",
        users: Mapping[str, tuple[str, ...]] | None = None,
        history: int = 4000,
        port: int = 0,
    ) -> None:
        self.name = name
        self.store = Store(history)
        self.catalog = Catalog()
        self.operations = Operations(self.store, self.catalog)
        people = users or {"clusterUser": (MASTERS,), "clusterAdmin": (MASTERS,)}
        self.users = Users(self.store, people)
        self.access = Access(self.store)
        self._version = version
        self._tls = tls
        self._ca = ca
        self._port = port
        self._faults = faults
        self._journal = journal
        self._controllers = Controllers(self.operations, self.users, clock, ca.decode())
        self._verbs = Verbs(self.operations, self.access, Decoder(version))
        self._subresources = Subresources(self.operations, self.users)
        self._logs = PodLogs(self.operations)
        self._runner: web.AppRunner | None = None
        self._connections: WeakSet[Any] = WeakSet()
        self._discovery = Discovery(self.catalog, version, "")
        furnish(self.operations)

    @property
    def tokens(self) -> dict[str, str]:
        """Bearer token by user name."""
        return self.users.tokens

    @property
    def url(self) -> str:
        """Base address; the port is known once the server has started."""
        return f"https://127.0.0.1:{self._port}"

    def kubeconfig(self, user: str = "clusterUser") -> bytes:
        """YAML that lets ``user`` in, in the form that AKS hands out."""
        cluster = {
            "server": self.url,
            "certificate-authority-data": base64.b64encode(self._ca).decode(),
        }
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": self.name, "cluster": cluster}],
            "users": [{"name": f"{user}_{self.name}", "user": {"token": self.tokens[user]}}],
            "contexts": [
                {
                    "name": self.name,
                    "context": {"cluster": self.name, "user": f"{user}_{self.name}"},
                }
            ],
            "current-context": self.name,
        }
        return yaml.safe_dump(config, sort_keys=False).encode()

    async def start(self) -> None:
        """Listen on 127.0.0.1 and run the controllers."""
        layers: list[Any] = [
            self._journal.middleware(SERVER),
            self._faults.middleware(SERVER, _injected),
        ]
        app = web.Application(middlewares=layers, client_max_size=_LARGEST_BODY)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=self._tls)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._discovery = Discovery(self.catalog, self._version, f"127.0.0.1:{self._port}")
        self._controllers.start()

    async def stop(self) -> None:
        """End everything; objects stay readable in ``store``."""
        await self._controllers.stop()
        await self._logs.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        for connection in list(self._connections):
            # A TLS farewell would wait half a minute for clients that keep a connection idle.
            connection.abort()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            self._connections.add(request.transport)
        try:
            raw = await request.read() if request.can_read_body else b""
            return await self._route(request, raw)
        except ApiError as refused:
            return answer(refused.status(), refused.code)
        except web.HTTPRequestEntityTooLarge:
            text = f"limit is {_LARGEST_BODY}"
            return answer(
                failure(413, "RequestEntityTooLarge", f"Request entity too large: {text}"), 413
            )
        except Exception:  # noqa: BLE001 # a server answers 500 and goes on; the log has the cause
            _LOG.exception("a request could not be served: %s %s", request.method, request.path)
            return answer(failure(500, "InternalError", "Internal error occurred"), 500)

    async def _route(self, request: web.Request, raw: bytes) -> web.StreamResponse:
        path = request.path.rstrip("/") or "/"
        user = self._authenticate(request)
        if user is None and path not in _OPEN_PATHS:
            raise ApiError(401, "Unauthorized", "Unauthorized")
        if user is not None:
            user = impersonated(self.access, user, request)
        request[CALLER] = user.name if user else ""
        if path.partition("/")[0] == "" and path.split("/")[1] in ("healthz", "livez", "readyz"):
            return web.Response(text="ok")
        found = self._discovery.answer(path) if request.method == "GET" else None
        if found is not None:
            return answer(found)
        if user is None:
            raise ApiError(401, "Unauthorized", "Unauthorized")
        if not path.startswith(("/api/", "/apis/")):
            self.access.require(user, Act(verb=request.method.lower(), path=path))
            return web.Response(status=404, text="404 page not found\n")
        call = read_call(request, user, self.catalog, raw)
        self.access.require(user, call.act)
        try:
            response = await self._dispatch(call)
        except ApiError as refused:
            response = answer(refused.status(), refused.code)
        if not response.prepared:
            response.headers.extend(("Warning", warning(text)) for text in call.warnings)
        return response

    async def _dispatch(self, call: Call) -> web.StreamResponse:
        if call.resource in REVIEWS:
            if call.verb != "create":
                raise method_not_allowed()
            return answer(review(self.access, call), 201)
        if (
            call.http.method in ("POST", "PUT", "PATCH")
            and call.http.query.get("fieldManager") == ""
        ):
            raise bad_request("fieldManager must not be empty")
        match call.subresource:
            case "" | "status":
                return await self._verbs.serve(call)
            case "log":
                return await self._logs.serve(call)
            case "exec" | "attach" | "portforward":
                text = f"{call.subresource} is not served by this emulator"
                raise ApiError(501, "NotImplemented", text)
            case _:
                return answer(*self._subresources.serve(call))

    def _authenticate(self, request: web.Request) -> User | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return self.users.authenticate(token.strip()) if scheme.lower() == "bearer" else None


def _injected(fault: Fault) -> web.Response:
    code = fault.status or 500
    reason = _REASONS.get(code, "InternalError")
    details = {"retryAfterSeconds": fault.retry_after} if fault.retry_after is not None else None
    return answer(failure(code, reason, "the server is having a bad day", details), code)
