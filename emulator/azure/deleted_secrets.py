"""Deleted secrets of a vault: they stay for 90 days, and their names with them.

Source: https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
"""

from collections.abc import Callable

from aiohttp import web

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import JsonObject
from emulator.azure.vault import Vault, page

type Find = Callable[[web.Request], Vault]
type Allow = Callable[[web.Request, Vault, str, str], None]

_DATA = "Microsoft.KeyVault/vaults/secrets"


class DeletedSecrets:
    """Routes of what was deleted."""

    def __init__(self, find: Find, allow: Allow) -> None:
        self._vault = find
        self._allow = allow

    def routes(self) -> list[web.RouteDef]:
        """Every operation of this part."""
        return [
            web.get("/deletedsecrets", self._list),
            web.get("/deletedsecrets/{name}", self._get),
            web.post("/deletedsecrets/{name}/recover", self._recover),
            web.delete("/deletedsecrets/{name}", self._purge),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        vault = self._vault(request)
        self._allow(request, vault, f"{_DATA}/readMetadata/action", "")
        return page(request, vault, [shown(vault, name) for name in sorted(vault.deleted)])

    async def _get(self, request: web.Request) -> web.Response:
        vault, name = self._vault(request), request.match_info["name"]
        self._allow(request, vault, f"{_DATA}/readMetadata/action", name)
        _check_deleted(vault, name)
        return web.json_response(shown(vault, name))

    async def _recover(self, request: web.Request) -> web.Response:
        vault, name = self._vault(request), request.match_info["name"]
        self._allow(request, vault, f"{_DATA}/recover/action", name)
        _check_deleted(vault, name)
        vault.recover(name)
        return web.json_response(vault.document(name, vault.find(name), with_value=False))

    async def _purge(self, request: web.Request) -> web.Response:
        vault, name = self._vault(request), request.match_info["name"]
        self._allow(request, vault, f"{_DATA}/purge/action", name)
        _check_deleted(vault, name)
        vault.purge(name)
        return web.Response(status=204)


def shown(vault: Vault, name: str) -> JsonObject:
    """A deleted secret, with the days that are left to it."""
    deleted = vault.deleted[name.lower()]
    held = vault.document(name, deleted.versions[-1], with_value=False)
    at = int(deleted.at.timestamp())
    return held | {
        "recoveryId": f"{vault.uri}/deletedsecrets/{name}",
        "deletedDate": at,
        "scheduledPurgeDate": at + 90 * 24 * 3600,
    }


def _check_deleted(vault: Vault, name: str) -> None:
    if name.lower() not in vault.deleted:
        raise ArmError(404, "SecretNotFound", f"Deleted Secret not found: {name}")
