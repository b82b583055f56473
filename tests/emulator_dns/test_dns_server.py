"""What the emulated name servers answer, asked with dnspython over real sockets."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import dns.asyncquery
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from emulator.dns import DnsServer, RecordData, ZoneData

SERVERS = ("ns1-01.azure-dns.com.", "ns2-01.azure-dns.net.")


def _record(*values: tuple[str | int, ...], ttl: int = 300) -> RecordData:
    return RecordData(ttl=ttl, values=values)


PARENT = ZoneData(
    name="example.com",
    name_servers=SERVERS,
    records={
        ("@", "NS"): _record(*((s,) for s in SERVERS)),
        ("@", "A"): _record(("20.50.0.9",)),
        ("de", "A"): _record(("20.50.0.10",), ("20.50.0.11",)),
        ("de", "AAAA"): _record(("2001:db8::1",)),
        ("api-de", "CNAME"): _record(("de.example.com",)),
        ("away", "CNAME"): _record(("elsewhere.example.org",)),
        ("across", "CNAME"): _record(("www.example.net.",)),
        ("round", "CNAME"): _record(("round.example.com",)),
        ("deep.below", "A"): _record(("20.50.0.12",)),
        ("*.wild", "A"): _record(("20.50.0.13",)),
        ("note", "TXT"): _record(("one", "two")),
        ("@", "MX"): _record((10, "mail.example.com")),
        ("@", "CAA"): _record((0, "issue", "ca.example.net")),
        ("child", "NS"): _record(("ns.child.example.org.",)),
        ("long", "TXT"): _record(*(("x" * 200, str(n)) for n in range(10))),
    },
)
OTHER = ZoneData(
    name="example.net", name_servers=SERVERS, records={("www", "A"): _record(("20.50.0.14",))}
)

type Ask = Callable[..., Coroutine[Any, Any, dns.message.Message]]


@asynccontextmanager
async def _asking() -> AsyncGenerator[Ask]:
    server = DnsServer(lambda: [PARENT, OTHER])
    await server.start()

    async def ask(
        name: str, kind: str = "A", *, edns: bool = False, tcp: bool = False
    ) -> dns.message.Message:
        query = dns.message.make_query(name, kind, use_edns=0 if edns else False)
        send = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
        return await send(query, server.host, port=server.port, timeout=5)

    try:
        yield ask
    finally:
        await server.stop()


def _values(message: Any) -> list[str]:
    return sorted(
        f"{s.name} {dns.rdatatype.to_text(s.rdtype)} {r}" for s in message.answer for r in s
    )


def _run[T](work: Callable[[Ask], Coroutine[Any, Any, T]]) -> T:
    async def whole() -> T:
        async with _asking() as ask:
            return await work(ask)

    return asyncio.run(whole())


def _one(name: str, kind: str = "A", **more: bool) -> dns.message.Message:
    return _run(lambda ask: ask(name, kind, **more))


@pytest.mark.parametrize(
    ("name", "kind", "answers"),
    [
        pytest.param("example.com", "A", ["example.com. A 20.50.0.9"], id="apex"),
        pytest.param(
            "DE.Example.COM",
            "A",
            ["DE.Example.COM. A 20.50.0.10", "DE.Example.COM. A 20.50.0.11"],
            id="any-case",
        ),
        pytest.param("de.example.com", "AAAA", ["de.example.com. AAAA 2001:db8::1"], id="aaaa"),
        pytest.param(
            "api-de.example.com",
            "A",
            [
                "api-de.example.com. CNAME de.example.com.",
                "de.example.com. A 20.50.0.10",
                "de.example.com. A 20.50.0.11",
            ],
            id="alias-is-followed",
        ),
        pytest.param(
            "across.example.com",
            "A",
            ["across.example.com. CNAME www.example.net.", "www.example.net. A 20.50.0.14"],
            id="alias-into-another-zone",
        ),
        pytest.param(
            "away.example.com",
            "A",
            ["away.example.com. CNAME elsewhere.example.org."],
            id="alias-out-of-our-zones",
        ),
        pytest.param(
            "x.wild.example.com", "A", ["x.wild.example.com. A 20.50.0.13"], id="wildcard"
        ),
        pytest.param("note.example.com", "TXT", ['note.example.com. TXT "one" "two"'], id="txt"),
        pytest.param("example.com", "MX", ["example.com. MX 10 mail.example.com."], id="mx"),
        pytest.param("example.com", "CAA", ['example.com. CAA 0 issue "ca.example.net"'], id="caa"),
        pytest.param(
            "example.com", "NS", [f"example.com. NS {s}" for s in SERVERS], id="name-servers"
        ),
        pytest.param(
            "ns1-01.azure-dns.com", "A", ["ns1-01.azure-dns.com. A 127.0.0.1"], id="their-address"
        ),
    ],
)
def test_records_are_answered_with_authority(name: str, kind: str, answers: list[str]) -> None:
    """Names match in any case, aliases are followed as far as our zones reach."""
    message = _one(name, kind)

    assert message.rcode() == dns.rcode.NOERROR
    assert message.flags & dns.flags.AA
    assert [v.lower() for v in _values(message)] == [a.lower() for a in answers]


def test_an_unknown_name_does_not_exist_and_shows_the_soa() -> None:
    """NXDOMAIN carries the zone's SOA, so that resolvers may keep the negative answer."""
    message = _one("nothing.example.com")

    assert message.rcode() == dns.rcode.NXDOMAIN
    assert [s.rdtype for s in message.authority] == [dns.rdatatype.SOA]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("de.example.com", "MX", id="other-type"),
        pytest.param("below.example.com", "A", id="empty-non-terminal"),
    ],
)
def test_a_name_without_such_records_is_empty_not_missing(name: str, kind: str) -> None:
    """No data is not NXDOMAIN (RFC 2308)."""
    message = _one(name, kind)

    assert message.rcode() == dns.rcode.NOERROR
    assert not message.answer
    assert [s.rdtype for s in message.authority] == [dns.rdatatype.SOA]


