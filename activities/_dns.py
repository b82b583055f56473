"""The seven records of an installation: what they are, and which zone each belongs to."""

from gateways import Gateways
from gateways.dns_zones import Zone
from model.dns_zone_choice import choose
from model.domain_names import names
from model.errors import Refusal
from model.plan import DomainSpec, RecordsSpec
from model.results import DnsRecord


def wanted_records(spec: RecordsSpec) -> tuple[DnsRecord, ...]:
    """The A record of the base domain and six CNAMEs to it; zones are not chosen yet."""
    base, *others = names(spec.domain.base_domain)
    return (
        DnsRecord(name=base, kind="A", value=spec.address, zone="", relative_name=""),
        *(
            DnsRecord(name=name, kind="CNAME", value=base, zone="", relative_name="")
            for name in others
        ),
    )


def candidate_zones(gateways: Gateways, domain: DomainSpec) -> list[Zone]:
    """The one zone that the request names, else every zone of the subscription."""
    zones = gateways.dns_zones(domain.subscription_id)
    if domain.zone_id is None:
        return zones.zones()
    named = zones.zone(domain.zone_id)
    return [named] if named is not None else []


def placed(name: str, zones: list[Zone]) -> tuple[Zone, str]:
    """The zone of a name and its relative name there.

    Raises:
        Refusal: dns-zone-missing, dns-zone-ambiguous.
    """
    choice = choose(name, [(zone.name, zone.zone_id) for zone in zones])
    if not choice.zones:
        listed = ", ".join(sorted(zone.name for zone in zones)) or "none"
        raise Refusal("dns-zone-missing", f"No zone holds {name}; zones found: {listed}.")
    if len(choice.zones) > 1:
        raise Refusal("dns-zone-ambiguous", f"{name} fits several: {', '.join(choice.zones)}.")
    (zone_id,) = choice.zones
    return next(zone for zone in zones if zone.zone_id == zone_id), choice.relative_name
