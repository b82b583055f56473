"""Network and cluster: asked for once, whatever happens in between."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from activities.ensure_cluster import ensure_cluster
from activities.ensure_network import ensure_network
from activities.ensure_subnet_access import ensure_subnet_access
from activities.observe_cluster import observe_cluster
from activities.observe_network import observe_network
from model.errors import Busy, Refusal
from model.outcome import Pending
from model.ownership import TAG_INSTALLATION, TAG_PLAN
from model.plan import ClusterSpec
from model.results import ClusterFacts, Made
from tests.activities.azure_specs import cluster_spec, network_spec
from tests.gateways.azure_world import CLUSTER, NETWORK, Emulated, emulated, until


@pytest.fixture
def world() -> Iterator[Emulated]:
    """A group to install in."""
    with emulated() as up:
        up.azure.state.add_group(up.group)
        yield up


def puts(world: Emulated) -> list[int]:
    """Status of every PUT of our cluster."""
    return [e.status for e in world.journal.of("arm", "PUT") if "managedClusters/de" in e.path]


def ready(world: Emulated, spec: ClusterSpec) -> ClusterFacts:
    seen = until(
        lambda: observe_cluster(world.gateways, spec), lambda seen: isinstance(seen, ClusterFacts)
    )
    assert isinstance(seen, ClusterFacts)
    return seen


def failed(world: Emulated, spec: ClusterSpec) -> Refusal:
    """Observe until Azure gives up."""

    def look() -> Refusal | None:
        try:
            observe_cluster(world.gateways, spec)
        except Refusal as refusal:
            return refusal
        return None

    seen = until(look, lambda refusal: refusal is not None)
    assert seen is not None
    return seen


def network_is_there(world: Emulated) -> Made:
    spec = network_spec(world)
    seen = until(lambda: observe_network(world.gateways, spec), lambda it: isinstance(it, Made))
    assert isinstance(seen, Made)
    return seen


def test_a_cluster_is_made_with_our_tags_and_then_found(world: Emulated) -> None:
    """One PUT, however often the stage runs; while Azure works nothing is asked for again."""
    world.azure.state.stick_next_operation(CLUSTER)
    spec = cluster_spec(world)
    made = [ensure_cluster(world.gateways, spec) for _ in range(3)]
    meanwhile = observe_cluster(world.gateways, spec)
    found = world.gateways.clusters(world.subscription_id).find(world.group, "de")

    world.release(made[0].resource_id)
    facts = ready(world, spec)
    again = ensure_cluster(world.gateways, spec)

    assert [one.changed for one in (*made, again)] == [True, False, False, False]
    assert len({one.resource_id.lower() for one in (*made, again)}) == 1
    assert isinstance(meanwhile, Pending)
    assert "Creating" in meanwhile.detail
    assert found is not None
    assert found["tags"] == {TAG_INSTALLATION: "dash", TAG_PLAN: "0123456789abcdef"}
    assert facts.resource_id.lower() == made[0].resource_id.lower()
    assert facts.kubernetes_version.startswith("1.35.")
    assert facts.node_resource_group
    assert facts.fqdn
    assert puts(world) == [201]


def test_two_deliveries_at_once_make_one_cluster(world: Emulated) -> None:
    """The late one comes back, and finds the cluster then."""
    spec = cluster_spec(world)

    def deliver(_: int) -> bool:
        try:
            return ensure_cluster(world.gateways, spec).changed
        except Busy:
            return False

    with ThreadPoolExecutor(4) as pool:
        changed = list(pool.map(deliver, range(4)))

    assert sum(changed) == 1
    assert len(world.azure.state.resources.of(CLUSTER)) == 1
    ready(world, spec)


def test_a_lost_reply_makes_no_second_cluster(world: Emulated) -> None:
    """The answer to the PUT never came; the next run of the stage finds the cluster."""
    world.faults.add(server="arm", method="PUT", path="managedClusters/de", drop="after")
    spec = cluster_spec(world)
    with pytest.raises(Busy):
        ensure_cluster(world.gateways, spec)

    again = ensure_cluster(world.gateways, spec)

    assert again.changed is False
    assert len(world.azure.state.resources.of(CLUSTER)) == 1


def test_a_cluster_of_somebody_else_is_never_touched(world: Emulated) -> None:
    """Neither one without tags nor one of another installation."""
    for tags in ({}, {TAG_INSTALLATION: "other"}):
        world.azure.state.add_cluster("de", world.group, tags=tags)

        with pytest.raises(Refusal) as refused:
            ensure_cluster(world.gateways, cluster_spec(world))

        assert refused.value.code == "cluster-foreign"
    assert world.writes() == []


def test_a_cluster_that_differs_is_refused_with_what_differs(world: Emulated) -> None:
    """To change a running cluster is a person's decision."""
    ensure_cluster(world.gateways, cluster_spec(world))
    ready(world, cluster_spec(world))

    with pytest.raises(Refusal) as refused:
        ensure_cluster(world.gateways, cluster_spec(world, count=6, maxPods=60))

    assert refused.value.code == "cluster-differs"
    assert "nodepool1.count: 4, not 6" in refused.value.reason
    assert "nodepool1.maxPods: 110, not 60" in refused.value.reason
    assert puts(world) == [201]


