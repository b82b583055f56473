"""Public DNS zones."""

from emulator.azure.arm_error import ArmError
from emulator.azure.body_check import check_small
from emulator.azure.calls import Answer, Call, JsonObject, Route, listing, member
from emulator.azure.resources import Resource
from emulator.azure.shapes import TagsBody, ZoneBody
from emulator.azure.state import ZONE, State

API = "Microsoft.Network/dnsZones"
ZONES_PATH = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/dnsZones"
)


class DnsZones:
    """Routes of zones."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._resources = state.resources
        state.resources.removers[ZONE.lower()] = self._forget

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        everywhere = "/subscriptions/{subscription}/providers/Microsoft.Network/dnsZones"
        one = f"{ZONES_PATH}/{{zone}}"
        table = (
            ("GET", everywhere, self._list, "read"),
            ("GET", ZONES_PATH, self._list, "read"),
            ("PUT", one, self._put, "write"),
            ("GET", one, self._get, "read"),
            ("PATCH", one, self._patch, "write"),
            ("DELETE", one, self._delete, "delete"),
        )
        return [
            Route(method=m, template=t, handle=h, action=f"{ZONE}/{verb}", api=API, flat=True)
            for m, t, h, verb in table
        ]

    async def _list(self, call: Call) -> Answer:
        group = call.params.get("group", "")
        if group:
            self._resources.group(call["subscription"], group)
        found = self._resources.of(ZONE, call["subscription"], group)
        return listing(call, [self._shown(z) for z in found], self._state.page_size)

    def _find(self, call: Call) -> Resource:
        return self._resources.find(call["subscription"], call["group"], ZONE, call["zone"])

    async def _get(self, call: Call) -> Answer:
        return Answer(body=self._shown(self._find(call)))

    async def _put(self, call: Call) -> Answer:
        check_small(ZoneBody, call.body, flat=True)
        group = self._resources.open_group(call["subscription"], call["group"])
        name = call["zone"].lower()
        if name.count(".") < 1 or not all(name.split(".")):
            raise ArmError(400, "BadRequest", f"The domain name '{name}' is invalid.", flat=True)
        existing = self._resources.look_up(group.subscription, group.name, ZONE, name)
        check_zone_conditions(call, existing)
        if existing is not None:
            existing.tags = member(call.body, "tags")
            existing.touch()
            return Answer(body=self._shown(existing))
        zone = self._state.add_zone(name, group.name, tags=member(call.body, "tags"))
        return Answer(status=201, body=self._shown(zone))

    async def _patch(self, call: Call) -> Answer:
        check_small(TagsBody, call.body, flat=True)
        zone = self._find(call)
        zone.tags = member(call.body, "tags")
        zone.touch()
        return Answer(body=self._shown(zone))

    async def _delete(self, call: Call) -> Answer:
        zone = self._resources.look_up(call["subscription"], call["group"], ZONE, call["zone"])
        if zone is None:
            return Answer(status=204)
        check_zone_conditions(call, zone)
        await self._resources.remove(zone)
        return Answer(status=200)

    async def _forget(self, zone: Resource) -> None:
        self._state.zones.pop(zone.resource_id.lower(), None)

    def _shown(self, zone: Resource) -> JsonObject:
        below = f"{zone.resource_id}/".lower()
        count = sum(1 for key in self._resources.all if key.startswith(below))
        document = zone.document() | {"etag": zone.etag}
        return document | {"properties": zone.properties | {"numberOfRecordSets": count}}


def check_zone_conditions(call: Call, existing: Resource | None) -> None:
    """Honour ``If-None-Match`` and ``If-Match`` on a zone or record set.

    Raises:
        ArmError: 412.
    """
    if_none = call.headers.get("If-None-Match", "").strip('"')
    if_match = call.headers.get("If-Match", "").strip('"')
    current = existing.etag if existing is not None else "n/a"
    failed = ""
    if if_none and existing is not None and if_none in ("*", existing.etag):
        failed = f"The condition '{if_none}' in the If-None-Match header was not satisfied."
    if if_match and (existing is None or if_match not in ("*", existing.etag)):
        failed = f"The condition '{if_match}' in the If-Match header was not satisfied."
    if failed:
        raise ArmError(
            412, "PreconditionFailed", f"{failed} The current was '{current}'.", flat=True
        )
