"""Stage ``ensure_dns_records``: the seven records are written, or told to a person."""

from activities._dns import Look, candidate_zones, look, shown, wanted_records, zones_client
from gateways import Gateways
from gateways.dns_zones import RecordSet
from model.errors import Busy, Refusal
from model.ownership import marks, owned_by
from model.plan import DomainSpec, RecordsSpec
from model.results import DnsRecords

_SOON = 2
"""Seconds until a record that somebody just changed is looked at again."""


def ensure_dns_records(gateways: Gateways, spec: RecordsSpec) -> DnsRecords:
    """Write what is missing or ours and outdated; look at all seven before writing any.

    In manual mode nothing is written and the records are returned for a person.

    Raises:
        Refusal: A zone is missing or ambiguous, or a record is somebody else's.
        Busy: A record changed between look and write; the next look decides.
    """
    records = wanted_records(spec.domain, spec.address)
    if spec.domain.mode == "manual":
        return DnsRecords(records=records, written=0)
    zones = candidate_zones(gateways, spec.domain)
    seen = [look(gateways, record, zones) for record in records]
    _refuse_foreign(seen, spec.domain)
    written = sum(_converge(gateways, one, spec.domain) for one in seen)
    return DnsRecords(records=tuple(one.record for one in seen), written=written)


def _refuse_foreign(seen: list[Look], domain: DomainSpec) -> None:
    if domain.overwrite:
        return
    told = [f"{one.record.name} ({shown(it)})" for one in seen for it in one.foreign(domain)]
    if told:
        raise Refusal("dns-record-foreign", f"These exist and are not ours: {'; '.join(told)}.")


def _converge(gateways: Gateways, seen: Look, domain: DomainSpec) -> bool:
    """Whether a write was needed."""
    found, record = seen.found, seen.record
    if found is not None and seen.done:
        foreign = not owned_by(domain.owner, found.metadata)
        if foreign or found.ttl == domain.ttl:
            return False
    client = zones_client(gateways, seen.zone)
    wanted = RecordSet(
        kind=record.kind,
        values=(record.value,),
        ttl=domain.ttl,
        metadata=marks(domain.owner),
        etag=found.etag if found is not None else "",
    )
    in_the_way = seen.obstacle
    cleared = in_the_way is None or client.delete(
        seen.zone, record.relative_name, in_the_way.kind, in_the_way.etag
    )
    if not (cleared and client.write(seen.zone, record.relative_name, wanted)):
        raise Busy(f"record {record.name} was changed by somebody else just now", _SOON)
    return True
