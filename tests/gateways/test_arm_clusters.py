"""What the clusters gateway does: never waits, creates once, tells what there is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gateways.clusters import Clusters
from model.errors import Refusal
from tests.gateways.azure_world import CLUSTER, Emulated, emulated, until

BODY: dict[str, Any] = {
    "location": "eastus",
    "tags": {"a": "b"},
    "identity": {"type": "SystemAssigned"},
    "properties": {
        "dnsPrefix": "de",
        "agentPoolProfiles": [
            {
                "name": "nodepool1",
                "mode": "System",
                "count": 4,
                "vmSize": "Standard_D8ds_v5",
                "maxPods": 110,
            }
        ],
    },
}


@pytest.fixture
def world() -> Iterator[Emulated]:
    """A group to make clusters in."""
    with emulated() as up:
        up.azure.state.add_group(up.group)
        yield up


@pytest.fixture
def clusters(world: Emulated) -> Clusters:
    return world.gateways.clusters(world.subscription_id)


def state(clusters: Clusters, world: Emulated) -> str:
    found = clusters.find(world.group, "de")
    return "absent" if found is None else str(found["properties"]["provisioningState"])


def test_a_cluster_is_asked_for_and_found_on_its_way(world: Emulated, clusters: Clusters) -> None:
    """Creation answers at once, and one GET each time tells how far Azure is."""
    world.azure.state.stick_next_operation(CLUSTER)
    before = state(clusters, world)
    created = clusters.create(world.group, "de", BODY)
    meanwhile = clusters.find(world.group, "de")
    assert meanwhile is not None

    world.release(meanwhile["id"])

    assert (before, created) == ("absent", True)
    assert meanwhile["properties"]["provisioningState"] == "Creating"
    assert meanwhile["tags"] == {"a": "b"}
    assert state(clusters, world) == "Succeeded"


def test_nothing_asks_for_the_operation(world: Emulated, clusters: Clusters) -> None:
    """No poller thread runs: after the PUT there is silence, so a crash loses nothing."""
    clusters.create(world.group, "de", BODY)
    until(lambda: state(clusters, world), lambda seen: seen == "Succeeded")

    assert not [entry for entry in world.journal.of("arm") if "operation" in entry.path.lower()]


def test_of_two_that_create_at_once_one_is_told_that_it_was_late(
    world: Emulated, clusters: Clusters
) -> None:
    """``If-None-Match: *`` makes Azure itself the judge."""
    world.azure.state.stick_next_operation(CLUSTER)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(clusters.create, world.group, "de", BODY) for _ in range(2)]
        answers = [one.result() for one in asked]

    assert sorted(answers) == [False, True]


def test_a_failed_cluster_is_asked_for_again(world: Emulated, clusters: Clusters) -> None:
    """Its reason stands in the resource; a PUT repairs it unless somebody was quicker."""
    world.azure.state.fail_next_operation(CLUSTER, "AllocationFailed", "No capacity.")
    clusters.create(world.group, "de", BODY)
    until(lambda: state(clusters, world), lambda seen: seen == "Failed")
    failed = clusters.find(world.group, "de")
    assert failed is not None

    stale = clusters.repair(world.group, "de", BODY, "stale")
    repaired = clusters.repair(world.group, "de", BODY, failed["eTag"])

    assert (stale, repaired) == (False, True)
    assert failed["properties"]["status"]["provisioningError"]["code"] == "AllocationFailed"
    until(lambda: state(clusters, world), lambda seen: seen == "Succeeded")


def test_a_cluster_is_deleted_and_once_more_is_no_error(
    world: Emulated, clusters: Clusters
) -> None:
    """What is gone needs no deletion."""
    clusters.create(world.group, "de", BODY)
    until(lambda: state(clusters, world), lambda seen: seen == "Succeeded")
    clusters.delete(world.group, "de")
    until(lambda: state(clusters, world), lambda seen: seen == "absent")

    clusters.delete(world.group, "de")


def test_the_user_credential_is_a_kubeconfig(world: Emulated, clusters: Clusters) -> None:
    """The user's, which the vendor's own role may read; never the administrator's."""
    clusters.create(world.group, "de", BODY)
    until(lambda: state(clusters, world), lambda seen: seen == "Succeeded")

    kubeconfig = clusters.kubeconfig(world.group, "de")

    assert b"apiVersion" in kubeconfig
    asked = [entry.path for entry in world.journal.of("arm", "POST")]
    assert len(asked) == 1
    assert "listClusterUserCredential" in asked[0]


def test_without_a_cluster_there_is_no_credential(world: Emulated, clusters: Clusters) -> None:
    """A refusal: waiting would not bring the cluster back."""
    with pytest.raises(Refusal) as refused:
        clusters.kubeconfig(world.group, "de")

    assert refused.value.code == "cluster-missing"


def test_versions_of_a_region_are_listed_with_their_patches(clusters: Clusters) -> None:
    """With the region's default marked, and the plans that support each."""
    versions = clusters.versions("eastus")

    assert [v["version"] for v in versions if v.get("isDefault")] == ["1.35"]
    assert all(v["patchVersions"] and v["capabilities"]["supportPlan"] for v in versions)
