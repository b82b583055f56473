"""The seven records of an installation: what they are, where they belong, what is there now."""

from dataclasses import dataclass, replace

from gateways import Gateways
from gateways.dns_zones import DnsZones, RecordSet, Zone
from model import resource_id
from model.dns_zone_choice import choose
from model.domain_names import names
from model.errors import Refusal
from model.ownership import owned_by
from model.plan import DomainSpec
from model.results import DnsRecord


@dataclass(frozen=True, slots=True)
class Look:
    """One record and what is in its place.

    Attributes:
        record: What is wanted, its zone and relative name filled in.
        found: What is there of the record's own type.
        obstacle: What is there of the type that cannot stand beside it.
    """

    record: DnsRecord
    zone: Zone
    found: RecordSet | None
    obstacle: RecordSet | None

    @property
    def done(self) -> bool:
        """Whether the name points to where it should, whoever wrote that."""
        found, wanted = self.found, self.record.value.lower()
        return found is not None and [v.lower() for v in found.values] == [wanted]

    def foreign(self, domain: DomainSpec) -> tuple[RecordSet, ...]:
        """What is somebody else's and would have to give way."""
        there = (self.obstacle, None if self.done else self.found)
        return tuple(r for r in there if r is not None and not owned_by(domain.owner, r.metadata))


def wanted_records(domain: DomainSpec, address: str) -> tuple[DnsRecord, ...]:
    """The A record of the base domain and six CNAMEs to it; zones are not chosen yet."""
    base, *others = names(domain.base_domain)
    return (
        DnsRecord(name=base, kind="A", value=address, zone="", relative_name=""),
        *(
            DnsRecord(name=name, kind="CNAME", value=base, zone="", relative_name="")
            for name in others
        ),
    )


def candidate_zones(gateways: Gateways, domain: DomainSpec) -> list[Zone]:
    """The one zone that the request names, else every zone of the subscription."""
    if domain.zone_id is None:
        return gateways.dns_zones(domain.subscription_id).zones()
    wanted = resource_id.parse(domain.zone_id)
    named = gateways.dns_zones(wanted.subscription).zone(domain.zone_id)
    return [named] if named is not None else []


def zones_client(gateways: Gateways, zone: Zone) -> DnsZones:
    """The gateway of the subscription that the zone is in."""
    return gateways.dns_zones(resource_id.parse(zone.zone_id).subscription)


def look(gateways: Gateways, record: DnsRecord, zones: list[Zone]) -> Look:
    """See what is in a record's place.

    Raises:
        Refusal: dns-zone-missing, dns-zone-ambiguous.
    """
    zone, relative = _placed(record, zones)
    client = zones_client(gateways, zone)
    excluded = "A" if record.kind == "CNAME" else "CNAME"
    return Look(
        record=replace(record, zone=zone.name, relative_name=relative),
        zone=zone,
        found=client.find(zone, relative, record.kind),
        obstacle=client.find(zone, relative, excluded),
    )


def shown(record: RecordSet) -> str:
    """Type and values, for people."""
    return f"{record.kind} to {', '.join(record.values) or 'an Azure resource'}"


def _placed(record: DnsRecord, zones: list[Zone]) -> tuple[Zone, str]:
    choice = choose(record.name, [(zone.name, zone.zone_id) for zone in zones])
    match choice.zones:
        case ():
            raise Refusal("dns-zone-missing", _why_missing(record, zones))
        case (zone_id,):
            zone = next(zone for zone in zones if zone.zone_id == zone_id)
        case several:
            listed = ", ".join(several)
            raise Refusal("dns-zone-ambiguous", f"{record.name} fits several zones: {listed}.")
    if choice.relative_name == "@" and record.kind == "CNAME":
        raise Refusal(
            "dns-zone-missing",
            f"{record.name} is a zone of its own, and no CNAME can stand at a zone's apex.",
            "Remove that zone, or choose dns.mode manual.",
        )
    return zone, choice.relative_name


def _why_missing(record: DnsRecord, zones: list[Zone]) -> str:
    found = sorted(zone.name for zone in zones)
    if record.kind == "CNAME" and record.value in found:
        _, _, parent = record.value.partition(".")
        return (
            f"{record.name} is a sibling of {record.value} and not inside that zone; the zone"
            f" {parent} is not among those found: {', '.join(found)}."
        )
    return f"No zone holds {record.name}; zones found: {', '.join(found) or 'none'}."


def own_records(gateways: Gateways, domain: DomainSpec) -> list[str]:
    """Ids of those of the seven record sets that are ours; a name without one zone has none."""
    zones = candidate_zones(gateways, domain)
    ids: list[str] = []
    for record in wanted_records(domain, ""):
        try:
            zone, relative = _placed(record, zones)
        except Refusal:
            continue  # no zone, or no telling which: nothing was written there
        found = zones_client(gateways, zone).find(zone, relative, record.kind)
        if found is not None and owned_by(domain.owner, found.metadata):
            ids.append(f"{zone.zone_id}/{record.kind}/{relative}")
    return ids
