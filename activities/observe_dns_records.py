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
    records = wanted_records(spec)
    resolver = gateways.resolver()
    with ThreadPoolExecutor(len(records)) as pool:
        seen = pool.map(lambda record: (record.name, resolver.answers(record.name)), records)
        missing = [text for name, answers in seen if (text := _wrong(name, answers, spec.address))]
    if not missing:
        return DnsRecords(records=records, written=0)
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    return Pending(detail=f"{'; '.join(missing[:_SHOWN])}{more}")


def _wrong(name: str, answers: tuple[Answer, ...], address: str) -> str:
    for answer in answers:
        if answer.addresses != {address}:
            saw = answer.trouble or f"{', '.join(sorted(answer.addresses))} instead of {address}"
            return f"{name}: {answer.asked}: {saw}"
    return ""
