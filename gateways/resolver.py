"""DNS as the world sees it: the zone's own name servers first, then a public resolver."""

import contextlib
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from model.settings import Settings

if TYPE_CHECKING:
    import dns.name
    import dns.resolver

_SECONDS = 2.0
"""Patience with one question; the next look asks again."""
_DNS_PORT = 53
_LONGEST_CHAIN = 8
"""CNAMEs followed from one name before it is called a loop, as resolvers do."""
_ENOUGH = 2
"""Name servers asked of one zone; each look is short, and the next one comes soon."""

OWN = "own name servers"
PUBLIC = "public resolver"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one side saw.

    Attributes:
        asked: ``own name servers`` or ``public resolver``.
        addresses: IPv4 addresses after following CNAMEs; empty when there are none.
        trouble: Why there are none, for people; empty when there are some.
    """

    asked: str
    addresses: frozenset[str]
    trouble: str


class Resolver:
    """Asks name servers directly; caches nothing, so each look is a fresh one.

    Args:
        settings: ``name_servers``, when set, answer instead of everybody else.
        port: Of the zones' own name servers.
    """

    def __init__(self, settings: Settings, port: int = _DNS_PORT) -> None:
        self._fixed = [s.strip() for s in settings.name_servers.split(",") if s.strip()]
        self._public = settings.public_resolver
        self._port = port

    @classmethod
    def connect(cls, settings: Settings) -> "Resolver":
        """Nothing is asked yet."""
        return cls(settings)

    def answers(self, name: str) -> tuple[Answer, ...]:
        """What the own name servers see, and once they see addresses, what the public sees.

        A public resolver that is asked too early remembers for minutes that a name does not exist.
        """
        own = self._ask_own(name)
        if self._fixed or not own.addresses:
            return (own,)
        return (own, _answer(PUBLIC, _resolver([self._public]), name))

    def _ask_own(self, name: str) -> Answer:
        """Follow the CNAMEs from zone to zone: a name server answers for its own zones only."""
        import dns.exception
        import dns.name

        if self._fixed:
            return _answer(OWN, _resolver(self._fixed), name)
        target = dns.name.from_text(name)
        for _ in range(_LONGEST_CHAIN):
            try:
                servers = self._authoritative(target)
            except dns.exception.DNSException as error:
                return Answer(OWN, frozenset(), f"cannot be found: {type(error).__name__}")
            answer = _answer(OWN, _resolver(servers, recursive=False), str(target))
            found = _alias(servers, target) if not answer.addresses else None
            if found is None:
                return answer
            target = found
        return Answer(OWN, frozenset(), "the CNAMEs have no end")

    def _authoritative(self, name: "dns.name.Name") -> list[str]:
        """``host:port`` of the servers of the zone that holds ``name``.

        The search begins at the parent: to ask a public resolver for a name that is not there yet
        would make it remember so. The parent's servers tell whether the name is a zone of its own.

        Raises:
            dns.exception.DNSException: No server is found.
        """
        import dns.resolver

        public = _resolver([self._public])
        zone = dns.resolver.zone_for_name(name.parent(), resolver=public)
        above = self._addresses(public, [str(row.target) for row in public.resolve(zone, "NS")])
        delegated = _delegation(above, name)
        return self._addresses(public, delegated) if delegated else above

    def _addresses(self, public: "dns.resolver.Resolver", hosts: list[str]) -> list[str]:
        import dns.exception
        import dns.resolver

        found: list[str] = []
        for host in hosts:
            with contextlib.suppress(dns.exception.DNSException):  # another host will do
                found += [f"{row}:{self._port}" for row in public.resolve(host, "A")]
            if len(found) >= _ENOUGH:
                return found
        if not found:
            raise dns.resolver.NoNameservers
        return found


def _answer(asked: str, resolver: "dns.resolver.Resolver", name: str) -> Answer:
    import dns.exception
    import dns.resolver

    try:
        found = resolver.resolve(name, "A", search=False)
    except dns.resolver.NXDOMAIN:
        return Answer(asked, frozenset(), "no such name")
    except dns.resolver.NoAnswer:
        return Answer(asked, frozenset(), "no address")
    except dns.exception.Timeout:
        return Answer(asked, frozenset(), f"no answer within {_SECONDS:g} s")
    except dns.exception.DNSException as error:
        return Answer(asked, frozenset(), type(error).__name__)
    return Answer(asked, frozenset(str(address) for address in found), "")


def _alias(servers: list[str], name: "dns.name.Name") -> "dns.name.Name | None":
    """Where the CNAMEs of ``name`` lead as far as these servers know; None when there are none."""
    import dns.exception

    try:
        found = _resolver(servers, recursive=False).resolve(name, "A", raise_on_no_answer=False)
    except dns.exception.DNSException:
        return None
    return None if found.canonical_name == name else found.canonical_name


def _delegation(servers: list[str], name: "dns.name.Name") -> list[str]:
    """Name servers that these servers name for exactly ``name``; none when it is no zone's apex."""
    import dns.message
    import dns.query
    import dns.rdatatype

    host, _, port = servers[0].rpartition(":")
    question = dns.message.make_query(name, dns.rdatatype.NS, flags=0)
    told = dns.query.udp(question, host, timeout=_SECONDS, port=int(port))
    return [
        str(row)
        for found in (*told.answer, *told.authority)
        if found.rdtype == dns.rdatatype.NS and found.name == name
        for row in found.processing_order()
    ]


def _resolver(servers: list[str], *, recursive: bool = True) -> "dns.resolver.Resolver":
    import dns.flags
    import dns.nameserver
    import dns.resolver

    made = dns.resolver.Resolver(configure=False)
    made.nameservers = [dns.nameserver.Do53Nameserver(*_host_and_port(s)) for s in servers]
    made.lifetime = _SECONDS
    made.timeout = _SECONDS / min(len(servers), _ENOUGH)  # one may be down, the next is asked
    made.cache = None
    made.flags = dns.flags.RD if recursive else 0
    return made


def _host_and_port(server: str) -> tuple[str, int]:
    """``1.1.1.1``, ``1.1.1.1:53``, ``[2606:4700::1111]:53`` or a bare IPv6 address."""
    host, colon, port = server.rpartition(":")
    if not colon or (host.count(":") and not host.startswith("[")):
        host, port = server, str(_DNS_PORT)
    return str(ip_address(host.strip("[]"))), int(port)
