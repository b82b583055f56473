"""Quota, sizes and own rights as the gateways read them."""

from collections.abc import Iterator

import pytest

from emulator.azure import DNS_ZONE_CONTRIBUTOR, Rbac, Role
from gateways.compute import Compute
from gateways.permissions import Permission, Permissions
from model.errors import Refusal
from tests.gateways.azure_world import Emulated, emulated

SIZE = "Standard_D8ds_v5"


@pytest.fixture
def world() -> Iterator[Emulated]:
    """An Azure where everyone is Owner at first."""
    with emulated() as up:
        yield up


@pytest.fixture
def compute(world: Emulated) -> Compute:
    return world.gateways.compute(world.subscription_id)


@pytest.fixture
def permissions(world: Emulated) -> Permissions:
    return world.gateways.permissions(world.subscription_id)


def allow(world: Emulated, *roles: tuple[Role, str]) -> None:
    """Give the app these roles at these scopes, and nothing else."""
    rbac = Rbac()
    for role, scope in roles:
        rbac.grant(world.azure.directory.app.object_id, role, scope)
    world.azure.rbac = rbac


def test_a_size_is_told_with_the_family_that_its_quota_has(compute: Compute) -> None:
    """``D8ds_v5`` counts against DDSv5, which nobody can guess from its name."""
    size = compute.vm_size("eastus", SIZE.lower())

    assert size is not None
    assert (size.name, size.family.lower()) == (SIZE, "standardddsv5family")
    assert (size.vcpus, size.data_disks, size.blocked) == (8, 16, "")
    assert size.zones == {"1", "2", "3"}
    assert size.family.lower() in compute.usages("eastus")


def test_a_size_that_the_region_does_not_have_is_none(compute: Compute) -> None:
    """Sizes of other regions do not count."""
    assert compute.vm_size("eastus", "Standard_D9ds_v5") is None


def test_a_restricted_zone_is_not_among_the_zones(world: Emulated, compute: Compute) -> None:
    """The SKU list shows it and restricts it for this subscription."""
    world.azure.state.restrict_sku(SIZE, "eastus", zones=["1", "3"])

    size = compute.vm_size("eastus", SIZE)

    assert size is not None
    assert (size.zones, size.blocked) == ({"2"}, "")


def test_a_restricted_region_tells_its_reason(world: Emulated, compute: Compute) -> None:
    """Listed, and not to be had."""
    world.azure.state.restrict_sku(SIZE, "eastus")

    size = compute.vm_size("eastus", SIZE)

    assert size is not None
    assert size.blocked == "NotAvailableForSubscription"


def test_a_region_without_zones_has_none(compute: Compute) -> None:
    """The size is there all the same."""
    size = compute.vm_size("westus", SIZE)

    assert size is not None
    assert size.zones == frozenset()


def test_quota_is_read_with_what_is_used(world: Emulated, compute: Compute) -> None:
    """Of a family, and of the whole region."""
    world.azure.state.set_quota("eastus", "standardDDSv5Family", limit=48, used=8)
    world.azure.state.set_quota("eastus", "cores", limit=200, used=100)

    usages = compute.usages("eastus")

    family, cores = usages["standardddsv5family"], usages["cores"]
    assert (family.used, family.limit) == (8, 48)
    assert (cores.used, cores.limit, cores.label) == (100, 200, "Total Regional vCPUs")


def test_without_the_right_to_read_quota_the_action_is_named(
    world: Emulated, compute: Compute
) -> None:
    """The remedy says which right at which scope."""
    allow(world)

    with pytest.raises(Refusal) as refused:
        compute.usages("eastus")

    assert refused.value.code == "permission-missing"
    assert "Microsoft.Compute/locations/usages/read" in refused.value.remedy
    assert world.subscription_id in refused.value.remedy


def test_own_rights_are_read_at_a_group(world: Emulated, permissions: Permissions) -> None:
    """Each role is one grant, with what it takes away again."""
    role = Role(
        name="some",
        actions=("Microsoft.Authorization/permissions/read", "a/*"),
        not_actions=("a/b/delete",),
    )
    group = world.azure.state.add_group(world.group)
    allow(world, (role, group.resource_id))

    held = permissions.of_group(world.group)

    assert held == [Permission(role.actions, role.not_actions)]


def test_own_rights_are_read_at_the_subscription(world: Emulated, permissions: Permissions) -> None:
    """Before the group exists this is the only place to look."""
    role = Role(name="some", actions=("Microsoft.Authorization/*/read",))
    allow(world, (role, f"/subscriptions/{world.subscription_id}"))

    assert permissions.of_subscription() == [Permission(role.actions, ())]


def test_rights_that_may_not_be_read_are_none(world: Emulated, permissions: Permissions) -> None:
    """Which is not the same as to have none."""
    world.azure.state.add_group(world.group)
    allow(world, (Role(name="few", actions=("a/b",)), f"/subscriptions/{world.subscription_id}"))

    assert permissions.of_group(world.group) is None
    assert permissions.of_subscription() is None


def test_a_built_in_role_shows_its_wildcards(world: Emulated, permissions: Permissions) -> None:
    """Nothing is expanded: the rule that reads them knows ``*``."""
    group = world.azure.state.add_group(world.group)
    allow(world, (DNS_ZONE_CONTRIBUTOR, group.resource_id))

    held = permissions.of_group(world.group)

    assert held is not None
    assert "Microsoft.Network/dnsZones/*" in held[0].actions
