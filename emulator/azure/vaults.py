"""Microsoft.KeyVault: the vault as a resource; its secrets are on the data plane."""

from collections.abc import Callable
from datetime import timedelta

from emulator.azure.calls import Answer, Call, JsonObject, Route, listing
from emulator.azure.resources import Resource
from emulator.azure.state import VAULT, State
from emulator.azure.vault import Vault

_DELETED = "/subscriptions/{subscription}/providers/Microsoft.KeyVault/deletedVaults"
_KEPT = timedelta(days=90)
_PATH = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults"


class Vaults:
    """Routes that show vaults; they are made by ``State.add_vault``.

    Args:
        url: Binds the port of a vault's data plane, and notes it in the resource.
    """

    def __init__(self, state: State, url: Callable[[Vault], str]) -> None:
        self._state = state
        self._url = url
        self._deleted: list[JsonObject] = []
        state.resources.removers[VAULT.lower()] = self._forget

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        everywhere = "/subscriptions/{subscription}/providers/Microsoft.KeyVault/vaults"
        table = (
            (everywhere, self._list),
            (_PATH, self._list),
            (f"{_PATH}/{{name}}", self._get),
            (_DELETED, self._list_deleted),
        )
        return [
            Route(
                method="GET", template=t, handle=h, action=f"{VAULT}/read", api=VAULT.split("/")[0]
            )
            for t, h in table
        ]

    async def _list(self, call: Call) -> Answer:
        group = call.params.get("group", "")
        found = self._state.resources.of(VAULT, call["subscription"], group)
        return listing(call, [self._shown(v) for v in found], self._state.page_size)

    async def _get(self, call: Call) -> Answer:
        found = self._state.resources.find(call["subscription"], call["group"], VAULT, call["name"])
        return Answer(body=self._shown(found))

    async def _list_deleted(self, call: Call) -> Answer:
        mine = f"/subscriptions/{call['subscription']}/".lower()
        rows = [v for v in self._deleted if v["id"].lower().startswith(mine)]
        return listing(call, rows, self._state.page_size)

    def _shown(self, vault: Resource) -> JsonObject:
        self._url(self._state.vaults[vault.name.lower()])
        return vault.document()

    async def _forget(self, vault: Resource) -> None:
        self._state.vaults.pop(vault.name.lower(), None)
        now = self._state.clock.now()
        place = f"/subscriptions/{vault.subscription}/providers/Microsoft.KeyVault/locations"
        self._deleted.append(
            {
                "id": f"{place}/{vault.location}/deletedVaults/{vault.name}",
                "name": vault.name,
                "type": "Microsoft.KeyVault/deletedVaults",
                "properties": {
                    "vaultId": vault.resource_id,
                    "location": vault.location,
                    "tags": vault.tags or {},
                    "deletionDate": now.isoformat(),
                    "scheduledPurgeDate": (now + _KEPT).isoformat(),
                },
            }
        )