def test_foreign_names_are_refused() -> None:
    """The servers are authoritative only: they look nothing up for others."""
    message = _one("example.org")

    assert message.rcode() == dns.rcode.REFUSED
    assert not message.flags & dns.flags.AA


def test_a_delegated_child_is_referred_to_its_servers() -> None:
    """Below a delegation the parent has no authority."""
    message: Any = _one("x.child.example.com")

    assert not message.flags & dns.flags.AA
    assert not message.answer
    assert [str(r) for s in message.authority for r in s] == ["ns.child.example.org."]


def test_a_loop_of_aliases_ends() -> None:
    """An alias to itself is answered and not followed for ever."""
    assert _one("round.example.com").rcode() == dns.rcode.NOERROR


def test_a_large_answer_is_truncated_over_udp_and_whole_over_tcp() -> None:
    """Without EDNS 512 bytes fit; the client is told to come back over TCP."""

    async def both(ask: Ask) -> tuple[dns.message.Message, dns.message.Message]:
        return await ask("long.example.com", "TXT"), await ask("long.example.com", "TXT", tcp=True)

    small, whole = _run(both)

    assert small.flags & dns.flags.TC
    assert not whole.flags & dns.flags.TC
    assert len(whole.answer[0]) == 10


def test_edns_is_answered_with_edns() -> None:
    """A client that advertises a size is told ours."""
    message = _one("de.example.com", edns=True)

    assert message.edns == 0
    assert message.payload == 1232
    assert len(message.answer[0]) == 2


def test_rubbish_is_ignored() -> None:
    """A packet that is no message gets no answer, and the server lives on."""

    async def after_rubbish() -> dns.message.Message:
        server = DnsServer(lambda: [PARENT])
        await server.start()
        try:
            assert server.answer(b"\x00\x01", udp=True) is None
            query = dns.message.make_query("de.example.com", "A")
            reply = server.answer(query.to_wire(), udp=True)
            assert reply is not None
            return dns.message.from_wire(reply)
        finally:
            await server.stop()

    assert len(asyncio.run(after_rubbish()).answer[0]) == 2
