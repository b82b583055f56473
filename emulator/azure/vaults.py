"""Microsoft.KeyVault: the vault as a resource; its secrets are on the data plane."""

from emulator.azure.calls import Answer, Call, Route, listing
from emulator.azure.resources import Resource
from emulator.azure.state import VAULT, State

_PATH = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults"


class Vaults:
    """Routes that show vaults; they are made by ``State.add_vault``."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.resources.removers[VAULT.lower()] = self._forget

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        everywhere = "/subscriptions/{subscription}/providers/Microsoft.KeyVault/vaults"
        table = (
            (everywhere, self._list),
            (_PATH, self._list),
            (f"{_PATH}/{{name}}", self._get),
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
        return listing(call, [v.document() for v in found], self._state.page_size)

    async def _get(self, call: Call) -> Answer:
        found = self._state.resources.find(call["subscription"], call["group"], VAULT, call["name"])
        return Answer(body=found.document())

    async def _forget(self, vault: Resource) -> None:
        self._state.vaults.pop(vault.name.lower(), None)
