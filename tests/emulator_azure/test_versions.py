"""Which Kubernetes versions a cluster and its pools may go to."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from tests.emulator_azure.conftest import World
from tests.emulator_azure.test_clusters import begin, body


def _at(version: str, pool: str = "") -> dict[str, Any]:
    wanted = body(pool={"orchestratorVersion": pool} if pool else {})
    wanted["properties"]["kubernetesVersion"] = version
    return wanted


@pytest.mark.parametrize(
    ("version", "said"),
    [
        pytest.param("1.34.6", "Downgrading Kubernetes version 1.34.7 to 1.34.6", id="patch-back"),
        pytest.param("1.36.1", "Upgrading Kubernetes version 1.34.7 to 1.36.1", id="minor-skipped"),
    ],
)
def test_a_cluster_goes_neither_back_nor_past_a_minor_version(
    world: World, version: str, said: str
) -> None:
    """400, with the versions that it could go to."""
    begin(world, _at("1.34")).result()

    with pytest.raises(HttpResponseError) as refused:
        begin(world, _at(version))

    assert refused.value.status_code == 400
    assert f"{said} is not allowed. Available upgrades: [1.35.4 1.35.3]." in str(refused.value)


def test_the_next_minor_version_is_taken(world: World) -> None:
    """Pools follow where they ask to, and stay behind where they say nothing."""
    begin(world, _at("1.34")).result()

    ahead = begin(world, _at("1.35")).result()
    version_of_pool = ahead.properties.agent_pool_profiles[0].current_orchestrator_version
    whole = begin(world, _at("1.35", pool="1.35.4")).result()

    assert ahead.properties.current_kubernetes_version == "1.35.4"
    assert version_of_pool == "1.34.7"
    assert whole.properties.agent_pool_profiles[0].current_orchestrator_version == "1.35.4"


def test_the_same_minor_version_again_is_no_upgrade(world: World) -> None:
    """A body that names only the minor version keeps the patch that is there."""
    begin(world, _at("1.34.6")).result()

    again = begin(world, _at("1.34")).result()

    assert again.properties.current_kubernetes_version == "1.34.6"


def test_a_pool_is_no_newer_than_its_control_plane(world: World) -> None:
    """Nor does it go back."""
    begin(world, _at("1.34")).result()
    path = "resourceGroups/install/providers/Microsoft.ContainerService/managedClusters/de"

    answers = [
        world.send(
            "PUT",
            f"{path}/agentPools/nodepool1",
            "2026-08-01",
            {"properties": {"orchestratorVersion": version}},
        )
        for version in ("1.35.4", "1.34.6")
    ]

    assert [(status, answer["code"]) for status, answer in answers] == [
        (400, "NodePoolMcVersionIncompatible"),
        (400, "OperationNotAllowed"),
    ]


@pytest.mark.parametrize(("version", "ubuntu"), [("1.34", "2204"), ("1.35", "2404")])
def test_new_versions_run_on_a_new_ubuntu(world: World, version: str, ubuntu: str) -> None:
    """Ubuntu 24.04 is the default from 1.35 on."""
    made = begin(world, _at(version)).result()

    image = made.properties.agent_pool_profiles[0].node_image_version
    assert image.startswith(f"AKSUbuntu-{ubuntu}gen2containerd-")


def test_a_pool_is_offered_versions_up_to_its_control_plane(world: World) -> None:
    """None is offered while it is as new as that."""
    begin(world, _at("1.34")).result()
    pools = world.clusters.agent_pools
    before = pools.get_upgrade_profile("install", "de", "nodepool1")

    begin(world, _at("1.35.3")).result()
    after = pools.get_upgrade_profile("install", "de", "nodepool1")

    assert before.properties.upgrades is None
    assert [u.kubernetes_version for u in after.properties.upgrades] == ["1.35.3"]
