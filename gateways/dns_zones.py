"""Public DNS zones and their record sets."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateways._arm import client_options, is_status, translated
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_NOT_FOUND, _PRECONDITION_FAILED = 404, 412


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A zone: its name, its resource group, its id, its name servers."""

    name: str
    group: str
    zone_id: str
    name_servers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSet:
    """A record set of type A or CNAME as it is.

    Attributes:
        values: IPv4 addresses, or the one target without its last dot.
        alias: Whether it points to an Azure resource instead of having values.
    """

    kind: str
    values: tuple[str, ...]
    ttl: int
    metadata: dict[str, str]
    etag: str
    alias: bool


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

        return cls(DnsManagementClient(credential, subscription_id, **client_options(settings)))

    def zones(self) -> list[Zone]:
        """Every zone of the subscription."""
        with translated("list DNS zones"):
            return [_zone(zone) for zone in self._client.zones.list()]

    def zone(self, zone_id: str) -> Zone | None:
        """A zone by its resource id; None when there is none."""
        from azure.core.exceptions import HttpResponseError

        parts = zone_id.strip("/").split("/")
        with translated(f"look at DNS zone {parts[-1]}"):
            try:
                return _zone(self._client.zones.get(parts[3], parts[-1]))
            except HttpResponseError as error:
                if is_status(error, _NOT_FOUND):
                    return None
                raise

    def find(self, zone: Zone, name: str, kind: str) -> RecordSet | None:
        """A record set by relative name and type; None when there is none."""
        from azure.core.exceptions import HttpResponseError

        with translated(f"look at record {name} of {zone.name}"):
            try:
                return _record_set(
                    kind, self._client.record_sets.get(zone.group, zone.name, name, kind)
                )
            except HttpResponseError as error:
                if is_status(error, _NOT_FOUND):
                    return None
                raise

    def write(
        self,
        zone: Zone,
        name: str,
        kind: str,
        value: str,
        ttl: int,
        metadata: dict[str, str],
        etag: str | None,
    ) -> bool:
        """Create a record set, or update the one with ``etag``; False when it changed meanwhile.

        Args:
            zone: Where.
            name: Relative name.
            kind: ``A`` or ``CNAME``.
            value: IPv4 address or target.
            ttl: Seconds.
            metadata: Marks it as ours.
            etag: None to create only.
        """  # fmt: skip
        from azure.core.exceptions import HttpResponseError

        values: dict[str, Any] = (
            {"ARecords": [{"ipv4Address": value}]}
            if kind == "A"
            else {"CNAMERecord": {"cname": value}}
        )
        body = {"properties": {"TTL": ttl, "metadata": metadata, **values}}
        condition = {"if_none_match": "*"} if etag is None else {"if_match": etag}
        with translated(f"write record {name} of {zone.name}"):
            try:
                self._client.record_sets.create_or_update(
                    zone.group, zone.name, name, kind, body, **condition
                )
            except HttpResponseError as error:
                if is_status(error, _PRECONDITION_FAILED):
                    return False
                raise
        return True

    def delete(self, zone: Zone, name: str, kind: str, etag: str) -> None:
        """Delete the record set with ``etag``; one that is gone or changed is left alone."""
        from azure.core.exceptions import HttpResponseError

        with translated(f"delete record {name} of {zone.name}"):
            try:
                self._client.record_sets.delete(zone.group, zone.name, name, kind, if_match=etag)
            except HttpResponseError as error:
                if not is_status(error, _NOT_FOUND, _PRECONDITION_FAILED):
                    raise


def _zone(found: Any) -> Zone:
    zone_id = str(found.id)
    return Zone(
        name=str(found.name).lower(),
        group=zone_id.strip("/").split("/")[3],
        zone_id=zone_id,
        name_servers=tuple(str(server).rstrip(".") for server in found.name_servers or ()),
    )


def _record_set(kind: str, found: Any) -> RecordSet:
    if kind == "A":
        values = tuple(record.ipv4_address for record in found.a_records or ())
    else:
        values = (found.cname_record.cname.rstrip("."),) if found.cname_record else ()
    target = found.target_resource
    return RecordSet(
        kind=kind,
        values=values,
        ttl=int(found.ttl or 0),
        metadata=dict(found.metadata or {}),
        etag=str(found.etag),
        alias=target is not None and bool(target.id),
    )
