"""Resource groups: made, used as they are, and removed only as far as they are ours."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from activities.ensure_cluster import ensure_cluster
from activities.ensure_dns_records import ensure_dns_records
from activities.ensure_network import ensure_network
from activities.ensure_resource_group import ensure_resource_group
from activities.observe_leftovers import observe_leftovers
from activities.observe_removal import observe_removal
from activities.remove_resource_group import remove_resource_group
from model.errors import Busy, Refusal
from model.outcome import Pending
from model.ownership import TAG_INSTALLATION, TAG_INSTALLER, TAG_PLAN
from model.results import Nothing
from tests.activities.azure_specs import (
    ADDRESS,
    BASE,
    cluster_spec,
    leftovers_spec,
    network_spec,
    records_spec,
)
from tests.gateways.azure_world import CLUSTER, Emulated, emulated, until

GROUPS = "Microsoft.Resources/resourceGroups"


@pytest.fixture
def world() -> Iterator[Emulated]:
    """An empty subscription."""
    with emulated() as up:
        yield up


def idle(world: Emulated) -> None:
    """Wait until Azure works on nothing any longer."""
    resources = world.azure.state.resources.all
    busy = ("Creating", "Updating", "Deleting")
    until(
        lambda: [r for r in resources.values() if r.properties.get("provisioningState") in busy],
        lambda working: not working,
    )


def remove(world: Emulated) -> None:
    """Call the stage as the orchestrator does: again while it is busy."""

    def once() -> bool:
        try:
            remove_resource_group(world.gateways, world.spec())
        except Busy:
            return False
        return True

    until(once, lambda done: done)


def test_a_group_is_made_once_with_both_tags(world: Emulated) -> None:
    """The second call finds it and writes nothing."""
    made = ensure_resource_group(world.gateways, world.spec(cost="42"))
    again = ensure_resource_group(world.gateways, world.spec(cost="42"))
    found = world.gateways.resource_groups(world.subscription_id).find(world.group)

    assert (made.changed, again.changed) == (True, False)
    assert made.resource_id == again.resource_id
    assert found is not None
    assert found["tags"] == {
        "cost": "42",
        TAG_INSTALLATION: "dash",
        TAG_PLAN: "0123456789abcdef",
    }
    assert len(world.writes()) == 1


def test_a_group_that_a_customer_prepared_is_used_and_not_tagged(world: Emulated) -> None:
    """Its region may be another one; only what is put into it is ours."""
    world.azure.state.add_group(world.group, "westeurope", tags={"theirs": "yes"})

    used = ensure_resource_group(world.gateways, world.spec())

    assert used.changed is False
    assert world.writes() == []


def test_a_group_of_another_installation_is_refused(world: Emulated) -> None:
    """Two installations in one group would remove each other."""
    world.azure.state.add_group(world.group, tags={TAG_INSTALLATION: "other"})

    with pytest.raises(Refusal) as refused:
        ensure_resource_group(world.gateways, world.spec())

    assert refused.value.code == "resource-group-foreign"
    assert "other" in refused.value.reason


def test_a_group_that_is_on_its_way_out_is_waited_for(world: Emulated) -> None:
    """What is put into it now would be gone in a minute."""
    ensure_resource_group(world.gateways, world.spec())
    world.azure.state.stick_next_operation(GROUPS)
    remove_resource_group(world.gateways, world.spec())

    with pytest.raises(Busy):
        ensure_resource_group(world.gateways, world.spec())


def test_our_own_group_is_removed_with_all_that_is_in_it(world: Emulated) -> None:
    """Asked for once, looked at until it is gone; then there is nothing to do."""
    ensure_resource_group(world.gateways, world.spec())
    ensure_network(world.gateways, network_spec(world))
    idle(world)
    world.azure.state.stick_next_operation(GROUPS)
    first = remove_resource_group(world.gateways, world.spec())
    second = remove_resource_group(world.gateways, world.spec())
    meanwhile = observe_removal(world.gateways, world.spec())
    leftovers = observe_leftovers(world.gateways, leftovers_spec(world))

    world.release(first.resource_id)

    assert first.resource_id == second.resource_id
    assert len(world.journal.of("arm", "DELETE")) == 1
    assert isinstance(meanwhile, Pending)
    assert "Deleting" in meanwhile.detail
    assert [text for text in leftovers.busy if "Deleting" in text]
    assert observe_removal(world.gateways, world.spec()) == Nothing()
    assert remove_resource_group(world.gateways, world.spec()).changed is False


def test_in_a_customers_group_only_what_is_ours_is_removed(world: Emulated) -> None:
    """The cluster first, then the network it was in; what else is there stays."""
    world.azure.state.add_group(world.group)
    world.azure.state.add_vnet("theirs", world.group)
    world.azure.state.add_cluster("theirs", world.group, tags={TAG_INSTALLATION: "other"})
    ensure_network(world.gateways, network_spec(world))
    ensure_cluster(world.gateways, cluster_spec(world))
    idle(world)

    remove(world)

    until(lambda: observe_removal(world.gateways, world.spec()), lambda seen: seen == Nothing())
    state = world.azure.state.resources
    assert [c.own_name for c in state.of(CLUSTER)] == ["theirs"]
    assert [v.own_name for v in state.of("Microsoft.Network/virtualNetworks")] == ["theirs"]
    assert world.gateways.resource_groups(world.subscription_id).find(world.group) is not None


def test_leftovers_are_what_is_ours_and_what_azure_does_with_it(world: Emulated) -> None:
    """A person who cancelled sees what still costs money."""
    ensure_resource_group(world.gateways, world.spec())
    world.azure.state.stick_next_operation(CLUSTER)
    ensure_cluster(world.gateways, cluster_spec(world))
    world.azure.state.add_vnet("theirs", world.group)

    found = observe_leftovers(world.gateways, leftovers_spec(world))

    assert [resource.rpartition("/")[2] for resource in found.resources] == [
        world.group,
        "de",
        f"MC_{world.group}_de_eastus",
    ]
    assert len(found.busy) == 1
    assert found.busy[0].endswith("managedClusters/de is Creating")


def test_our_records_are_among_the_leftovers_and_nobody_elses(world: Emulated) -> None:
    """A name that still points to an address that is given back can be taken over."""
    zone = world.azure.state.add_zone("example.com", "dns-group")
    ensure_dns_records(world.gateways, records_spec(world, mode="azure"))
    world.azure.state.add_record(
        zone, "A", BASE.partition(".")[0], {"TTL": 60, "ARecords": [{"ipv4Address": ADDRESS}]}
    )

    found = observe_leftovers(world.gateways, leftovers_spec(world, mode="azure"))

    assert len(found.resources) == 6
    assert all("/dnsZones/example.com/CNAME/" in resource for resource in found.resources)


def test_names_without_a_zone_have_no_records_of_ours(world: Emulated) -> None:
    """A zone that is gone by now is no reason to tell nothing."""
    found = observe_leftovers(world.gateways, leftovers_spec(world, mode="azure"))

    assert (found.resources, found.busy) == ((), ())


def test_our_group_stays_while_another_installers_cluster_is_in_it(world: Emulated) -> None:
    """Two installers made one group at the same instant: the later tag proves too little."""
    ensure_resource_group(world.gateways, world.spec())
    theirs = {TAG_INSTALLATION: "dash", TAG_INSTALLER: "another-app"}
    world.azure.state.add_cluster("theirs", world.group, tags=theirs)
    spec = world.spec()
    ours = replace(spec, owner=replace(spec.owner, installer="this-app"))

    remove_resource_group(world.gateways, ours)

    assert observe_removal(world.gateways, ours) == Nothing()
    assert [c.own_name for c in world.azure.state.resources.of(CLUSTER)] == ["theirs"]
    assert world.gateways.resource_groups(world.subscription_id).find(world.group) is not None


def test_without_anything_nothing_is_left(world: Emulated) -> None:
    """A preflight that refused leaves no trace."""
    found = observe_leftovers(world.gateways, leftovers_spec(world))

    assert (found.resources, found.busy) == ((), ())
    assert observe_removal(world.gateways, world.spec()) == Nothing()
