"""Addresses that a customer keeps for outbound traffic."""

import pytest
from azure.core.exceptions import HttpResponseError

from tests.emulator_azure.conftest import World
from tests.emulator_azure.test_clusters import begin, body

_STANDARD = {"location": "eastus", "sku": {"name": "Standard"}}


def test_addresses_and_prefixes_are_made_found_and_removed(world: World) -> None:
    """Each gets an address range of its own."""
    world.azure.state.add_group("net")
    addresses, prefixes = world.networks.public_ip_addresses, world.networks.public_ip_prefixes
    static = _STANDARD | {"properties": {"publicIPAllocationMethod": "Static"}}

    one = addresses.begin_create_or_update("net", "one", static).result()
    two = addresses.begin_create_or_update("net", "two", static).result()
    many = prefixes.begin_create_or_update(
        "net", "many", _STANDARD | {"properties": {"prefixLength": 30}}
    ).result()
    listed = [a.name for a in addresses.list_all()]
    addresses.begin_delete("net", "one").result()

    assert one.properties.ip_address != two.properties.ip_address
    assert many.properties.ip_prefix.endswith("/30")
    assert listed == ["one", "two"]
    assert [a.name for a in addresses.list("net")] == ["two"]


def test_an_address_of_a_cluster_stays(world: World) -> None:
    """Its load balancer has it; the cluster then gets none of its own."""
    world.azure.state.add_group("net")
    addresses = world.networks.public_ip_addresses
    mine = addresses.begin_create_or_update("net", "mine", _STANDARD).result()
    outbound = {"outboundIPs": {"publicIPs": [{"id": mine.id}]}}
    network = {"networkProfile": {"loadBalancerProfile": outbound}}
    begin(world, body(properties=body()["properties"] | network)).result()

    with pytest.raises(HttpResponseError) as refused:
        addresses.begin_delete("net", "mine")

    assert refused.value.status_code == 400
    assert list(addresses.list("MC_install_de_eastus")) == []
