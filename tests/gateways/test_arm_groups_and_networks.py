"""What the gateways of resource groups and networks do, on the emulated Azure and on a real one."""

from collections.abc import Iterator

import pytest

from gateways.networks import Networks
from gateways.resource_groups import ResourceGroups
from model.ownership import TAG_INSTALLATION
from model.resource_id import ResourceId, parse
from tests.gateways.azure_world import BACKENDS, Emulated, World, emulated, running, until


@pytest.fixture(params=BACKENDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """An Azure of either kind."""
    with running(request.param) as up:
        yield up


@pytest.fixture
def azure() -> Iterator[Emulated]:
    """An Azure that can be broken."""
    with emulated() as up:
        yield up


def groups(world: World) -> ResourceGroups:
    return world.gateways.resource_groups(world.subscription_id)


def networks(world: World) -> Networks:
    return world.gateways.networks(world.subscription_id)


def subnet(world: World, network: str = "net") -> ResourceId:
    return parse(
        f"/subscriptions/{world.subscription_id}/resourceGroups/{world.group}/providers"
        f"/Microsoft.Network/virtualNetworks/{network}/subnets/nodes"
    )


def make_network(world: World, tags: dict[str, str] | None = None) -> None:
    """A group with a network of one subnet."""
    groups(world).create(world.group, world.location, {})
    body = {
        "location": world.location,
        "tags": tags or {},
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.20.0.0/16"]},
            "subnets": [{"name": "nodes", "properties": {"addressPrefix": "10.20.0.0/24"}}],
        },
    }
    networks(world).create(world.group, "net", body)


def state_of_network(world: World) -> str:
    found = networks(world).find(world.group, "net") or {}
    return str(found.get("properties", {}).get("provisioningState"))


def test_a_group_is_absent_then_there_then_gone(world: World) -> None:
    """None is the whole difference between absent and there; deletion does not wait."""
    before = groups(world).find(world.group)
    made = groups(world).create(world.group, world.location, {TAG_INSTALLATION: "dash"})
    found = groups(world).find(world.group)
    groups(world).delete(world.group)

    assert before is None
    assert found is not None
    assert found["id"] == made
    assert found["tags"] == {TAG_INSTALLATION: "dash"}
    until(lambda: groups(world).find(world.group), lambda seen: seen is None)


def test_the_deletion_of_what_is_not_there_is_no_error(world: World) -> None:
    """A second removal finds its work done."""
    groups(world).delete(world.group)


def test_a_network_comes_with_its_subnet(world: World) -> None:
    """One PUT makes both; nobody waits in it."""
    make_network(world)

    until(lambda: state_of_network(world), lambda state: state == "Succeeded")
    found = networks(world).find_subnet(subnet(world))
    assert found is not None
    assert found["properties"]["addressPrefix"] == "10.20.0.0/24"


def test_what_is_not_there_is_none(world: World) -> None:
    """A missing group, network or subnet looks the same: there is nothing."""
    assert networks(world).find(world.group, "net") is None
    assert networks(world).find_subnet(subnet(world)) is None


def test_a_network_is_deleted(world: World) -> None:
    """Deletion is asked for and ends by itself."""
    make_network(world)
    until(lambda: state_of_network(world), lambda state: state == "Succeeded")

    networks(world).delete(world.group, "net")

    until(lambda: networks(world).find(world.group, "net"), lambda seen: seen is None)


def test_tagged_resources_are_listed_without_those_of_others(world: World) -> None:
    """The filter is Azure's own: by the tag's name."""
    make_network(world, tags={TAG_INSTALLATION: world.group})
    until(lambda: state_of_network(world), lambda state: state == "Succeeded")

    [found] = groups(world).marked(world.group, TAG_INSTALLATION)

    assert parse(found.resource_id).name == "net"
    assert found.tags[TAG_INSTALLATION] == world.group
    assert found.created is not None
    assert groups(world).marked(world.group, "another-tag") == []
    assert groups(world).marked(f"{world.group}-other", TAG_INSTALLATION) == []


def test_groups_and_resources_of_a_whole_subscription_are_listed_by_tag(azure: Emulated) -> None:
    """Groups first; when a group was made, Azure does not tell."""
    mine = {TAG_INSTALLATION: "dash"}
    azure.azure.state.add_group("ours", "eastus", tags=mine)
    azure.azure.state.add_vnet("net", azure.group, tags=mine)
    azure.azure.state.add_vnet("theirs", azure.group)

    found = groups(azure).all_marked(TAG_INSTALLATION)

    assert [one.resource_id.rpartition("/")[2] for one in found] == ["ours", "net"]
    assert found[0].created is None


def test_a_provider_tells_whether_it_is_registered(azure: Emulated) -> None:
    """In Azure's own words."""
    azure.azure.state.unregister("Microsoft.ContainerService")

    assert groups(azure).registration("Microsoft.Network") == "Registered"
    assert groups(azure).registration("Microsoft.ContainerService") != "Registered"


def test_a_role_on_a_subnet_is_given_once(azure: Emulated) -> None:
    """The same name a second time finds it given; so does another name."""
    azure.azure.state.add_vnet("net", azure.group, subnets={"nodes": "10.224.0.0/24"})
    _, principal = azure.azure.state.add_identity("cluster", azure.group)
    found = networks(azure).find_subnet(subnet(azure))
    assert found is not None
    scope, object_id = found["id"], principal.object_id
    first, second = (f"00000000-0000-5000-a000-00000000000{n}" for n in (1, 2))

    given = [networks(azure).grant(scope, name, object_id) for name in (first, first, second)]

    assert given == [True, False, False]
    assert [entry.status for entry in azure.writes()] == [201, 409]


def test_every_page_of_a_list_is_read(azure: Emulated) -> None:
    """Azure cuts lists; what is on the second page belongs to us all the same."""
    azure.azure.state.page_size = 2
    for number in range(5):
        azure.azure.state.add_vnet(f"net{number}", azure.group, tags={TAG_INSTALLATION: "dash"})

    assert len(groups(azure).marked(azure.group, TAG_INSTALLATION)) == 5
