"""Record sets of public DNS zones."""

import ipaddress
import re
from collections.abc import Callable

from emulator.azure.arm_error import ArmError, resource_not_found
from emulator.azure.body_check import check_small
from emulator.azure.calls import Answer, Call, Handle, JsonObject, Route, listing, member
from emulator.azure.dns_zones import API, ZONES_PATH, check_zone_conditions
from emulator.azure.published_zone import member_of
from emulator.azure.resources import Resource
from emulator.azure.shapes import RecordSetBody
from emulator.azure.state import ZONE, State

KINDS = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")
_LABEL = re.compile(r"(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)", re.IGNORECASE)
_LONGEST_NAME = 253
_LARGEST_TTL = 2147483647
_LONGEST_TEXT = 1024
_MOST_RECORDS = 20
"""Source: https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits"""


class RecordSets:
    """Routes of record sets."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._resources = state.resources

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        zone = f"{ZONES_PATH}/{{zone}}"
        routes = [
            Route(
                method="GET",
                template=f"{zone}/{word}",
                handle=self._list,
                action=f"{ZONE}/{word}/read",
                api=API,
                flat=True,
            )
            for word in ("all", "recordsets")
        ]
        for kind in KINDS:
            table = (
                ("GET", f"{zone}/{kind}", self._list_kind(kind), "read"),
                ("GET", f"{zone}/{kind}/{{record}}", self._getter(kind), "read"),
                ("PUT", f"{zone}/{kind}/{{record}}", self._putter(kind), "write"),
                ("PATCH", f"{zone}/{kind}/{{record}}", self._patcher(kind), "write"),
                ("DELETE", f"{zone}/{kind}/{{record}}", self._deleter(kind), "delete"),
            )
            routes += [
                Route(
                    method=m, template=t, handle=h, action=f"{ZONE}/{kind}/{v}", api=API, flat=True
                )
                for m, t, h, v in table
            ]
        return routes

    def _zone(self, call: Call) -> Resource:
        return self._resources.find(call["subscription"], call["group"], ZONE, call["zone"])

    def _records(self, zone: Resource, kind: str = "") -> list[Resource]:
        below = f"{zone.resource_id}/{kind}/".lower() if kind else f"{zone.resource_id}/".lower()
        return [r for key, r in self._resources.all.items() if key.startswith(below)]

    def _look_up(self, zone: Resource, kind: str, name: str) -> Resource | None:
        return self._resources.look_up(
            zone.subscription, zone.group, f"{ZONE}/{kind}", f"{zone.name}/{name}"
        )

    async def _list(self, call: Call) -> Answer:
        return self._listed(call, "")

    def _list_kind(self, kind: str) -> Handle:
        async def handle(call: Call) -> Answer:
            return self._listed(call, kind)

        return handle

    def _listed(self, call: Call, kind: str) -> Answer:
        suffix = call.query.get("$recordsetnamesuffix", "").lower()
        found = self._records(self._zone(call), kind)
        rows = [shown(r) for r in found if r.own_name.lower().endswith(suffix)]
        return listing(call, rows, self._state.page_size)

    def _getter(self, kind: str) -> Handle:
        async def handle(call: Call) -> Answer:
            return Answer(body=shown(self._find(call, kind)))

        return handle

    def _find(self, call: Call, kind: str) -> Resource:
        zone = self._zone(call)
        found = self._look_up(zone, kind, call["record"])
        if found is None:
            missing = resource_not_found(
                f"{ZONE}/{kind}", f"{zone.name}/{call['record']}", zone.group
            )
            raise ArmError(
                404,
                "NotFound",
                f"The resource record '{call['record']}' does not exist in resource group "
                f"'{zone.group}' of subscription '{zone.subscription}'.",
                flat=True,
            ) from missing
        return found

    def _putter(self, kind: str) -> Handle:
        async def handle(call: Call) -> Answer:
            check_small(RecordSetBody, call.body, flat=True)
            self._resources.open_group(call["subscription"], call["group"])
            zone, name = self._zone(call), call["record"]
            existing = self._look_up(zone, kind, name)
            check_zone_conditions(call, existing)
            properties = _checked(kind, name, zone, member(call.body, "properties"))
            self._refuse_clash(zone, kind, name)
            if existing is None:
                if kind == "SOA":
                    raise _bad("A record set of type 'SOA' cannot be created, only updated.")
                return Answer(
                    status=201, body=shown(self._state.add_record(zone, kind, name, properties))
                )
            self._write(zone, existing, properties)
            return Answer(body=shown(existing))

        return handle

    def _write(self, zone: Resource, record: Resource, properties: JsonObject) -> None:
        kept = {k: record.properties[k] for k in ("fqdn", "provisioningState")}
        record.properties = {"targetResource": {}} | properties | kept
        record.touch()
        self._state.publish(zone, record, deleted=False)

    def _patcher(self, kind: str) -> Handle:
        async def handle(call: Call) -> Answer:
            check_small(RecordSetBody, call.body, flat=True)
            zone, record = self._zone(call), self._find(call, kind)
            check_zone_conditions(call, record)
            merged = record.properties | member(call.body, "properties")
            self._write(zone, record, _checked(kind, record.own_name, zone, merged))
            return Answer(body=shown(record))

        return handle

    def _deleter(self, kind: str) -> Handle:
        async def handle(call: Call) -> Answer:
            zone = self._zone(call)
            existing = self._look_up(zone, kind, call["record"])
            if existing is None:
                return Answer(status=204)
            check_zone_conditions(call, existing)
            if existing.own_name == "@" and kind in ("NS", "SOA"):
                raise _bad(f"The record set of type '{kind}' at the zone apex cannot be deleted.")
            await self._resources.remove(existing)
            self._state.publish(zone, existing, deleted=True)
            return Answer(status=200)

        return handle

    def _refuse_clash(self, zone: Resource, kind: str, name: str) -> None:
        """A CNAME shares its name with nothing."""
        others = [r for r in self._records(zone) if r.own_name.lower() == name.lower()]
        kinds = {r.kind.rpartition("/")[2] for r in others} - {kind}
        if kind == "CNAME" and name == "@":
            raise _bad("A CNAME record cannot be created at the zone apex.")
        if (kind == "CNAME" and kinds) or "CNAME" in kinds:
            what = "CNAME record" if kind == "CNAME" else f"{kind} record"
            other = "another" if kind == "CNAME" else "a CNAME"
            raise ArmError(
                409,
                "Conflict",
                f"The {what} could not be created because {other} record with the same name "
                "already exists in this zone.",
                flat=True,
            )


def shown(record: Resource) -> JsonObject:
    """A record set as a GET shows it."""
    return record.document() | {"etag": record.etag}


def _checked(kind: str, name: str, zone: Resource, asked: JsonObject) -> JsonObject:
    """The writable properties of a record set.

    Raises:
        ArmError: 400.
    """
    labels = [] if name == "@" else name.split(".")
    too_long = len(f"{name}.{zone.name}") > _LONGEST_NAME
    if too_long or not all(_LABEL.fullmatch(label) for label in labels):
        raise _bad(f"The domain name '{name}.{zone.name}' is invalid.")
    held_in = member_of(kind)
    foreign = [k for k in asked if k.endswith(("Records", "Record")) and k != held_in and asked[k]]
    if foreign:
        raise _bad(f"A record set of type '{kind}' cannot hold '{foreign[0]}'.")
    ttl = asked.get("TTL")
    if ttl is None:
        raise _bad("The record set TTL is missing.")
    if not 1 <= ttl <= _LARGEST_TTL:
        raise _bad(f"The TTL '{ttl}' must be between 1 and {_LARGEST_TTL}.")
    target = member(asked, "targetResource").get("id")
    records: list[JsonObject] | JsonObject | None = asked.get(held_in)
    if not records and not target and kind in ("CNAME", "SOA"):  # lists may be empty
        raise _bad(f"The record set has no '{held_in}' and no target resource.")
    for record in records if isinstance(records, list) else [records or {}]:
        _VALUES.get(kind, _anything)(record)
    if isinstance(records, list) and len(records) > _MOST_RECORDS:
        raise _bad(f"A record set holds at most {_MOST_RECORDS} records.")
    keep: JsonObject = {"TTL": ttl, held_in: records or []} if not target else {"TTL": ttl}
    if asked.get("metadata"):
        keep["metadata"] = asked["metadata"]
    if target:
        keep["targetResource"] = {"id": target}
    return keep


def _address(where: str, version: int) -> Callable[[JsonObject], None]:
    def check_address(record: JsonObject) -> None:
        text = record.get(where, "")
        try:
            good = ipaddress.ip_address(text).version == version
        except ValueError:
            good = False
        if record and not good:
            raise _bad(f"The value '{text}' is not a valid IPv{version} address.")

    return check_address


def _host(where: str) -> Callable[[JsonObject], None]:
    def check_host(record: JsonObject) -> None:
        name = str(record.get(where, "")).removesuffix(".")
        labels = name.split(".")
        good = len(name) <= _LONGEST_NAME and all(_LABEL.fullmatch(x) for x in labels)
        if record and not good:
            raise _bad(f"The domain name '{record.get(where)}' is invalid.")

    return check_host


def _text(record: JsonObject) -> None:
    if len("".join(record.get("value", []))) > _LONGEST_TEXT:
        raise _bad(f"A TXT record holds at most {_LONGEST_TEXT} characters.")


def _anything(_record: JsonObject) -> None:
    return None


_VALUES: dict[str, Callable[[JsonObject], None]] = {
    "A": _address("ipv4Address", 4),
    "AAAA": _address("ipv6Address", 6),
    "CNAME": _host("cname"),
    "NS": _host("nsdname"),
    "MX": _host("exchange"),
    "PTR": _host("ptrdname"),
    "SRV": _host("target"),
    "TXT": _text,
}


def _bad(message: str) -> ArmError:
    return ArmError(400, "BadRequest", message, flat=True)
