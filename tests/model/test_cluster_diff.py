"""Whether a cluster that is there is the one that was asked for."""

import copy
from typing import Any

import pytest

from model.cluster_diff import differences

IDENTITY = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/i"
WANTED: dict[str, Any] = {
    "identity": {"type": "SystemAssigned"},
    "sku": {"name": "Base", "tier": "Standard"},
    "properties": {
        "kubernetesVersion": "1.35",
        "dnsPrefix": "one",
        "agentPoolProfiles": [
            {
                "name": "nodepool1",
                "count": 4,
                "vmSize": "Standard_D8ds_v5",
                "availabilityZones": ["1"],
                "maxPods": 110,
                "vnetSubnetID": "/subscriptions/s/resourceGroups/rg/subnets/nodes",
                "orchestratorVersion": "1.35",
            }
        ],
        "networkProfile": {"networkPlugin": "azure", "podCidr": "10.244.0.0/16"},
        "apiServerAccessProfile": {"authorizedIPRanges": ["203.0.113.7", "198.51.100.0/24"]},
        "disableLocalAccounts": False,
    },
}


def found(**properties: Any) -> dict[str, Any]:
    """The wanted cluster as Azure shows it, with its own fields, and some of them changed."""
    cluster = copy.deepcopy(WANTED)
    cluster |= {"id": "/subscriptions/s/…", "location": "eastus", "tags": {"a": "b"}}
    cluster["identity"]["principalId"] = "p"
    shown: dict[str, Any] = cluster["properties"]
    shown |= {"provisioningState": "Succeeded", "fqdn": "one.hcp", "maxAgentPools": 100}
    shown["agentPoolProfiles"][0]["osDiskSizeGB"] = 128
    del shown["disableLocalAccounts"]
    for path, value in properties.items():
        *parents, last = path.split("__")
        place = shown
        for parent in parents:  # of a list the first is meant: there is one pool
            place = place[parent][0] if parent == "agentPoolProfiles" else place[parent]
        place[last] = value
    return cluster


def test_what_azure_fills_in_is_no_difference() -> None:
    """The found cluster has many fields more, and leaves out what is off."""
    assert differences(WANTED, found()) == ()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param("agentPoolProfiles__vmSize", "standard_d8ds_v5", id="size-in-small-letters"),
        pytest.param(
            "agentPoolProfiles__vnetSubnetID",
            "/subscriptions/s/resourcegroups/RG/subnets/nodes",
            id="id-in-other-case",
        ),
        pytest.param("networkProfile__networkPlugin", "Azure", id="enum-in-capitals"),
        pytest.param("dnsPrefix", "another", id="set-once"),
        pytest.param("agentPoolProfiles__orchestratorVersion", "1.34.1", id="told-twice"),
        pytest.param("kubernetesVersion", "1.35.4", id="patch-of-the-minor"),
        pytest.param("kubernetesVersion", "1.36.1", id="upgraded-since"),
        pytest.param(
            "apiServerAccessProfile__authorizedIPRanges",
            ["198.51.100.0/24", "203.0.113.7/32"],
            id="ranges-in-other-order-and-form",
        ),
    ],
)
def test_other_ways_to_say_the_same_are_no_difference(path: str, value: Any) -> None:
    """Azure changes case, order and form of what it was given."""
    assert differences(WANTED, found(**{path: value})) == ()


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        pytest.param(
            "agentPoolProfiles__count",
            3,
            "properties.agentPoolProfiles.nodepool1.count: 3, not 4",
            id="count",
        ),
        pytest.param(
            "agentPoolProfiles__availabilityZones",
            ["2"],
            "properties.agentPoolProfiles.nodepool1.availabilityZones: 2, not 1",
            id="zone",
        ),
        pytest.param(
            "agentPoolProfiles__availabilityZones",
            None,
            "properties.agentPoolProfiles.nodepool1.availabilityZones: none, not 1",
            id="no-zone",
        ),
        pytest.param(
            "kubernetesVersion",
            "1.34.9",
            "properties.kubernetesVersion: 1.34.9, not 1.35",
            id="old",
        ),
        pytest.param(
            "networkProfile__podCidr",
            None,
            "properties.networkProfile.podCidr: absent, not 10.244.0.0/16",
            id="absent",
        ),
        pytest.param(
            "disableLocalAccounts",
            True,
            "properties.disableLocalAccounts: True, not False",
            id="on-instead-of-off",
        ),
        pytest.param(
            "agentPoolProfiles", [], "properties.agentPoolProfiles.nodepool1: absent", id="p"
        ),
    ],
)
def test_a_difference_is_told_with_its_path(path: str, value: Any, told: str) -> None:
    """What is there comes first, then what was asked for."""
    assert differences(WANTED, found(**{path: value})) == (told,)


def test_a_full_version_is_at_least_its_patch() -> None:
    """Numbers are compared as numbers: patch 10 is newer than patch 9."""
    wanted = {"kubernetesVersion": "1.35.9"}

    assert differences(wanted, {"kubernetesVersion": "1.35.10"}) == ()
    assert differences(wanted, {"kubernetesVersion": "1.35.4"}) != ()


def test_the_autoscaler_decides_about_the_count() -> None:
    """Its bounds are compared, the momentary count is not."""
    pool = {"name": "p", "enableAutoScaling": True, "minCount": 3, "maxCount": 9, "count": 4}
    wanted = {"agentPoolProfiles": [pool]}

    assert differences(wanted, {"agentPoolProfiles": [pool | {"count": 7}]}) == ()
    assert differences(wanted, {"agentPoolProfiles": [pool | {"maxCount": 5}]}) != ()


def test_an_identity_is_known_by_its_id_without_case() -> None:
    """Azure writes ``resourcegroups``; another identity, or none, is a difference."""
    nothing: dict[str, Any] = {}
    wanted = {"userAssignedIdentities": {IDENTITY: nothing}}
    same = {"userAssignedIdentities": {IDENTITY.lower(): {"clientId": "c"}}}

    assert differences(wanted, same) == ()
    assert differences(wanted, {}) == (f"userAssignedIdentities.{IDENTITY}: absent",)
