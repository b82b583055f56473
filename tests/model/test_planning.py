"""From request to plan: deterministic, complete, small."""

import json
from typing import Any, cast

import pytest

from model import wire
from model.plan import InstallPlan
from model.planning import build_plan, run_id_of
from model.request import InstallRequest, parse_request
from model.settings import Settings
from tests.model.samples import NAMES, sample


def plan_of(request: dict[str, Any], **settings: Any) -> InstallPlan:
    parsed = parse_request(request)
    assert isinstance(parsed, InstallRequest)
    return build_plan(parsed, Settings(**settings), attempt=1, submitted_at="2026-01-02T03:04:05Z")


def reordered(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    known = cast("dict[str, Any]", node)
    return {key: reordered(known[key]) for key in sorted(known, reverse=True)}


@pytest.mark.parametrize("name", NAMES)
def test_the_same_request_gives_the_same_hash_in_any_key_order(name: str) -> None:
    """An approval is bound to what is decided, not to how it was typed."""
    assert plan_of(sample(name)).plan_hash == plan_of(reordered(sample(name))).plan_hash


def test_any_decision_changes_the_hash() -> None:
    """One more node is another plan."""
    assert plan_of(sample()).plan_hash != plan_of(sample(cluster__nodeCount=5)).plan_hash


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_survives_the_wire_and_stays_small(name: str) -> None:
    """It travels in history: 24 KB in all, 8 KB a stage."""
    plan = plan_of(sample(name))
    encoded = wire.encode(plan)

    assert wire.decode(InstallPlan, encoded) == plan
    assert len(json.dumps(encoded)) < 24_000
    assert max(len(json.dumps(part)) for part in encoded.values()) < 8_000


def test_a_run_id_tells_runs_of_one_plan_apart() -> None:
    """The same post gives the same id, a later one another."""
    first = run_id_of("a", "hash", "2026-01-01")

    assert first == run_id_of("a", "hash", "2026-01-01")
    assert first != run_id_of("a", "hash", "2026-01-02")
    assert len(first) == 8


def test_no_secret_value_can_be_in_a_plan_for_it_holds_names_only() -> None:
    """What a plan says about secrets is the vault and five names."""
    secrets = wire.encode(plan_of(sample()).application.secrets)

    assert secrets == sample()["secrets"]


@pytest.mark.parametrize(("offering", "nodes", "pods"), [("standard", 4, 97), ("premium", 10, 140)])
def test_an_offering_gives_nodes_and_core_pods(offering: str, nodes: int, pods: int) -> None:
    """48 and 96 vCPUs of eight-core nodes, two of them spare."""
    plan = plan_of(sample(offering=offering))

    assert (plan.nodes.count, plan.checks.pods_needed) == (nodes, pods)
    assert plan.cluster.body["properties"]["agentPoolProfiles"][0]["count"] == nodes


def test_components_follow_each_other_unless_they_say_otherwise() -> None:
    """Without ``after`` the one before must be done; an empty list waits for none."""
    bare = {"version": "1.0.0", "namespace": "n", "chart": "c", "repository": "https://c.test"}
    components: list[dict[str, Any]] = [
        {"name": "a", **bare},
        {"name": "b", **bare},
        {"name": "c", **bare, "after": []},
        {"name": "d", "version": "1.0.0", "namespace": "n", "manifest": "https://c.test/d.yaml"},
    ]

    planned = plan_of(sample(components=components)).components

    assert [component.after for component in planned] == [(), ("a",), (), ("c",)]
    assert [component.kind for component in planned] == ["chart", "chart", "chart", "manifest"]


def test_the_pace_is_divided_and_deadlines_are_not() -> None:
    """A faster world looks more often and is as patient."""
    usual, quick = plan_of(sample()).pace, plan_of(sample(), pace_divisor="600").pace

    assert quick.longest_look == usual.longest_look / 600
    assert quick.deadlines == usual.deadlines


def test_every_field_of_the_cluster_section_reaches_the_body() -> None:
    """What an Installation Plan sets is in the PUT, under Azure's own names."""
    cluster = {
        "name": "c",
        "kubernetesVersion": "1.36.3",
        "nodeCount": 6,
        "osDisk": {
            "type": "Ephemeral",
            "sizeGb": 128,
            "encryptionSetId": "/subscriptions/s/resourceGroups/g/providers/x",
        },
        "osSku": "AzureLinux",
        "tier": "Premium",
        "supportPlan": "AKSLongTermSupport",
        "identity": {
            "type": "userAssigned",
            "resourceId": "/subscriptions/s/resourceGroups/g/providers/i",
        },
        "directory": {
            "azureRbac": True,
            "adminGroupObjectIds": ["g"],
            "disableLocalAccounts": True,
        },
        "autoscaling": {"minCount": 4, "maxCount": 8},
        "nodeLabels": {"a": "b"},
        "nodeTaints": ["a=b:NoSchedule"],
        "nodeResourceGroup": "nodes",
        "dnsPrefix": "mine",
        "oidcIssuer": True,
        "workloadIdentity": True,
        "encryptionAtHost": True,
        "fips": True,
        "runCommand": False,
        "upgradeChannel": "patch",
        "nodeOsUpgradeChannel": "NodeImage",
        "network": {
            "mode": "flat",
            "outboundIpCount": 2,
            "idleTimeoutMinutes": 10,
            "privateCluster": True,
            "privateDnsZone": "system",
            "disablePublicFqdn": True,
        },
    }

    body = plan_of(sample(cluster=cluster)).cluster.body
    properties, pool = body["properties"], body["properties"]["agentPoolProfiles"][0]

    assert body["identity"]["type"] == "UserAssigned"
    assert body["sku"] == {"name": "Base", "tier": "Premium"}
    assert (pool["osDiskType"], pool["osSKU"], pool["minCount"]) == ("Ephemeral", "AzureLinux", 4)
    assert "networkPluginMode" not in properties["networkProfile"]
    assert properties["networkProfile"]["loadBalancerProfile"]["managedOutboundIPs"]["count"] == 2
    assert properties["apiServerAccessProfile"]["enablePrivateCluster"] is True
    assert properties["aadProfile"]["enableAzureRBAC"] is True
    assert properties["dnsPrefix"] == "mine"


def test_a_managed_nat_gateway_gets_its_own_profile() -> None:
    """Outbound addresses belong to the NAT gateway then."""
    network = {"outboundType": "managedNATGateway", "outboundIpCount": 3}

    profile = plan_of(sample(cluster__network=network)).cluster.body["properties"]["networkProfile"]

    assert profile["natGatewayProfile"]["managedOutboundIPProfile"]["count"] == 3


@pytest.mark.parametrize(("name", "prefix"), [("7even", "a7even-"), ("dash", "dash-")])
def test_a_dns_prefix_begins_with_a_letter(name: str, prefix: str) -> None:
    """As the Azure CLI makes it."""
    properties = plan_of(sample(cluster__name=name)).cluster.body["properties"]

    assert properties["dnsPrefix"].startswith(prefix)
