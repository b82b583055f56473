"""DNS zones and record sets, and how they reach the name servers."""

import asyncio
from typing import Any

import dns.asyncquery
import dns.message
import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from emulator.azure.published_zone import PublishedZone
from emulator.dns import DnsServer, RecordData
from tests.emulator_azure.conftest import World


def a_record(*addresses: str, **more: Any) -> dict[str, Any]:
    """An A record set in REST names."""
    records = [{"ipv4Address": a} for a in addresses]
    return {"properties": {"TTL": 300, "ARecords": records} | more}


CNAME = {"properties": {"TTL": 300, "CNAMERecord": {"cname": "de.example.com"}}}


def test_a_zone_has_four_name_servers_and_its_apex_records(world: World) -> None:
    """NS and SOA are there from the start."""
    world.azure.state.add_group("dns")

    zone = world.dns.zones.create_or_update("dns", "example.com", {"location": "global"})

    assert len(zone.name_servers) == 4
    assert zone.name_servers[0].endswith(".azure-dns.com.")
    assert zone.number_of_record_sets == 2
    kinds = [r.type for r in world.dns.record_sets.list_all_by_dns_zone("dns", "example.com")]
    assert kinds == ["Microsoft.Network/dnsZones/NS", "Microsoft.Network/dnsZones/SOA"]


def test_create_only_leaves_a_foreign_record_alone(world: World) -> None:
    """If-None-Match: * answers 412 when somebody has the name, whatever the case."""
    zone = world.azure.state.add_zone("example.com", "dns")
    world.azure.state.add_record(
        zone, "A", "de", {"TTL": 60, "ARecords": [{"ipv4Address": "192.0.2.1"}]}
    )
    records = world.dns.record_sets

    with pytest.raises(HttpResponseError) as refused:
        records.create_or_update(
            "dns", "example.com", "DE", "A", a_record("20.50.0.10"), if_none_match="*"
        )

    assert refused.value.status_code == 412
    assert refused.value.error is not None
    assert refused.value.error.code == "PreconditionFailed"
    held = records.get("dns", "example.com", "de", "A")
    assert [r.ipv4_address for r in held.a_records] == ["192.0.2.1"]


def test_an_update_needs_the_current_etag(world: World) -> None:
    """If-Match lets one of two writers through."""
    world.azure.state.add_zone("example.com", "dns")
    records = world.dns.record_sets
    wanted = a_record("20.50.0.10", metadata={"installation": "de"})
    first = records.create_or_update("dns", "example.com", "de", "A", wanted, if_none_match="*")

    second = records.create_or_update(
        "dns", "example.com", "de", "A", a_record("20.50.0.11"), if_match=first.etag
    )
    with pytest.raises(HttpResponseError) as refused:
        records.create_or_update(
            "dns", "example.com", "de", "A", a_record("20.50.0.12"), if_match=first.etag
        )

    assert first.metadata == {"installation": "de"}
    assert second.etag != first.etag
    assert refused.value.status_code == 412
    assert first.fqdn == "de.example.com."


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        pytest.param(("A", a_record("20.50.0.1")), ("CNAME", CNAME), id="alias-beside-address"),
        pytest.param(("CNAME", CNAME), ("A", a_record("20.50.0.1")), id="address-beside-alias"),
    ],
)
def test_an_alias_shares_its_name_with_nothing(
    world: World, there: tuple[str, Any], wanted: tuple[str, Any]
) -> None:
    """409 Conflict in both directions."""
    world.azure.state.add_zone("example.com", "dns")
    records = world.dns.record_sets
    records.create_or_update("dns", "example.com", "x", *there)

    with pytest.raises(HttpResponseError) as refused:
        records.create_or_update("dns", "example.com", "x", *wanted)

    assert refused.value.status_code == 409


