"""Stage ``check_dns_zone``: every one of the seven names has a zone, and no foreign record."""

from collections.abc import Iterator

from activities._dns import candidate_zones, look, shown, wanted_records
from gateways import Gateways
from gateways.dns_zones import Zone
from model.dns_zone_choice import choose
from model.domain_names import names
from model.errors import Refusal
from model.finding import Finding, Findings, error, info, warning
from model.plan import ChecksSpec
from model.results import DnsRecord

_ADDRESS_UNKNOWN = ""
"""The load balancer has no address before the installation."""


def check_dns_zone(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Look for zones and records; in manual mode tell what will be asked of a person."""
    base = spec.domain.base_domain
    if spec.domain.mode == "manual":
        told = (
            f"You create an A record for {base} and CNAME records to it for"
            f" {', '.join(names(base)[1:])}; the status shows them once the address is known."
        )
        return Findings(findings=(info("dns.mode", told),))
    try:
        zones = candidate_zones(gateways, spec.domain)
        found = tuple(_all(gateways, spec, zones))
    except Refusal as refusal:
        if refusal.code != "permission-missing":
            raise
        # The stage that writes the records would be refused as well.
        return Findings(findings=(error("dns.zone", refusal.code, refusal.reason, refusal.remedy),))
    if found:
        return Findings(findings=found)
    told = f"All seven names of {base} have a zone and are free or ours."
    return Findings(findings=(info("dns.zone", told),))


def _all(gateways: Gateways, spec: ChecksSpec, zones: list[Zone]) -> Iterator[Finding]:
    """Names without a zone in one finding: they have one cause."""
    listed = [(zone.name, zone.zone_id) for zone in zones]
    records = wanted_records(spec.domain, _ADDRESS_UNKNOWN)
    homeless = [record.name for record in records if not choose(record.name, listed).zones]
    if len(homeless) > 1:
        yield _homeless(spec.domain.base_domain, homeless, [zone.name for zone in zones])
        records = tuple(record for record in records if record.name not in homeless)
    for record in records:
        yield from _judge(gateways, spec, zones, record)


def _homeless(base: str, names: list[str], zones: list[str]) -> Finding:
    found = f"None of your zones holds {', '.join(names)}."
    if base in zones:
        remedy = (
            f"{base} is the apex of its zone, and the other six names stand beside it, not below:"
            f" give a base domain such as dash.{base}."
        )
        return error("dns.zone", "dns-zone-missing", found, remedy)
    return error("dns.zone", "dns-zone-missing", found)


def _judge(
    gateways: Gateways, spec: ChecksSpec, zones: list[Zone], record: DnsRecord
) -> Iterator[Finding]:
    try:
        seen = look(gateways, record, zones)
    except Refusal as refusal:
        if refusal.code == "permission-missing":
            raise
        yield error("dns.zone", refusal.code, refusal.reason, refusal.remedy)
        return
    for foreign in seen.foreign(spec.domain):
        told = f"{record.name} exists ({shown(foreign)}) and is not ours"
        if spec.domain.overwrite:
            yield warning("dns.record", f"{told}; it will be overwritten.", "Be sure of it.")
        else:
            yield error("dns.record", "dns-record-foreign", f"{told}.")
