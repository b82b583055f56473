"""Authoritative DNS for the emulated zones, over UDP and TCP.

It answers as the name servers of Azure DNS do: with authority for its zones, refusing all else.
"""

import asyncio
import contextlib
import logging
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dnslib

dns: Any = dnslib
"""The wire format; the package ships no types."""

_LOG = logging.getLogger(__name__)
_PLAIN_UDP = 512
"""RFC 1035: the largest answer over UDP to a client that does not speak EDNS."""
_EDNS_UDP = 1232
"""What Azure DNS and others advertise since the DNS flag day of 2020."""
_LONGEST_CHAIN = 16
_HOST_TTL = 3600
_NAME_SERVER_ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordData:
    """One record set.

    Attributes:
        ttl: Seconds.
        values: Each record's fields, in the order of its RDATA: ``("10.0.0.4",)``, ``(10, "mx.")``.
    """

    ttl: int
    values: tuple[tuple[str | int | bytes, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneData:
    """A zone as its name servers know it now.

    Attributes:
        name: Without the last dot.
        name_servers: Host names of the zone's own servers.
        records: By relative name (``@`` for the apex, lower case) and type.
    """

    name: str
    name_servers: Sequence[str]
    records: Mapping[tuple[str, str], RecordData] = field(
        default_factory=dict[tuple[str, str], RecordData]
    )


type Zones = Callable[[], Sequence[ZoneData]]


class DnsServer:
    """Answers for whatever ``zones`` returns at the moment of the question.

    Attributes:
        queries: Every question as name and type, in order.
        silent: Domains about which nothing is answered, as behind a firewall that drops.
    """

    def __init__(self, zones: Zones) -> None:
        self._zones = zones
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.queries: list[tuple[str, str]] = []
        self.silent: set[str] = set()
        self.host = ""
        self.port = 0

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on one port over both transports.

        Raises:
            OSError: The port is taken.
        """
        loop = asyncio.get_running_loop()
        self._tcp = await asyncio.start_server(self._serve_tcp, host, port)
        self.host, self.port = self._tcp.sockets[0].getsockname()[:2]
        self._udp, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self), local_addr=(host, self.port)
        )

    async def stop(self) -> None:
        """Close both transports and every connection."""
        if self._udp is not None:
            self._udp.close()
            await asyncio.sleep(0)
        if self._tcp is not None:
            self._tcp.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)
            await self._tcp.wait_closed()

    @property
    def address(self) -> str:
        """``host:port``."""
        return f"{self.host}:{self.port}"

    def answer(self, data: bytes, *, udp: bool) -> bytes | None:
        """The reply to one message; None when it is not one, or nobody is to hear of it."""
        try:
            query = dns.DNSRecord.parse(data)
        except (dns.DNSError, struct.error, IndexError):
            return None
        if query.header.qr or not query.questions:
            return None
        asked = dns.QTYPE.get(query.q.qtype)
        name = str(query.q.qname).rstrip(".").lower()
        self.queries.append((name, str(asked)))
        if any(name == domain or name.endswith(f".{domain}") for domain in self.silent):
            return None
        reply = query.reply(ra=0, aa=0)
        client_size = _edns_size(query)
        if query.q.qclass != dns.CLASS.IN or query.header.opcode:
            reply.header.rcode = dns.RCODE.REFUSED if not query.header.opcode else dns.RCODE.NOTIMP
        else:
            self._fill(reply, name, str(asked))
        if client_size is not None:
            reply.add_ar(dns.EDNS0(udp_len=_EDNS_UDP))
        packed = bytes(reply.pack())
        limit = max(_PLAIN_UDP, client_size or 0)
        if udp and len(packed) > limit:
            reply.rr, reply.auth = [], []
            reply.header.tc = 1
            packed = bytes(reply.pack())
        return packed

    def _fill(self, reply: Any, name: str, asked: str) -> None:
        zones = self._zones()
        zone = _zone_of(zones, name)
        if zone is None:
            if (address := _server_address(zones, name)) is None:
                reply.header.rcode = dns.RCODE.REFUSED
                return
            reply.header.aa = 1
            if asked in ("A", "ANY"):
                reply.add_answer(dns.RR(name, dns.QTYPE.A, ttl=_HOST_TTL, rdata=dns.A(address)))
            return
        for _ in range(_LONGEST_CHAIN):
            if self._delegated(reply, zone, name):
                return
            reply.header.aa = 1
            found = _records(zone, name)
            if not found:
                if not reply.rr:
                    reply.header.rcode = dns.RCODE.NXDOMAIN
                reply.add_auth(_soa(zone))
                return
            alias = found.get("CNAME")
            if alias is None or asked in ("CNAME", "ANY"):
                self._add(reply, zone, name, asked, found)
                return
            target = str(alias.values[0][0]).rstrip(".").lower()
            reply.add_answer(*_rrs(name, "CNAME", alias))
            next_zone = _zone_of(zones, target)
            if next_zone is None:
                return
            name, zone = target, next_zone

    def _delegated(self, reply: Any, zone: ZoneData, name: str) -> bool:
        """Refer to the servers of a child zone that this server does not hold."""
        labels = name.removesuffix(zone.name).rstrip(".").split(".")
        for cut in range(len(labels) - 1, -1, -1):
            relative = ".".join(labels[cut:])
            delegation = zone.records.get((relative, "NS")) if relative else None
            if delegation is not None:
                for record in _rrs(f"{relative}.{zone.name}", "NS", delegation):
                    reply.add_auth(record)
                return True
        return False

    def _add(
        self,
        reply: Any,
        zone: ZoneData,
        name: str,
        asked: str,
        found: Mapping[str, RecordData],
    ) -> None:
        wanted = found if asked == "ANY" else {k: v for k, v in found.items() if k == asked}
        for kind, data in wanted.items():
            reply.add_answer(*_rrs(name, kind, data))
        if not wanted:
            reply.add_auth(_soa(zone))

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    (size,) = struct.unpack("!H", await reader.readexactly(2))
                    reply = self.answer(await reader.readexactly(size), udp=False)
                    if reply is None:
                        break
                    writer.write(struct.pack("!H", len(reply)) + reply)
                    await writer.drain()
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.DatagramTransport):
            self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = self._server.answer(data, udp=True)
        if reply is not None and self._transport is not None:
            self._transport.sendto(reply, addr)

    def error_received(self, exc: Exception) -> None:
        _LOG.debug("a client went away: %s", exc)


def _edns_size(query: Any) -> int | None:
    """The UDP size that the client advertises; None when it does not speak EDNS."""
    sizes = [int(record.rclass) for record in query.ar if record.rtype == dns.QTYPE.OPT]
    return sizes[0] if sizes else None


def _zone_of(zones: Sequence[ZoneData], name: str) -> ZoneData | None:
    """The zone with the longest name that ``name`` is in."""
    inside = [z for z in zones if name == z.name.lower() or name.endswith(f".{z.name.lower()}")]
    return max(inside, key=lambda zone: len(zone.name), default=None)


def _server_address(zones: Sequence[ZoneData], name: str) -> str | None:
    hosts = {host.rstrip(".").lower() for zone in zones for host in zone.name_servers}
    return _NAME_SERVER_ADDRESS if name in hosts else None


def _records(zone: ZoneData, name: str) -> dict[str, RecordData]:
    """Record sets at a name by type; those of a wildcard when the name does not exist."""
    relative = name.removesuffix(zone.name.lower()).rstrip(".") or "@"
    found = {kind: data for (owner, kind), data in zone.records.items() if owner == relative}
    if found or relative == "@":
        return found
    if any(owner.endswith(f".{relative}") for owner, _ in zone.records):
        # An empty non-terminal exists, without records of any type (RFC 4592).
        return {"": RecordData(ttl=0, values=())}
    parent = relative
    while parent:
        _, _, parent = parent.partition(".")
        wildcard = f"*.{parent}" if parent else "*"
        found = {kind: data for (owner, kind), data in zone.records.items() if owner == wildcard}
        if found:
            return found
        if any(owner == parent or owner.endswith(f".{parent}") for owner, _ in zone.records):
            break
    return found


def _soa(zone: ZoneData) -> Any:
    data = zone.records.get(("@", "SOA"))
    if data is None:
        host = zone.name_servers[0] if zone.name_servers else zone.name
        data = RecordData(
            ttl=_HOST_TTL, values=((host, f"hostmaster.{zone.name}", 1, 3600, 300, 2419200, 300),)
        )
    (record,) = _rrs(zone.name, "SOA", data)
    record.ttl = min(data.ttl, int(data.values[0][-1]))
    return record


def _rrs(name: str, kind: str, data: RecordData) -> list[Any]:
    make = _RDATA.get(kind)
    if make is None:
        return []
    owner = dns.DNSLabel(name)
    return [
        dns.RR(owner, getattr(dns.QTYPE, kind), ttl=data.ttl, rdata=make(*v)) for v in data.values
    ]


def _make_soa(host: str, email: str, *times: int) -> Any:
    return dns.SOA(host, email, tuple(times))


def _make_txt(*parts: str) -> Any:
    return dns.TXT([part.encode() for part in parts])


def _make_mx(preference: int, exchange: str) -> Any:
    return dns.MX(exchange, preference)


_RDATA: dict[str, Callable[..., Any]] = {
    "A": dns.A,
    "AAAA": dns.AAAA,
    "CNAME": dns.CNAME,
    "TXT": _make_txt,
    "NS": dns.NS,
    "SOA": _make_soa,
    "MX": _make_mx,
    "SRV": dns.SRV,
    "CAA": dns.CAA,
    "PTR": dns.PTR,
}
