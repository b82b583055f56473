"""The data plane of Key Vault: challenge, rights, secrets. Every vault has a port of its own."""

import asyncio
import json
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import Caller, JsonObject, member
from emulator.azure.connections import Connections
from emulator.azure.deleted_secrets import DeletedSecrets, shown
from emulator.azure.rbac import Rbac
from emulator.azure.state import State
from emulator.azure.vault import Vault, page
from emulator.faults import Fault, Faults
from emulator.journal import CALLER, Journal

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SERVER = "vault"
AUDIENCE = "https://vault.azure.net"
_API_VERSIONS = frozenset(
    {
        "7.0",
        "7.1",
        "7.2",
        "7.3",
        "7.4",
        "7.5",
        "7.6",
        "2025-06-01-preview",
        "2025-07-01",
        "2026-04-01",
    }
)
_LONGEST_VALUE = 25_600
"""Bytes. Source: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets"""
_DATA = "Microsoft.KeyVault/vaults/secrets"
_POLICY_OF = {
    f"{_DATA}/getSecret/action": "get",
    f"{_DATA}/readMetadata/action": "list",
    f"{_DATA}/setSecret/action": "set",
    f"{_DATA}/delete": "delete",
    f"{_DATA}/recover/action": "recover",
    f"{_DATA}/purge/action": "purge",
}
_CALLER = web.RequestKey("azure_caller", Caller)


