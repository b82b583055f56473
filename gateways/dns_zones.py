"""Public DNS zones and their record sets."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateways._arm import client_options, is_status, present, translated
from model.resource_id import parse
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_PRECONDITION_FAILED = 412


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A zone: its name, its resource group, its id, its name servers."""

    name: str
    group: str
    zone_id: str
    name_servers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSet:
    """A record set of type A or CNAME, as it is or as it is wanted.

    Attributes:
        kind: ``A`` or ``CNAME``.
        ttl: Seconds.
        values: IPv4 addresses, or the one target without its last dot; empty for an alias to an
            Azure resource.
        etag: Changes with every write; empty for one that is not there yet.
    """

    kind: str
    values: tuple[str, ...]
    ttl: int
    metadata: dict[str, str]
    etag: str


class DnsZones:
    """DNS zones of one subscription; safe to share between threads."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def connect(
        cls, settings: Settings, credential: "TokenCredential", subscription_id: str
    ) -> "DnsZones":
        """Connect lazily."""
        from azure.mgmt.dns import DnsManagementClient

        return cls(
            DnsManagementClient(credential, subscription_id, **client_options(settings, credential))
        )

    def zones(self) -> list[Zone]:
        """Every public zone of the subscription."""
        with translated("list DNS zones"):
            listed = [zone for zone in self._client.zones.list() if zone.zone_type != "Private"]
        return [_zone(zone) for zone in listed]

    def zone(self, zone_id: str) -> Zone | None:
        """A zone by its resource id; None when there is none."""
        wanted = parse(zone_id)
        with translated(f"look at DNS zone {wanted.name}"):
            found = present(lambda: self._client.zones.get(wanted.group, wanted.name))
        return None if found is None else _zone(found)

    def find(self, zone: Zone, name: str, kind: str) -> RecordSet | None:
        """A record set by relative name and type; None when there is none."""
        with translated(f"look at {kind} record {name} of {zone.name}"):
            found = present(lambda: self._client.record_sets.get(zone.group, zone.name, name, kind))
        return None if found is None else _record_set(kind, found)

    def write(self, zone: Zone, name: str, wanted: RecordSet) -> bool:
        """Create a record set, or update the one with the etag; False when it changed meanwhile.

        Args:
            zone: Where.
            name: Relative name.
            wanted: With an empty ``etag``: create only, never overwrite.
        """
        from azure.core.exceptions import HttpResponseError

        properties = {"TTL": wanted.ttl, "metadata": wanted.metadata, **_rest_values(wanted)}
        condition = {"if_match": wanted.etag} if wanted.etag else {"if_none_match": "*"}
        records, body = self._client.record_sets, {"properties": properties}
        with translated(f"write {wanted.kind} record {name} of {zone.name}"):
            try:
                records.create_or_update(
                    zone.group, zone.name, name, wanted.kind, body, **condition
                )
            except HttpResponseError as error:
                if is_status(error, _PRECONDITION_FAILED):
                    return False
                raise
        return True

    def delete(self, zone: Zone, name: str, kind: str, etag: str) -> bool:
        """Delete the record set with ``etag``; False when it changed meanwhile."""
        from azure.core.exceptions import HttpResponseError

        records = self._client.record_sets
        with translated(f"delete {kind} record {name} of {zone.name}"):
            try:
                present(lambda: records.delete(zone.group, zone.name, name, kind, if_match=etag))
            except HttpResponseError as error:
                if is_status(error, _PRECONDITION_FAILED):
                    return False
                raise
        return True


def _rest_values(wanted: RecordSet) -> dict[str, Any]:
    if wanted.kind == "A":
        return {"ARecords": [{"ipv4Address": value} for value in wanted.values]}
    return {"CNAMERecord": {"cname": wanted.values[0]}}


def _zone(found: Any) -> Zone:
    zone_id = str(found.id)
    return Zone(
        name=str(found.name).lower(),
        group=parse(zone_id).group,
        zone_id=zone_id,
        name_servers=tuple(str(server).rstrip(".") for server in found.name_servers or ()),
    )


def _record_set(kind: str, found: Any) -> RecordSet:
    if kind == "A":
        values = tuple(record.ipv4_address for record in found.a_records or ())
    else:
        values = (found.cname_record.cname.rstrip("."),) if found.cname_record else ()
    return RecordSet(
        kind=kind,
        values=values,
        ttl=int(found.ttl or 0),
        metadata=dict(found.metadata or {}),
        etag=str(found.etag),
    )
