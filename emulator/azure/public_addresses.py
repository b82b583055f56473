"""Public IP addresses and prefixes: static IPv4 of SKU Standard, for outbound traffic."""

import ipaddress
import uuid
from dataclasses import dataclass

from emulator.azure.arm_error import ArmError
from emulator.azure.body_check import check
from emulator.azure.calls import Answer, Call, JsonObject, Route, listing, member, rows
from emulator.azure.locations import known
from emulator.azure.resources import Resource
from emulator.azure.state import CLUSTER, State

PROVIDER = "Microsoft.Network"
_ADDRESSES = ipaddress.IPv4Network("198.51.100.0/24")
_PREFIXES = ipaddress.IPv4Network("203.0.113.0/24")
"""Both are for documentation: nobody has these addresses."""
_PREFIX_LENGTH = 28
_PREFIX_LENGTHS = range(24, 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One of the two types, and where clusters name its resources."""

    type_name: str
    body: str
    outbound: str

    @property
    def full(self) -> str:
        return f"{PROVIDER}/{self.type_name}"


_KINDS = (
    _Kind(type_name="publicIPAddresses", body="PublicIPAddress", outbound="outboundIPs"),
    _Kind(type_name="publicIPPrefixes", body="PublicIPPrefix", outbound="outboundIPPrefixes"),
)


class PublicAddresses:
    """Routes of both types; what is asked for is there at once."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        return [route for kind in _KINDS for route in _Routes(self._state, kind).routes()]


class _Routes:
    def __init__(self, state: State, kind: _Kind) -> None:
        self._state = state
        self._resources = state.resources
        self._kind = kind

    def routes(self) -> list[Route]:
        kind = self._kind.full
        subscription = "/subscriptions/{subscription}"
        many = f"{subscription}/resourceGroups/{{group}}/providers/{kind}"
        table = (
            ("GET", f"{subscription}/providers/{kind}", self._list, "read"),
            ("GET", many, self._list, "read"),
            ("PUT", f"{many}/{{name}}", self._put, "write"),
            ("GET", f"{many}/{{name}}", self._get, "read"),
            ("DELETE", f"{many}/{{name}}", self._delete, "delete"),
        )
        return [
            Route(method=m, template=t, handle=h, action=f"{kind}/{verb}", api=PROVIDER)
            for m, t, h, verb in table
        ]

    async def _list(self, call: Call) -> Answer:
        group = call.params.get("group", "")
        if group:
            self._resources.group(call["subscription"], group)
        found = self._resources.of(self._kind.full, call["subscription"], group)
        return listing(call, [r.document() for r in found], self._state.page_size)

    async def _get(self, call: Call) -> Answer:
        found = self._resources.find(
            call["subscription"], call["group"], self._kind.full, call["name"]
        )
        return Answer(body=found.document())

    async def _put(self, call: Call) -> Answer:
        check("network", self._kind.body, call.body, flat=False)
        group = self._resources.open_group(call["subscription"], call["group"])
        location = known(call.body.get("location"), self._kind.full)
        asked: JsonObject = member(call.body, "properties")
        existing = self._resources.look_up(
            group.subscription, group.name, self._kind.full, call["name"]
        )
        made = existing or self._resources.put(
            Resource(
                subscription=group.subscription,
                group=group.name,
                kind=self._kind.full,
                name=call["name"],
                location=location,
                properties=self._new(asked),
                created=self._state.clock.now(),
            )
        )
        made.tags = call.body.get("tags")
        zones = {"zones": call.body["zones"]} if call.body.get("zones") else {}
        made.extra = {"sku": {"name": "Standard", "tier": "Regional"}} | zones
        made.touch()
        return Answer(status=200 if existing else 201, body=made.document())

    def _new(self, asked: JsonObject) -> JsonObject:
        shown: JsonObject = {
            "provisioningState": "Succeeded",
            "resourceGuid": str(uuid.uuid4()),
            "publicIPAddressVersion": "IPv4",
            "ipTags": [],
        }
        held = self._resources.of(self._kind.full)
        if self._kind.body == "PublicIPPrefix":
            length: int = asked.get("prefixLength") or _PREFIX_LENGTH
            return shown | {"prefixLength": length, "ipPrefix": _free_prefix(held, length)}
        taken = {str(r.properties.get("ipAddress")) for r in held}
        address = next(str(a) for a in _ADDRESSES.hosts() if str(a) not in taken)
        minutes: int = asked.get("idleTimeoutInMinutes") or 4
        return shown | {
            "ipAddress": address,
            "publicIPAllocationMethod": "Static",
            "idleTimeoutInMinutes": minutes,
        }

    async def _delete(self, call: Call) -> Answer:
        found = self._resources.look_up(
            call["subscription"], call["group"], self._kind.full, call["name"]
        )
        if found is None:
            return Answer(status=204)
        if found.resource_id.lower() in self._used():
            raise ArmError(
                400,
                f"{self._kind.body}CannotBeDeleted",
                f"{self._kind.body} {found.resource_id} can not be deleted since it is still "
                "allocated to a load balancer.",
            )
        await self._resources.remove(found)
        return Answer(status=200)

    def _used(self) -> set[str]:
        """Ids that clusters name, in lower case."""
        profiles = [
            member(member(c.properties, "networkProfile"), "loadBalancerProfile")
            for c in self._resources.of(CLUSTER)
        ]
        named = [member(profile, self._kind.outbound) for profile in profiles]
        key = self._kind.type_name.replace("Addresses", "s")
        return {str(row["id"]).lower() for one in named for row in rows(one, key)}


def _free_prefix(held: list[Resource], length: int) -> str:
    if length not in _PREFIX_LENGTHS:
        raise ArmError(
            400,
            "InvalidPublicIPPrefixLength",
            f"The prefix length {length} is not between {_PREFIX_LENGTHS[0]} and "
            f"{_PREFIX_LENGTHS[-1]}.",
        )
    taken = [ipaddress.IPv4Network(r.properties["ipPrefix"]) for r in held]
    free = (
        n for n in _PREFIXES.subnets(new_prefix=length) if not any(n.overlaps(t) for t in taken)
    )
    return str(next(free))