class KeyVaultService:
    """Listeners of all vaults, one application behind them."""

    def __init__(  # noqa: PLR0913, PLR0917 # collaborators, each needed
        self,
        state: State,
        faults: Faults,
        journal: Journal,
        tls: ssl.SSLContext | None,
        rbac: Callable[[], Rbac | None],
        authority: Callable[[], str],
    ) -> None:
        self._state = state
        self._tls = tls
        self._rbac = rbac
        self._authority = authority
        self._sockets: dict[str, socket.socket] = {}
        self._by_port: dict[int, Vault] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting: set[asyncio.Task[None]] = set()
        self._connections = Connections()
        middlewares: list[Any] = [
            self._connections.note,
            journal.middleware(SERVER),
            faults.middleware(SERVER, _faulty),
            self._answer_errors,
        ]
        app = web.Application(middlewares=middlewares)
        app.add_routes(
            [
                web.get("/secrets", self._list),
                web.get("/secrets/{name}/versions", self._versions),
                web.get("/secrets/{name}", self._get),
                web.get("/secrets/{name}/", self._get),
                web.get("/secrets/{name}/{version}", self._get),
                web.put("/secrets/{name}", self._set),
                web.patch("/secrets/{name}", self._update),
                web.patch("/secrets/{name}/", self._update),
                web.patch("/secrets/{name}/{version}", self._update),
                web.delete("/secrets/{name}", self._delete),
                *DeletedSecrets(self._vault, self._allow).routes(),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self, host: str) -> None:
        """Serve every vault that has a port, and later ones as soon as they get one."""
        self._loop = asyncio.get_running_loop()
        await self._runner.setup()
        for vault in self._state.vaults.values():
            self.url(vault, host)
        for held in self._sockets.values():
            await web.SockSite(self._runner, held, ssl_context=self._tls).start()

    async def stop(self) -> None:
        """Stop all; vaults keep their secrets."""
        await asyncio.gather(*self._starting)
        await self._runner.cleanup()
        await self._connections.abort()
        for held in self._sockets.values():
            held.close()

    def url(self, vault: Vault, host: str = "127.0.0.1") -> str:
        """Where a vault answers; its port is bound at the first question."""
        if not vault.uri:
            held = socket.create_server((host, 0))
            held.setblocking(False)
            port = held.getsockname()[1]
            self._sockets[vault.name.lower()] = held
            self._by_port[port] = vault
            vault.uri = f"{'https' if self._tls else 'http'}://{host}:{port}"
            resource = self._state.resources.by_id(vault.resource_id)
            if resource is not None:
                resource.properties["vaultUri"] = f"{vault.uri}/"
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._begin, held)
        return vault.uri

    def _begin(self, held: socket.socket) -> None:
        task = asyncio.ensure_future(
            web.SockSite(self._runner, held, ssl_context=self._tls).start()
        )
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    @web.middleware
    async def _answer_errors(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            vault = self._vault(request)
            self._authenticate(request, vault)
            _check_version(request)
            answer = await handler(request)
        except ArmError as error:
            answer = web.json_response(
                error.answer().body, status=error.status, headers=error.headers
            )
        except web.HTTPNotFound:
            answer = web.json_response(
                ArmError(404, "NotFound", "The requested path was not found.").answer().body,
                status=404,
            )
        answer.headers["x-ms-keyvault-service-version"] = "1.9.3120.1"
        return answer

    def _vault(self, request: web.Request) -> Vault:
        transport = request.transport
        if transport is None:
            raise ArmError(400, "BadRequest", "The connection is gone.")
        vault = self._by_port[transport.get_extra_info("sockname")[1]]
        if self._state.resources.by_id(vault.resource_id) is None:
            raise ArmError(404, "VaultNotFound", f"The vault {vault.name} was deleted.")
        return vault

    def _authenticate(self, request: web.Request, vault: Vault) -> None:
        directory = self._state.directory
        challenge = (
            f'Bearer authorization="{self._authority()}/{directory.tenant_id}", '
            f'resource="{AUDIENCE}"'
        )
        header = request.headers.get("Authorization", "")
        if not header:
            raise ArmError(
                401,
                "Unauthorized",
                "AKV10000: Request is missing a Bearer or PoP token.",
                headers={"WWW-Authenticate": challenge},
            )
        caller = directory.caller(header, (AUDIENCE,), challenge)
        request[CALLER] = caller.object_id
        request[_CALLER] = caller
        if vault.firewall:
            raise ArmError(
                403,
                "Forbidden",
                "Client address is not authorized and caller is not a trusted service.",
            )

    def _allow(self, request: web.Request, vault: Vault, action: str, name: str) -> None:
        caller = request[_CALLER]
        mine = {"*", caller.object_id.lower()}
        denied = bool(mine & vault.denied)
        rbac = self._rbac()
        if vault.policies is not None:
            denied = denied or not mine & vault.policies.get(_POLICY_OF[action], set())
        elif rbac is not None:
            scope = f"{vault.resource_id}/secrets/{name}" if name else vault.resource_id
            denied = denied or not rbac.allows(caller.object_id, action, scope, data=True)
        if denied:
            raise ArmError(
                403,
                "Forbidden",
                "Caller is not authorized to perform action on resource.\nIf role assignments, "
                "deny assignments or role definitions were changed recently, please observe "
                "propagation time.\n"
                f"Caller: appid={caller.client_id};oid={caller.object_id};"
                f"iss=https://sts.windows.net/{caller.tenant_id}/\nAction: '{action}'\n"
                f"Resource: '{vault.resource_id.lower()}/secrets/{name}'\nAssignment: (not found)\n"
                f"DenyAssignmentId: null\nDecisionReason: null\nVault: {vault.name}",
            )

    async def _get(self, request: web.Request) -> web.Response:
        vault, name = self._vault(request), request.match_info["name"]
        self._allow(request, vault, f"{_DATA}/getSecret/action", name)
        version = vault.find(name, request.match_info.get("version", ""))
        if not version.enabled:
            raise ArmError(403, "Forbidden", "Operation get is not allowed on a disabled secret.")
        return web.json_response(vault.document(name, version, with_value=True))

    async def _list(self, request: web.Request) -> web.Response:
        vault = self._vault(request)
        self._allow(request, vault, f"{_DATA}/readMetadata/action", "")
        rows: list[JsonObject] = []
        for name, versions in sorted(vault.secrets.items()):
            row = vault.document(name, versions[-1], with_value=False)
            row["id"] = row["id"].rpartition("/")[0]
            rows.append(row)
        return page(request, vault, rows)

    async def _versions(self, request: web.Request) -> web.Response:
        vault, name = self._vault(request), request.match_info["name"]
        self._allow(request, vault, f"{_DATA}/readMetadata/action", name)
        vault.find(name)
        rows = [vault.document(name, v, with_value=False) for v in vault.secrets[name.lower()]]
        return page(request, vault, rows)

    async def _set(self, request: web.Request) -> web.Response:
        vault, name = self._vault(request), request.match_info["name"]
        self._allow(request, vault, f"{_DATA}/setSecret/action", name)
        try:
            body: JsonObject = await request.json()
            value = str(body["value"])
        except (json.JSONDecodeError, KeyError, TypeError) as wrong:
            raise ArmError(400, "BadParameter", "Property value has an invalid value.") from wrong
        if len(value.encode()) > _LONGEST_VALUE:
            raise ArmError(
                400, "BadParameter", f"The secret value is longer than {_LONGEST_VALUE} bytes."
            )
        attributes: JsonObject = member(body, "attributes")
        version = vault.set_secret(
            name,
            value,
            body.get("contentType") or "",
            enabled=attributes.get("enabled", True),
            tags=body.get("tags"),
        )
        version.change({"attributes": attributes})
        return web.json_response(vault.document(name, version, with_value=True))

    async def _delete(self, request: web.Request) -> web.Response:
        vault, name = self._vault(request), request.match_info["name"]
        self._allow(request, vault, f"{_DATA}/delete", name)
        vault.delete(name)
        return web.json_response(shown(vault, name))

    async def _update(self, request: web.Request) -> web.Response:
        vault, name = self._vault(request), request.match_info["name"]
        self._allow(request, vault, f"{_DATA}/setSecret/action", name)
        version = vault.find(name, request.match_info.get("version", ""))
        version.change(await request.json())
        version.updated = self._state.clock.now()
        return web.json_response(vault.document(name, version, with_value=False))


def _check_version(request: web.Request) -> None:
    if request.query.get("api-version") not in _API_VERSIONS:
        raise ArmError(400, "BadParameter", "The request URI has a missing or unknown api-version.")


def _faulty(fault: Fault) -> web.Response:
    status = fault.status or 500
    body = {
        "error": {"code": _FAULT_CODES.get(status, "InternalServerError"), "message": "emulated"}
    }
    return web.json_response(body, status=status)


_FAULT_CODES = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    429: "Throttled",
    503: "ServiceUnavailable",
}
