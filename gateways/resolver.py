"""DNS as the world sees it: the zone's own name servers first, then a public resolver."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.settings import Settings

if TYPE_CHECKING:
    import dns.resolver

_SECONDS = 2.0
"""Patience with one server; the next look asks again."""


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
    """Asks name servers directly; caches nothing, so each look is a fresh one."""

    def __init__(self, settings: Settings) -> None:
        self._fixed = [s.strip() for s in settings.name_servers.split(",") if s.strip()]
        self._public = settings.public_resolver

    @classmethod
    def connect(cls, settings: Settings) -> "Resolver":
        """Nothing is asked yet."""
        return cls(settings)

    def answers(self, name: str) -> tuple[Answer, ...]:
        """What the own name servers see, and then what the public resolver sees."""
        if self._fixed:
            return (self._ask("own name servers", _resolver(self._fixed), name),)
        own = self._ask("own name servers", self._authoritative(name), name)
        return (own, self._ask("public resolver", _resolver([self._public]), name))

    def _authoritative(self, name: str) -> "dns.resolver.Resolver | None":
        """A resolver that asks the name servers of the zone that holds ``name``."""
        import dns.exception
        import dns.resolver

        public = _resolver([self._public])
        try:
            zone = dns.resolver.zone_for_name(name, resolver=public)
            servers = [str(server.target) for server in public.resolve(zone, "NS")]
            found = [str(a) for server in servers for a in public.resolve(server, "A")]
        except dns.exception.DNSException:
            return None
        return _resolver(found)

    def _ask(self, asked: str, resolver: "dns.resolver.Resolver | None", name: str) -> Answer:
        import dns.exception
        import dns.resolver

        if resolver is None:
            return Answer(asked, frozenset(), "the zone's name servers cannot be found")
        try:
            found = resolver.resolve(name, "A")
        except dns.resolver.NXDOMAIN:
            return Answer(asked, frozenset(), "no such name")
        except dns.resolver.NoAnswer:
            return Answer(asked, frozenset(), "no address")
        except dns.exception.DNSException as error:
            return Answer(asked, frozenset(), type(error).__name__)
        return Answer(asked, frozenset(str(address) for address in found), "")


def _resolver(servers: list[str]) -> "dns.resolver.Resolver":
    import dns.nameserver
    import dns.resolver

    made = dns.resolver.Resolver(configure=False)
    made.nameservers = [_name_server(server) for server in servers]
    made.timeout = made.lifetime = _SECONDS
    made.cache = None
    return made


def _name_server(server: str) -> "dns.nameserver.Nameserver":
    import dns.nameserver

    host, colon, port = server.rpartition(":")
    return dns.nameserver.Do53Nameserver(host if colon else server, int(port) if colon else 53)
