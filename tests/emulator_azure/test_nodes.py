"""What a cluster's pools become: scale sets, addresses and nodes."""

import asyncio
from typing import Any

from emulator.azure import NodePool
from emulator.circumstances import Circumstances
from emulator.clock import Clock
from emulator.kubelet.api_client import ApiClient
from emulator.world import Cloud
from tests.emulator_azure.conftest import World
from tests.emulator_azure.test_clusters import begin, body

_SCALE_SET = "Microsoft.Compute/virtualMachineScaleSets"
_ADDRESS = "Microsoft.Network/publicIPAddresses"
_CLUSTER = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c"
)


def test_the_node_group_stays_as_it_is_when_a_cluster_is_put_again(world: World) -> None:
    """One scale set and one outbound address, the same ones after every change."""
    begin(world).result()
    first = _inside(world)

    begin(world, body(tags={"a": "b"})).result()
    begin(world, body(pool={"count": 5})).result()

    assert _inside(world) == first
    assert [kind for kind, _ in first].count(_SCALE_SET) == 1
    assert [kind for kind, _ in first].count(_ADDRESS) == 1


def test_a_pool_comes_and_goes_with_its_scale_set(world: World) -> None:
    """All of a cluster's scale sets carry the same number."""
    begin(world).result()
    pools = world.clusters.agent_pools
    wanted = {"properties": {"count": 1, "vmSize": "Standard_D4ds_v5", "mode": "User"}}

    pools.begin_create_or_update("install", "de", "extra", wanted).result()
    with_extra = _names(world, _SCALE_SET)
    pools.begin_delete("install", "de", "extra").result()

    number = with_extra[0].removeprefix("aks-nodepool1-")
    assert with_extra == [f"aks-nodepool1-{number}", f"aks-extra-{number}"]
    assert _names(world, _SCALE_SET) == with_extra[:1]


def test_no_address_is_made_where_outbound_traffic_goes_elsewhere(world: World) -> None:
    """A gateway or route table of the customer's own has its own."""
    network = {"outboundType": "none"}
    begin(world, body(properties=body()["properties"] | {"networkProfile": network})).result()

    assert _names(world, _ADDRESS) == []


def _inside(world: World) -> list[tuple[str, str]]:
    groups = world.groups
    return [
        (r.type, r.name) for r in groups.resources.list_by_resource_group("MC_install_de_eastus")
    ]


def _names(world: World, kind: str) -> list[str]:
    return [name for held, name in _inside(world) if held == kind]


def _pool(**changes: Any) -> NodePool:
    usual: dict[str, Any] = {
        "name": "one",
        "count": 3,
        "vm_size": "Standard_D4ds_v5",
        "max_pods": 30,
        "region": "eastus",
        "scale_set": "aks-one-12345678-vmss",
    }
    return NodePool(**usual | changes)


async def _nodes_after(*changes: NodePool) -> list[list[Any]]:
    """The nodes of a cluster after each of these states of its pool."""
    seen: list[list[Any]] = []
    async with Cloud(Circumstances(clock=Clock(6000.0))) as cloud:
        api = ApiClient(await cloud.clusters.create(_CLUSTER, [], "1.35.4"), "test")
        for pool in changes:
            await cloud.clusters.scale(_CLUSTER, [pool])
            seen.append((await api.get("/api/v1/nodes"))["items"])
        await api.close()
    return seen


def test_nodes_carry_zone_and_region_as_azure_writes_them() -> None:
    """Zones go round; a node without one is in zone 0 of its region."""
    zonal, plain = asyncio.run(_nodes_after(_pool(zones=("1", "3")), _pool()))

    assert [_topology(node) for node in zonal] == [
        ("eastus-1", "eastus"),
        ("eastus-3", "eastus"),
        ("eastus-1", "eastus"),
    ]
    assert {_topology(node) for node in plain} == {("0", "eastus")}
    assert zonal[0]["metadata"]["name"] == "aks-one-12345678-vmss000000"


def _topology(node: Any) -> tuple[str, str]:
    labels = node["metadata"]["labels"]
    return labels["topology.kubernetes.io/zone"], labels["topology.kubernetes.io/region"]


def test_nodes_follow_labels_taints_and_mode_of_their_pool() -> None:
    """Also when the pool changes while its nodes run."""
    before = _pool(count=1, mode="User", labels={"a": "1", "b": "2"}, taints=("k=v:NoSchedule",))
    after = _pool(count=1, mode="System", labels={"a": "3"})

    ((old,), (new,)) = asyncio.run(_nodes_after(before, after))

    mine = {k: old["metadata"]["labels"][k] for k in ("a", "b", "kubernetes.azure.com/mode")}
    assert mine == {"a": "1", "b": "2", "kubernetes.azure.com/mode": "user"}
    assert old["spec"]["taints"] == [{"key": "k", "value": "v", "effect": "NoSchedule"}]
    assert new["metadata"]["labels"]["a"] == "3"
    assert "b" not in new["metadata"]["labels"]
    assert new["metadata"]["labels"]["kubernetes.azure.com/mode"] == "system"
    assert not new["spec"].get("taints")
