"""Virtual networks and subnets."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from tests.emulator_azure.conftest import World


def network(*subnets: tuple[str, str], space: str = "10.1.0.0/16") -> dict[str, Any]:
    """A network in REST names."""
    rows = [{"name": n, "properties": {"addressPrefix": p}} for n, p in subnets]
    return {
        "location": "eastus",
        "properties": {"addressSpace": {"addressPrefixes": [space]}, "subnets": rows},
    }


def test_a_network_comes_with_its_subnets_and_loses_unnamed_ones(world: World) -> None:
    """A PUT replaces the list of subnets."""
    world.azure.state.add_group("install")
    networks = world.networks.virtual_networks

    both = networks.begin_create_or_update(
        "install", "net", network(("a", "10.1.0.0/24"), ("b", "10.1.1.0/24"))
    ).result()
    one = networks.begin_create_or_update("install", "net", network(("b", "10.1.1.0/24"))).result()

    assert both.properties.provisioning_state == "Succeeded"
    assert [s.name for s in both.properties.subnets] == ["a", "b"]
    assert [s.name for s in one.properties.subnets] == ["b"]


def test_a_subnet_in_use_cannot_be_deleted(world: World) -> None:
    """Neither by itself, nor with its network, nor by leaving it out."""
    net = world.azure.state.add_vnet(
        "net", "install", address_space=["10.1.0.0/16"], subnets={"nodes": "10.1.0.0/20"}
    )
    cluster = world.azure.state.add_cluster("de", "install")
    cluster.properties["agentPoolProfiles"][0]["vnetSubnetID"] = f"{net.resource_id}/subnets/nodes"
    networks = world.networks

    for attempt in (
        lambda: networks.subnets.begin_delete("install", "net", "nodes"),
        lambda: networks.virtual_networks.begin_delete("install", "net"),
        lambda: networks.virtual_networks.begin_create_or_update("install", "net", network()),
    ):
        with pytest.raises(HttpResponseError) as refused:
            attempt()
        assert refused.value.error is not None
        assert refused.value.error.code == "InUseSubnetCannotBeDeleted"


@pytest.mark.parametrize(
    ("prefix", "code"),
    [
        pytest.param("10.2.0.0/24", "NetcfgInvalidSubnet", id="outside"),
        pytest.param("10.1.0.128/25", "NetcfgSubnetRangesOverlap", id="overlap"),
        pytest.param("10.1.9.0/99", "InvalidAddressPrefixFormat", id="no-range"),
    ],
)
def test_a_subnet_must_fit(world: World, prefix: str, code: str) -> None:
    """Inside the network, beside the others."""
    world.azure.state.add_vnet(
        "net", "install", address_space=["10.1.0.0/16"], subnets={"a": "10.1.0.0/24"}
    )

    with pytest.raises(HttpResponseError) as refused:
        world.networks.subnets.begin_create_or_update(
            "install", "net", "b", {"properties": {"addressPrefix": prefix}}
        )

    assert refused.value.error is not None
    assert refused.value.error.code == code


def test_network_usages_count_public_addresses(world: World) -> None:
    """Each cluster has one outbound address."""
    world.azure.state.add_cluster("de", "install")

    rows = {u.name.value: u for u in world.networks.usages.list("eastus")}

    assert rows["StandardSkuPublicIpAddresses"].current_value == 1
    assert rows["VirtualNetworks"].limit == 1000
