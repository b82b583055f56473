"""What the world sees of our names."""

import time
from collections.abc import Iterator

import pytest

from gateways.resolver import OWN, Resolver
from model.settings import Settings
from tests.gateways.azure_world import Emulated, emulated, until

ADDRESS = "20.0.0.1"


@pytest.fixture
def world() -> Iterator[Emulated]:
    """A published zone with an address, an alias of it, and one that leads nowhere."""
    with emulated() as up:
        state = up.azure.state
        zone = state.add_zone("example.com", "dns-group")
        state.add_record(zone, "A", "de", {"TTL": 1, "ARecords": [{"ipv4Address": ADDRESS}]})
        for name, target in (("api-de", "de.example.com"), ("lost", "gone.example.com")):
            state.add_record(zone, "CNAME", name, {"TTL": 1, "CNAMERecord": {"cname": target}})
        state.add_record(zone, "TXT", "text", {"TTL": 1, "TXTRecords": [{"value": ["t"]}]})
        until(lambda: len(state.dns_zones()[0].records), lambda count: count == 6)
        yield up


@pytest.mark.parametrize(
    ("name", "addresses", "trouble"),
    [
        pytest.param("de.example.com", {ADDRESS}, "", id="address"),
        pytest.param("api-de.example.com", {ADDRESS}, "", id="alias"),
        pytest.param("ws-de.example.com", set[str](), "no such name", id="absent"),
        pytest.param("text.example.com", set[str](), "no address", id="no-address"),
    ],
)
def test_a_name_is_answered_with_its_addresses_or_with_why_not(
    world: Emulated, name: str, addresses: set[str], trouble: str
) -> None:
    """Aliases are followed to the address."""
    (answer,) = world.gateways.resolver().answers(name)

    assert answer.asked == OWN
    assert (set(answer.addresses), answer.trouble) == (addresses, trouble)


def test_an_alias_that_leads_nowhere_has_no_address(world: Emulated) -> None:
    """The name is there and of no use."""
    (answer,) = world.gateways.resolver().answers("lost.example.com")

    assert answer.addresses == frozenset()
    assert answer.trouble.startswith("no ")


def test_a_change_is_seen_by_the_next_look(world: Emulated) -> None:
    """Nothing is remembered between looks, however long the TTL says."""
    resolver = world.gateways.resolver()
    state = world.azure.state
    zone = state.resources.find(
        world.subscription_id, "dns-group", "Microsoft.Network/dnsZones", "example.com"
    )
    assert resolver.answers("new.example.com")[0].trouble == "no such name"

    state.add_record(zone, "A", "new", {"TTL": 9999, "ARecords": [{"ipv4Address": ADDRESS}]})

    until(lambda: resolver.answers("new.example.com")[0].addresses, lambda seen: ADDRESS in seen)


def test_a_server_that_does_not_answer_costs_little(world: Emulated) -> None:
    """A stage looks for seconds, not for minutes; the next look asks again."""
    world.run(world.dns.stop())
    begun = time.monotonic()

    (answer,) = world.gateways.resolver().answers("de.example.com")

    assert answer.addresses == frozenset()
    assert answer.trouble
    assert time.monotonic() - begun < 4


def test_of_several_servers_one_that_answers_is_enough(world: Emulated) -> None:
    """One of a zone's name servers may be down."""
    resolver = Resolver.connect(Settings(name_servers=f"127.0.0.1:9, {world.dns.address}"))

    (answer,) = resolver.answers("de.example.com")

    assert answer.addresses == {ADDRESS}
