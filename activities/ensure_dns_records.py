"""Stage ``ensure_dns_records``: the seven records are written, or told to a person."""

from dataclasses import dataclass, replace

from activities._dns import candidate_zones, placed, wanted_records
from gateways import Gateways
from gateways.dns_zones import DnsZones, RecordSet, Zone
from model.errors import Busy, Refusal
from model.ownership import TAG_INSTALLATION, owned_by
from model.plan import DomainSpec, RecordsSpec
from model.results import DnsRecord, DnsRecords


@dataclass(frozen=True, slots=True)
class _Step:
    record: DnsRecord
    zone: Zone
    found: RecordSet | None


def ensure_dns_records(gateways: Gateways, spec: RecordsSpec) -> DnsRecords:
    """Write what is missing or ours and outdated; look at all seven before writing any.

    In manual mode nothing is written and the records are returned for a person.

    Raises:
        Refusal: A zone is missing or ambiguous, or a record is somebody else's.
        Busy: A record changed between look and write; the next look decides.
    """
    records = wanted_records(spec)
    if spec.domain.mode == "manual":
        return DnsRecords(records=records, written=0)
    zones = candidate_zones(gateways, spec.domain)
    client = gateways.dns_zones(spec.domain.subscription_id)
    steps = [_look(client, record, zones, spec.domain) for record in records]
    written = sum(_write(client, step, spec.domain) for step in steps)
    return DnsRecords(records=tuple(step.record for step in steps), written=written)


def _look(client: DnsZones, record: DnsRecord, zones: list[Zone], domain: DomainSpec) -> _Step:
    zone, relative = placed(record.name, zones)
    placed_record = replace(record, zone=zone.name, relative_name=relative)
    found = client.find(zone, relative, record.kind)
    other = client.find(zone, relative, "A" if record.kind == "CNAME" else "CNAME")
    if other is not None:
        raise Refusal(
            "dns-record-foreign",
            f"{record.name} exists as {other.kind} record; a {record.kind} cannot stand beside it.",
        )
    if found is not None and not _may_write(found, record, domain):
        shown = ", ".join(found.values) or "an alias"
        raise Refusal("dns-record-foreign", f"{record.name} exists and points to {shown}.")
    return _Step(placed_record, zone, found)


def _may_write(found: RecordSet, record: DnsRecord, domain: DomainSpec) -> bool:
    ours = owned_by(domain.owner.installation, found.metadata)
    return ours or domain.overwrite or _equal(found, record)


def _equal(found: RecordSet, record: DnsRecord) -> bool:
    return not found.alias and [v.lower() for v in found.values] == [record.value.lower()]


def _write(client: DnsZones, step: _Step, domain: DomainSpec) -> bool:
    """Whether a write was needed."""
    found, record = step.found, step.record
    if found is not None and _equal(found, record):
        foreign = not owned_by(domain.owner.installation, found.metadata)
        if foreign or found.ttl == domain.ttl:
            return False
    metadata = {TAG_INSTALLATION: domain.owner.installation}
    etag = None if found is None else found.etag
    done = client.write(
        step.zone, record.relative_name, record.kind, record.value, domain.ttl, metadata, etag
    )
    if not done:
        raise Busy(f"record {record.name} was changed by somebody else just now", 1)
    return True
