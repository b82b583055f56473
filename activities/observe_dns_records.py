"""Stage ``observe_dns_records``: the world resolves all seven names to the load balancer."""

from concurrent.futures import ThreadPoolExecutor

from activities._dns import wanted_records
from gateways import Gateways
from gateways.resolver import Answer
from model.outcome import Pending
from model.plan import RecordsSpec
from model.results import DnsRecords

_SHOWN = 3


def observe_dns_records(gateways: Gateways, spec: RecordsSpec) -> DnsRecords | Pending:
    """Ask the zones' own name servers and then a public resolver, for all names at once."""
    records = wanted_records(spec.domain, spec.address)
    resolver = gateways.resolver()
    with ThreadPoolExecutor(len(records)) as pool:
        answers = list(pool.map(resolver.answers, [record.name for record in records]))
    wrong = [
        _wrong(record.name, seen, spec.address)
        for record, seen in zip(records, answers, strict=True)
    ]
    missing = [text for text in wrong if text]
    if not missing:
        return DnsRecords(records=records, written=0)
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    todo = "create the records in dnsRecords; " if spec.domain.mode == "manual" else ""
    return Pending(detail=f"{todo}{'; '.join(missing[:_SHOWN])}{more}")


def _wrong(name: str, answers: tuple[Answer, ...], address: str) -> str:
    for answer in answers:
        if answer.addresses != frozenset({address}):
            saw = answer.trouble or f"{', '.join(sorted(answer.addresses))} instead of {address}"
            return f"{name}: {answer.asked}: {saw}"
    return ""