@pytest.mark.parametrize(
    ("kind", "name", "wanted"),
    [
        pytest.param("A", "de", a_record("20.50.0.300"), id="no-address"),
        pytest.param("A", "de", a_record("20.50.0.1", TTL=0), id="ttl"),
        pytest.param("A", "d e", a_record("20.50.0.1"), id="name"),
        pytest.param("A", "de", CNAME, id="other-type"),
        pytest.param("A", "de", a_record("20.50.0.1", colour="red"), id="unknown-member"),
        pytest.param("CNAME", "@", CNAME, id="alias-at-the-apex"),
        pytest.param(
            "CNAME",
            "x",
            {"properties": {"TTL": 1, "CNAMERecord": {"cname": "a..b"}}},
            id="bad-target",
        ),
    ],
)
def test_a_wrong_record_is_refused(world: World, kind: str, name: str, wanted: Any) -> None:
    """400 in the service's flat shape."""
    world.azure.state.add_zone("example.com", "dns")
    path = f"resourceGroups/dns/providers/Microsoft.Network/dnsZones/example.com/{kind}/{name}"

    status, answer = world.send("PUT", path, "2018-05-01", wanted)

    assert status == 400
    assert answer["code"] == "BadRequest"


def test_deletion_is_idempotent_and_spares_the_apex(world: World) -> None:
    """200, then 204; NS of the zone itself stays."""
    world.azure.state.add_zone("example.com", "dns")
    records = world.dns.record_sets
    records.create_or_update("dns", "example.com", "de", "A", a_record("20.50.0.1"))

    records.delete("dns", "example.com", "de", "A")
    records.delete("dns", "example.com", "de", "A")
    with pytest.raises(HttpResponseError):
        records.delete("dns", "example.com", "@", "NS")
    with pytest.raises(ResourceNotFoundError):
        records.get("dns", "example.com", "de", "A")

    assert [e.status for e in world.journal.of("arm", "DELETE")] == [200, 204, 400]


def test_lists_come_in_pages(world: World) -> None:
    """Clients follow nextLink over groups and pages."""
    state = world.azure.state
    state.page_size = 2
    for n in range(5):
        state.add_zone(f"zone{n}.example.com", f"dns{n % 2}")

    names = [z.name for z in world.dns.zones.list()]

    assert names == [f"zone{n}.example.com" for n in range(5)]
    assert len(world.journal.of("arm", "GET")) == 3


def test_the_name_servers_learn_of_a_record_and_of_its_end(world: World) -> None:
    """What ARM accepted is answered by the emulated name servers a moment later."""
    world.azure.state.add_zone("example.com", "dns")
    records = world.dns.record_sets

    async def until(wanted: list[str]) -> None:
        server = DnsServer(world.azure.state.dns_zones)
        await server.start()
        query = dns.message.make_query("de.example.com", "A")
        try:
            async with asyncio.timeout(5):
                while True:
                    reply: Any = await dns.asyncquery.udp(query, server.host, port=server.port)
                    if [str(r) for s in reply.answer for r in s] == wanted:
                        return
        finally:
            await server.stop()

    records.create_or_update("dns", "example.com", "de", "A", a_record("20.50.0.10"))
    asyncio.run(until(["20.50.0.10"]))
    records.delete("dns", "example.com", "de", "A")
    asyncio.run(until([]))


def test_a_change_is_published_after_its_delay() -> None:
    """Before that the servers keep the old answer."""
    now = 0.0
    zone = PublishedZone("example.com", ["ns1."], delay=10, now=lambda: now)
    record = RecordData(ttl=300, values=(("20.50.0.1",),))

    zone.change(("de", "A"), record)
    now = 9.9
    before = dict(zone.data().records)
    now = 10.0
    after = dict(zone.data().records)

    assert before == {}
    assert after == {("de", "A"): record}


def test_a_record_set_may_be_empty(world: World) -> None:
    """The CLI creates one before it adds addresses; a CNAME needs its target."""
    world.azure.state.add_zone("example.com", "dns")
    path = "resourceGroups/dns/providers/Microsoft.Network/dnsZones/example.com"

    status, answer = world.send("PUT", f"{path}/A/de", "2018-05-01", {"properties": {"TTL": 60}})
    refused, _ = world.send("PUT", f"{path}/CNAME/x", "2018-05-01", {"properties": {"TTL": 60}})

    assert (status, answer["properties"]["ARecords"]) == (201, [])
    assert refused == 400
