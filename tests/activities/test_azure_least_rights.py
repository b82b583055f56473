"""The published roles are enough for the stages: Azure enforces them and forbids nothing."""

from collections.abc import Iterator

import pytest

from activities.check_compute import check_compute
from activities.check_dns_zone import check_dns_zone
from activities.check_kubernetes_version import check_kubernetes_version
from activities.check_network import check_network
from activities.check_ownership import check_ownership
from activities.check_permissions import check_permissions
from activities.ensure_cluster import ensure_cluster
from activities.ensure_dns_records import ensure_dns_records
from activities.ensure_network import ensure_network
from activities.ensure_resource_group import ensure_resource_group
from activities.ensure_subnet_access import ensure_subnet_access
from activities.observe_cluster import observe_cluster
from activities.observe_leftovers import observe_leftovers
from activities.observe_network import observe_network
from activities.observe_removal import observe_removal
from activities.remove_resource_group import remove_resource_group
from emulator.azure import Rbac, Role
from model.actions import (
    CHECKS,
    CLUSTER,
    CLUSTER_ACCESS,
    DNS_RECORDS,
    MINIMUM,
    NETWORK,
    RESOURCE_GROUP,
    SUBNET_GRANT,
    RoleDefinition,
    subscription_actions,
)
from model.errors import Busy
from model.results import ClusterFacts, Made, Nothing
from tests.activities.azure_specs import (
    checks_spec,
    cluster_spec,
    leftovers_spec,
    network_spec,
    records_spec,
)
from tests.gateways.azure_world import Emulated, emulated, until


@pytest.fixture
def world() -> Iterator[Emulated]:
    """A subscription in which the app has no right yet."""
    with emulated() as up:
        up.azure.rbac = Rbac()
        yield up


def assign(world: Emulated, role: RoleDefinition, scope: str = "") -> None:
    """Give the app a published role at a scope; at the subscription when it is empty."""
    place = scope or f"/subscriptions/{world.subscription_id}"
    assert world.azure.rbac is not None
    made = Role(name=role.name, actions=role.actions)
    world.azure.rbac.grant(world.azure.directory.app.object_id, made, place)


def forbidden(world: Emulated) -> list[str]:
    return [entry.path for entry in world.journal.of("arm") if entry.status == 403]


def install_cluster(world: Emulated, subnet: str | None = None) -> None:
    spec = cluster_spec(world, **({"vnetSubnetID": subnet} if subnet else {}))
    ensure_cluster(world.gateways, spec)
    if subnet:
        ensure_subnet_access(world.gateways, spec)
    until(lambda: observe_cluster(world.gateways, spec), lambda it: isinstance(it, ClusterFacts))
    world.gateways.clusters(world.subscription_id).kubeconfig(world.group, "de")


def remove_all(world: Emulated) -> None:
    def once() -> bool:
        try:
            remove_resource_group(world.gateways, world.spec())
        except Busy:
            return False
        return observe_removal(world.gateways, world.spec()) == Nothing()

    until(once, lambda gone: gone)


def test_the_vendors_role_makes_and_removes_a_group_with_its_cluster(world: Emulated) -> None:
    """Eight actions at the subscription: network by AKS, DNS by a person."""
    assign(world, MINIMUM)

    ensure_resource_group(world.gateways, world.spec())
    install_cluster(world)
    remove_all(world)

    listings = [path for path in forbidden(world) if "/resources?" in path]
    assert forbidden(world) == listings  # without the list, the group's own tag is believed


def test_leftovers_are_told_as_far_as_they_may_be_seen(world: Emulated) -> None:
    """The vendor's role lists no resources; a cancellation must not fail for that."""
    assign(world, MINIMUM)
    ensure_resource_group(world.gateways, world.spec())

    found = observe_leftovers(world.gateways, leftovers_spec(world))

    assert [resource.rpartition("/")[2] for resource in found.resources] == [world.group]
    assert "resources/read" in found.busy[0]


def test_the_small_roles_do_everything(world: Emulated) -> None:
    """In a customer's group with our network, and records in one zone; nothing else is asked."""
    group = world.azure.state.add_group(world.group)
    zone = world.azure.state.add_zone("example.com", "dns-group").resource_id
    assign(world, CHECKS)
    for each in (RESOURCE_GROUP, CLUSTER, CLUSTER_ACCESS, NETWORK, SUBNET_GRANT):
        assign(world, each, group.resource_id)
    assign(world, DNS_RECORDS, zone)
    checks = checks_spec(world, virtual_network="de-vnet", domain={"zone_id": zone})

    found = [
        check(world.gateways, checks)
        for check in (
            check_compute,
            check_dns_zone,
            check_kubernetes_version,
            check_network,
            check_ownership,
        )
    ]
    ensure_resource_group(world.gateways, world.spec())
    ensure_network(world.gateways, network_spec(world))
    network = until(
        lambda: observe_network(world.gateways, network_spec(world)),
        lambda it: isinstance(it, Made),
    )
    assert isinstance(network, Made)
    install_cluster(world, f"{network.resource_id}/subnets/nodes")
    ensure_dns_records(world.gateways, records_spec(world, zone_id=zone))
    observe_leftovers(world.gateways, leftovers_spec(world))
    remove_all(world)

    assert {finding.severity for each in found for finding in each.findings} == {"info"}
    assert forbidden(world) == []


def test_what_the_check_of_rights_calls_enough_is_enough(world: Emulated) -> None:
    """It names no error, and the stages then meet none."""
    for each in (CHECKS, RESOURCE_GROUP, CLUSTER, CLUSTER_ACCESS):
        assign(world, each)
    seen = subscription_actions(azure_dns=False)
    checks = checks_spec(world, domain={"mode": "manual"}, subscription_actions=seen)

    found = check_permissions(world.gateways, checks)
    ensure_resource_group(world.gateways, world.spec())
    install_cluster(world)

    assert not [finding for finding in found.findings if finding.severity == "error"]
    assert forbidden(world) == []


def test_every_subnet_and_address_that_a_request_names_is_asked_for(world: Emulated) -> None:
    """Those of nodes, of pods and of the API server; addresses and prefixes: one finding each."""
    for each in (CHECKS, RESOURCE_GROUP, CLUSTER, CLUSTER_ACCESS):
        assign(world, each)
    network = (
        f"/subscriptions/{world.subscription_id}/resourceGroups/net/providers/Microsoft.Network"
    )
    named = {
        "subnet_id": f"{network}/virtualNetworks/v/subnets/nodes",
        "pod_subnet_id": f"{network}/virtualNetworks/v/subnets/pods",
        "api_server_subnet_id": f"{network}/virtualNetworks/v/subnets/api",
        "outbound_addresses": (
            f"{network}/publicIPAddresses/one",
            f"{network}/publicIPPrefixes/many",
        ),
    }
    checks = checks_spec(world, domain={"mode": "manual"}, system_identity=False, **named)

    found = check_permissions(world.gateways, checks).findings

    errors = [f for f in found if f.severity == "error" and "/providers/" in f.remedy]
    places = [*list(named.values())[:3], *named["outbound_addresses"]]
    assert [finding.remedy.rpartition(" ")[2] for finding in errors] == places
    assert "publicIPAddresses/join/action" in errors[3].found
    assert "publicIPPrefixes/join/action" in errors[4].found