def test_a_failed_cluster_tells_why_and_is_repaired_by_the_next_run(world: Emulated) -> None:
    """The same request posted again asks Azure again for the same cluster."""
    world.azure.state.fail_next_operation(CLUSTER, "ZonalAllocationFailed", "Zone 1 is full.")
    spec = cluster_spec(world)
    ensure_cluster(world.gateways, spec)
    refusal = failed(world, spec)

    repaired = ensure_cluster(world.gateways, spec)

    assert refusal.code == "zone-unavailable"
    assert "Zone 1 is full." in refusal.reason
    assert repaired.changed is True
    assert ready(world, spec).resource_id.lower() == repaired.resource_id.lower()
    assert puts(world) == [201, 200]


def test_a_cluster_on_its_way_out_is_waited_for(world: Emulated) -> None:
    """A new one can take its name afterwards."""
    spec = cluster_spec(world)
    ensure_cluster(world.gateways, spec)
    ready(world, spec)
    world.azure.state.stick_next_operation(CLUSTER)
    world.gateways.clusters(world.subscription_id).delete(world.group, "de")

    with pytest.raises(Busy):
        ensure_cluster(world.gateways, spec)


def test_a_cluster_that_vanished_is_not_waited_for(world: Emulated) -> None:
    """Somebody deleted it; posting again makes it anew."""
    with pytest.raises(Refusal) as refused:
        observe_cluster(world.gateways, cluster_spec(world))

    assert (refused.value.code, refused.value.retryable) == ("cluster-missing", True)


def test_throttling_is_handed_on_with_azures_own_time(world: Emulated) -> None:
    """Both when asking and when looking."""
    spec = cluster_spec(world)
    world.faults.add(server="arm", method="PUT", path="managedClusters", status=429, retry_after=99)
    with pytest.raises(Busy) as asked:
        ensure_cluster(world.gateways, spec)
    ensure_cluster(world.gateways, spec)
    world.faults.add(server="arm", method="GET", path="managedClusters", status=429, retry_after=33)
    with pytest.raises(Busy) as looked:
        observe_cluster(world.gateways, spec)

    assert (asked.value.retry_after, looked.value.retry_after) == (99, 33)


def test_too_little_quota_is_refused_with_azures_own_figures(world: Emulated) -> None:
    """Should the quota be gone since the check."""
    world.azure.state.set_quota("eastus", "cores", limit=10)

    with pytest.raises(Refusal) as refused:
        ensure_cluster(world.gateways, cluster_spec(world))

    assert refused.value.code == "quota-insufficient"


def test_a_network_is_made_once_and_never_changed(world: Emulated) -> None:
    """A second PUT would replace its subnets."""
    spec = network_spec(world)
    world.azure.state.stick_next_operation(NETWORK)
    first = ensure_network(world.gateways, spec)
    second = ensure_network(world.gateways, spec)
    meanwhile = observe_network(world.gateways, spec)

    world.release(second.resource_id)

    assert (first.changed, second.changed) == (True, False)
    assert first.resource_id.lower() == second.resource_id.lower()
    assert isinstance(meanwhile, Pending)
    assert network_is_there(world).resource_id.lower() == first.resource_id.lower()
    assert len(world.journal.of("arm", "PUT")) == 1


def test_a_network_of_somebody_else_is_refused(world: Emulated) -> None:
    """Of our name and without our tag."""
    world.azure.state.add_vnet("de-vnet", world.group, tags={"a": "b"})

    with pytest.raises(Refusal) as refused:
        ensure_network(world.gateways, network_spec(world))

    assert refused.value.code == "network-foreign"


def test_a_failed_network_is_refused_and_asked_for_again(world: Emulated) -> None:
    """As a failed cluster is."""
    world.azure.state.fail_next_operation(NETWORK, "InternalServerError", "no")
    spec = network_spec(world)
    ensure_network(world.gateways, spec)

    def look() -> str:
        try:
            return type(observe_network(world.gateways, spec)).__name__
        except Refusal as refusal:
            return refusal.code

    until(look, lambda seen: seen.startswith("azure-"))
    again = ensure_network(world.gateways, spec)

    assert again.changed is True
    network_is_there(world)


def test_the_clusters_identity_gets_its_role_on_the_subnet_once(world: Emulated) -> None:
    """The role assignment has the same name each time."""
    ensure_network(world.gateways, network_spec(world))
    subnet = f"{network_is_there(world).resource_id}/subnets/nodes"
    spec = cluster_spec(world, vnetSubnetID=subnet)
    ensure_cluster(world.gateways, spec)

    given = [ensure_subnet_access(world.gateways, spec).changed for _ in range(2)]

    assert given == [True, False]
    assert len([e for e in world.writes() if "roleAssignments" in e.path]) == 1
    ready(world, spec)


def test_before_the_cluster_has_an_identity_the_role_waits(world: Emulated) -> None:
    """Nobody to give it to yet."""
    spec = cluster_spec(world, vnetSubnetID="/subscriptions/s/subnet")

    with pytest.raises(Busy):
        ensure_subnet_access(world.gateways, spec)


def test_an_identity_of_the_customers_is_left_alone(world: Emulated) -> None:
    """Its role was given beforehand."""
    resource, _ = world.azure.state.add_identity("theirs", world.group)
    usual = cluster_spec(world)
    theirs: dict[str, Any] = {resource.resource_id: {}}
    identities = {"type": "UserAssigned", "userAssignedIdentities": theirs}
    spec = ClusterSpec(
        group=usual.group,
        name=usual.name,
        body=usual.body | {"identity": identities},
        subnet_id="/subscriptions/s/subnet",
    )
    ensure_cluster(world.gateways, spec)

    assert ensure_subnet_access(world.gateways, spec).changed is False
    assert not [entry for entry in world.writes() if "roleAssignments" in entry.path]
