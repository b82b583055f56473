"""User-assigned managed identities."""

from emulator.azure.body_check import check_small
from emulator.azure.calls import Answer, Call, Route, listing, member
from emulator.azure.locations import known
from emulator.azure.resources import Resource
from emulator.azure.shapes import IdentityBody
from emulator.azure.state import IDENTITY, State

_PATH = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/"
    "Microsoft.ManagedIdentity/userAssignedIdentities"
)


class Identities:
    """Routes of identities."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._resources = state.resources
        state.resources.removers[IDENTITY.lower()] = self._forget

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        one = f"{_PATH}/{{name}}"
        everywhere = f"/subscriptions/{{subscription}}/providers/{IDENTITY}"
        table = (
            ("GET", everywhere, self._list, "read"),
            ("GET", _PATH, self._list, "read"),
            ("PUT", one, self._put, "write"),
            ("GET", one, self._get, "read"),
            ("DELETE", one, self._delete, "delete"),
        )
        return [
            Route(
                method=m, template=t, handle=h, action=f"{IDENTITY}/{v}", api=IDENTITY.split("/")[0]
            )
            for m, t, h, v in table
        ]

    async def _list(self, call: Call) -> Answer:
        group = call.params.get("group", "")
        if group:
            self._resources.group(call["subscription"], group)
        found = self._resources.of(IDENTITY, call["subscription"], group)
        return listing(call, [i.document() for i in found], self._state.page_size)

    async def _get(self, call: Call) -> Answer:
        found = self._resources.find(call["subscription"], call["group"], IDENTITY, call["name"])
        return Answer(body=found.document())

    async def _put(self, call: Call) -> Answer:
        check_small(IdentityBody, call.body)
        group = self._resources.open_group(call["subscription"], call["group"])
        location = known(call.body["location"], IDENTITY)
        existing = self._resources.look_up(group.subscription, group.name, IDENTITY, call["name"])
        identity, _ = self._state.add_identity(call["name"], group.name, location=location)
        identity.tags = member(call.body, "tags")
        return Answer(status=200 if existing else 201, body=identity.document())

    async def _delete(self, call: Call) -> Answer:
        found = self._resources.look_up(call["subscription"], call["group"], IDENTITY, call["name"])
        if found is None:
            return Answer(status=204)
        await self._resources.remove(found)
        return Answer(status=200)

    async def _forget(self, identity: Resource) -> None:
        self._state.directory.remove_managed_identity(identity.resource_id)
