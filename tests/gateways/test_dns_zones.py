"""Record sets: written only where nobody is overwritten by chance."""

from collections.abc import Iterator

import pytest

from gateways.dns_zones import DnsZones, RecordSet, Zone
from model.errors import Refusal
from model.ownership import TAG_INSTALLATION
from tests.gateways.azure_world import Emulated, emulated

OURS = {TAG_INSTALLATION: "dash"}
A = RecordSet(kind="A", values=("20.0.0.1",), ttl=300, metadata=OURS, etag="")
CNAME = RecordSet(kind="CNAME", values=("de.example.com",), ttl=60, metadata=OURS, etag="")


@pytest.fixture
def world() -> Iterator[Emulated]:
    """A zone in a group of its own."""
    with emulated() as up:
        up.azure.state.add_zone("example.com", "dns-group")
        yield up


@pytest.fixture
def client(world: Emulated) -> DnsZones:
    return world.gateways.dns_zones(world.subscription_id)


@pytest.fixture
def zone(client: DnsZones) -> Zone:
    (only,) = client.zones()
    return only


def test_a_zone_is_listed_with_its_group_and_its_name_servers(zone: Zone) -> None:
    """The group comes from the id: zones live in groups of their own."""
    assert (zone.name, zone.group) == ("example.com", "dns-group")
    assert len(zone.name_servers) == 4
    assert not [server for server in zone.name_servers if server.endswith(".")]


def test_zones_of_every_group_and_page_are_listed(world: Emulated, client: DnsZones) -> None:
    """Azure hands out lists in pages."""
    world.azure.state.page_size = 2
    for number in range(4):
        world.azure.state.add_zone(f"example{number}.com", f"group{number}")

    assert len(client.zones()) == 5


def test_a_zone_is_found_by_its_id_alone(client: DnsZones, zone: Zone) -> None:
    """Where listing is not allowed, a request may name the zone; case is no matter."""
    assert client.zone(zone.zone_id) == zone
    assert client.zone(zone.zone_id.upper().replace("EXAMPLE.COM", "example.com")) == zone
    assert client.zone(zone.zone_id.replace("example.com", "example.org")) is None


@pytest.mark.parametrize("wanted", [A, CNAME], ids=["a", "cname"])
def test_a_record_set_is_created_and_read_back(
    client: DnsZones, zone: Zone, wanted: RecordSet
) -> None:
    """With its TTL and the mark that says whose it is."""
    before = client.find(zone, "de", wanted.kind)
    written = client.write(zone, "de", wanted)
    found = client.find(zone, "de", wanted.kind)

    assert (before, written) == (None, True)
    assert found is not None
    assert found.etag
    assert (found.values, found.ttl, found.metadata) == (wanted.values, wanted.ttl, OURS)


def test_what_is_there_is_not_created_again(client: DnsZones, zone: Zone) -> None:
    """``If-None-Match: *``: of two at the same time the second is told that it was late."""
    client.write(zone, "de", A)

    assert client.write(zone, "de", A) is False


def test_an_update_needs_the_record_as_it_was_seen(client: DnsZones, zone: Zone) -> None:
    """With the etag of an older look nothing is overwritten."""
    client.write(zone, "de", A)
    seen = client.find(zone, "de", "A")
    assert seen is not None
    newer = RecordSet(kind="A", values=("20.0.0.2",), ttl=300, metadata=OURS, etag=seen.etag)

    first, second = client.write(zone, "de", newer), client.write(zone, "de", newer)
    found = client.find(zone, "de", "A")

    assert (first, second) == (True, False)
    assert found is not None
    assert found.values == ("20.0.0.2",)


def test_a_deletion_needs_the_record_as_it_was_seen(client: DnsZones, zone: Zone) -> None:
    """A stale etag deletes nothing; what is gone already is fine."""
    client.write(zone, "de", A)
    seen = client.find(zone, "de", "A")
    assert seen is not None

    assert client.delete(zone, "de", "A", "stale") is False
    assert client.delete(zone, "de", "A", seen.etag) is True
    assert client.delete(zone, "de", "A", seen.etag) is True
    assert client.find(zone, "de", "A") is None


def test_a_cname_beside_another_record_is_refused(client: DnsZones, zone: Zone) -> None:
    """DNS itself forbids it, and no repetition helps."""
    client.write(zone, "de", A)

    with pytest.raises(Refusal) as refused:
        client.write(zone, "de", CNAME)

    assert refused.value.code == "azure-refused"
    assert "CNAME" in refused.value.reason


def test_an_alias_record_has_no_values(world: Emulated, client: DnsZones, zone: Zone) -> None:
    """It points to an Azure resource; whoever compares values sees that it differs."""
    state = world.azure.state
    resource = state.resources.find(
        world.subscription_id, "dns-group", "Microsoft.Network/dnsZones", "example.com"
    )
    state.add_record(resource, "A", "de", {"TTL": 60, "targetResource": {"id": "/some/ip"}})

    found = client.find(zone, "de", "A")

    assert found is not None
    assert found.values == ()
    assert found.metadata == {}
