"""Stage ``check_dns_zone``: every one of the seven names has a zone, and no foreign record."""

from collections.abc import Iterator

from activities._dns import candidate_zones, placed
from gateways import Gateways
from gateways.dns_zones import Zone
from model.domain_names import names
from model.errors import Refusal
from model.finding import Finding, Findings, error, info
from model.ownership import owned_by
from model.plan import ChecksSpec


def check_dns_zone(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Look for zones and records; in manual mode tell what will be asked of a person."""
    if spec.domain.mode == "manual":
        listed = ", ".join(names(spec.domain.base_domain))
        found = (
            f"You create the records; the status shows them once the address is known: {listed}."
        )
        return Findings(findings=(info("dns.mode", found),))
    zones = candidate_zones(gateways, spec.domain)
    found = tuple(
        finding
        for name in names(spec.domain.base_domain)
        for finding in _judge(gateways, spec, zones, name)
    )
    if found:
        return Findings(findings=found)
    told = f"All seven names of {spec.domain.base_domain} have a zone and are free or ours."
    return Findings(findings=(info("dns.zone", told),))


def _judge(gateways: Gateways, spec: ChecksSpec, zones: list[Zone], name: str) -> Iterator[Finding]:
    try:
        zone, relative = placed(name, zones)
    except Refusal as refusal:
        yield error("dns.zone", refusal.code, refusal.reason)
        return
    if spec.domain.overwrite:
        return
    client = gateways.dns_zones(spec.domain.subscription_id)
    for kind in ("A", "CNAME"):
        found = client.find(zone, relative, kind)
        if found is not None and not owned_by(spec.domain.owner.installation, found.metadata):
            shown = ", ".join(found.values) or "an alias"
            told = f"{name} exists as {kind} record ({shown}) and is not ours."
            yield error("dns.record", "dns-record-foreign", told)
