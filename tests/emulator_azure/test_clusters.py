"""AKS: creation and its long-running operation, refusals, quota, pools, credentials."""

import asyncio
import base64
import io
import ssl
import zipfile
from collections.abc import Sequence
from typing import Any, Self

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError
from azure.mgmt.containerservice.aio import ContainerServiceClient as AioContainerServiceClient

from emulator.azure import Azure, NodePool
from emulator.clock import Clock
from emulator.durations import Durations
from emulator.faults import Faults
from emulator.journal import Journal
from tests.emulator_azure.conftest import SPEED, World

CLUSTER = "Microsoft.ContainerService/managedClusters"


def body(**changes: Any) -> dict[str, Any]:
    """A cluster as the installer asks for it; ``pool`` and ``properties`` change parts."""
    pool = {
        "name": "nodepool1",
        "mode": "System",
        "count": 4,
        "vmSize": "Standard_D8ds_v5",
        "availabilityZones": ["1"],
        "maxPods": 110,
    } | changes.pop("pool", {})
    properties = {"dnsPrefix": "de", "agentPoolProfiles": [pool]} | changes.pop("properties", {})
    return {
        "location": "eastus",
        "identity": {"type": "SystemAssigned"},
        "properties": properties,
    } | changes


def begin(world: World, wanted: dict[str, Any] | None = None, name: str = "de") -> Any:
    """Ask for a cluster in group ``install``."""
    world.azure.state.add_group("install")
    clusters = world.clusters.managed_clusters
    return clusters.begin_create_or_update("install", name, wanted or body())


def test_a_cluster_is_creating_then_succeeded(world: World) -> None:
    """201 with an operation URL and no Retry-After; the resource says Creating meanwhile."""
    world.azure.state.stick_next_operation(CLUSTER)
    poller = begin(world)
    clusters = world.clusters.managed_clusters
    first = clusters.get("install", "de")

    world.run(world.azure.state.operations.release(first.id))
    done = poller.result()

    assert first.properties.provisioning_state == "Creating"
    assert done.properties.provisioning_state == "Succeeded"
    assert done.properties.node_resource_group == "MC_install_de_eastus"
    assert done.properties.network_profile.network_plugin_mode == "overlay"
    assert done.properties.fqdn.startswith("de-")
    assert done.identity.principal_id
    assert [e.status for e in world.journal.of("arm", "PUT")] == [201]


def test_the_operation_is_resumed_from_a_token_in_another_process(world: World) -> None:
    """A continuation token is enough to poll once, as durable activities do."""

    async def install() -> list[bool]:
        credential: Any = _AioToken(world.azure.token())
        made: Any = AioContainerServiceClient(credential, world.subscription_id, **world.settings)
        async with made as client:
            clusters = client.managed_clusters
            poller = await clusters.begin_create_or_update("install", "de", body())
            token = poller.continuation_token()
            seen: list[bool] = []
            async with asyncio.timeout(10):
                while True:
                    again = await clusters.begin_create_or_update(
                        "", "", {}, continuation_token=token
                    )
                    method = again.polling_method()
                    await method.update_status()
                    seen.append(method.finished())
                    if seen[-1]:
                        return seen

    world.azure.state.add_group("install")
    assert asyncio.run(install())[-1]


class _AioToken:
    def __init__(self, token: str) -> None:
        self._token = token

    async def get_token(self, *_scopes: str, **_options: Any) -> Any:
        from azure.core.credentials import AccessToken  # one use

        return AccessToken(self._token, 2**40)

    async def close(self) -> None:
        """Nothing is open."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Nothing is open."""


def test_a_late_failure_is_in_the_operation_and_in_the_cluster(world: World) -> None:
    """The PUT was accepted; the reason comes later, in two places."""
    world.azure.state.fail_next_operation(CLUSTER, "AllocationFailed", "No capacity in zone 1.")

    with pytest.raises(HttpResponseError) as failed:
        begin(world).result()

    assert failed.value.error is not None
    assert failed.value.error.code == "AllocationFailed"
    cluster = world.clusters.managed_clusters.get("install", "de")
    assert cluster.properties.provisioning_state == "Failed"
    assert cluster.properties.status.provisioning_error.message == "No capacity in zone 1."


def test_a_lost_operation_leaves_the_cluster_to_ask(world: World) -> None:
    """The URL answers 404 while the work goes on."""
    world.azure.state.lose_next_operation(CLUSTER)
    world.azure.state.stick_next_operation(CLUSTER)

    with pytest.raises(HttpResponseError) as lost:
        begin(world).result()

    assert lost.value.status_code == 404
    cluster = world.clusters.managed_clusters.get("install", "de")
    assert cluster.properties.provisioning_state in ("Creating", "Succeeded")


def test_a_busy_cluster_takes_no_second_put(world: World) -> None:
    """409 OperationNotAllowed, in AKS's flat shape, names the running operation."""
    world.azure.state.stick_next_operation(CLUSTER)
    begin(world)
    path = f"resourceGroups/install/providers/{CLUSTER}/de"

    status, answer = world.send("PUT", path, "2026-08-01", body())

    assert status == 409
    assert answer["code"] == "OperationNotAllowed"
    assert "(Creating) is in progress" in answer["message"]


def test_create_only_refuses_an_existing_cluster(world: World) -> None:
    """If-None-Match: * is honoured."""
    world.azure.state.add_cluster("de", "install")

    with pytest.raises(ResourceExistsError):
        world.clusters.managed_clusters.begin_create_or_update(
            "install", "de", body(), etag="*", match_condition=MatchConditions.IfMissing
        )


def test_a_secret_is_never_given_back(world: World) -> None:
    """The principal's secret goes in and not out."""
    principal = {"servicePrincipalProfile": {"clientId": "4444", "secret": "hush-hush"}}
    wanted = body(properties=body()["properties"] | principal)
    del wanted["identity"]

    begin(world, wanted).result()
    status, shown = world.send(
        "GET", f"resourceGroups/install/providers/{CLUSTER}/de", "2026-08-01"
    )

    assert status == 200
    assert shown["properties"]["servicePrincipalProfile"] == {"clientId": "4444"}
    assert "hush-hush" not in str(shown)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        pytest.param(body(colour="red"), "BadRequest", id="unknown-member"),
        pytest.param(body(pool={"enableFips": True}), "BadRequest", id="wrong-casing"),
        pytest.param(body(pool={"count": "four"}), "BadRequest", id="wrong-type"),
        pytest.param(body(pool={"osType": "Plan9"}), "BadRequest", id="unknown-value"),
        pytest.param(body(pool={"name": "NodePool"}), "InvalidParameter", id="pool-name"),
        pytest.param(body(pool={"maxPods": 9}), "InvalidParameter", id="max-pods"),
        pytest.param(body(pool={"mode": "User"}), "MustDefineAtLeastOneSystemPool", id="no-system"),
        pytest.param(body(pool={"vmSize": "Standard_Z9"}), "BadRequest", id="unknown-size"),
        pytest.param(
            body(pool={"availabilityZones": ["4"]}), "AvailabilityZoneNotSupported", id="zone"
        ),
        pytest.param(
            body(location="westus"), "AvailabilityZoneNotSupported", id="region-without-zones"
        ),
        pytest.param(body(location="moon"), "LocationNotAvailableForResourceType", id="region"),
        pytest.param(
            body(properties=body()["properties"] | {"kubernetesVersion": "1.20"}),
            "K8sVersionNotSupported",
            id="old-version",
        ),
        pytest.param(
            body(properties=body()["properties"] | {"kubernetesVersion": "1.33"}),
            "K8sVersionNotSupported",
            id="long-term-only",
        ),
        pytest.param(
            body(properties=body()["properties"] | {"dnsPrefix": "-x"}),
            "DnsPrefixInvalid",
            id="dns-prefix",
        ),
        pytest.param(
            body(pool={"count": 13}), "ErrCode_InsufficientVCPUQuota", id="thirteen-nodes-of-eight"
        ),
    ],
)
def test_a_wrong_cluster_is_refused_at_once(
    world: World, wanted: dict[str, Any], code: str
) -> None:
    """400 before anything exists."""
    with pytest.raises(HttpResponseError) as refused:
        begin(world, wanted)

    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert refused.value.error.code == code
    assert not list(world.clusters.managed_clusters.list())


@pytest.mark.parametrize(
    ("network", "code"),
    [
        pytest.param(
            {"serviceCidr": "10.244.0.0/16", "dnsServiceIP": "10.244.0.10"},
            "ServiceCidrOverlapPodCidr",
            id="service-in-pods",
        ),
        pytest.param({"dnsServiceIP": "10.9.0.10"}, "InvalidParameter", id="dns-outside-services"),
        pytest.param(
            {"serviceCidr": "172.30.0.0/16", "dnsServiceIP": "172.30.0.10"},
            "InvalidParameter",
            id="reserved-range",
        ),
        pytest.param({"serviceCidr": "10.0.0.0/33"}, "InvalidParameter", id="no-range"),
        pytest.param(
            {"outboundType": "userDefinedRouting"},
            "InvalidOutboundType",
            id="routing-without-subnet",
        ),
        pytest.param(
            {"networkPlugin": "kubenet", "networkPolicy": "azure"}, "InvalidParameter", id="policy"
        ),
    ],
)
def test_address_ranges_are_checked(world: World, network: dict[str, str], code: str) -> None:
    """Ranges must be ranges, must not overlap, and fit the outbound type."""
    wanted = body(properties=body()["properties"] | {"networkProfile": network})

    with pytest.raises(HttpResponseError) as refused:
        begin(world, wanted)

    assert refused.value.error is not None
    assert refused.value.error.code == code


@pytest.mark.parametrize(
    ("prefix", "subnet", "network", "code"),
    [
        pytest.param("10.1.0.0/20", "nodes", {}, None, id="fits"),
        pytest.param("10.1.0.0/20", "none", {}, "SubnetNotFound", id="no-such-subnet"),
        pytest.param(
            "10.1.0.0/24",
            "nodes",
            {"networkPlugin": "azure"},
            "InsufficientSubnetSize",
            id="too-small-for-pods",
        ),
        pytest.param(
            "10.1.0.0/20",
            "nodes",
            {"serviceCidr": "10.1.0.0/16", "dnsServiceIP": "10.1.0.10"},
            "ServiceCidrOverlapExistingSubnetsCidr",
            id="services-in-the-subnet",
        ),
    ],
)
def test_an_own_subnet_is_checked(
    world: World, prefix: str, subnet: str, network: dict[str, str], code: str | None
) -> None:
    """The subnet exists, has room and does not overlap the services."""
    net = world.azure.state.add_vnet(
        "net", "install", address_space=["10.1.0.0/16"], subnets={"nodes": prefix}
    )
    wanted = body(pool={"vnetSubnetID": f"{net.resource_id}/subnets/{subnet}"})
    wanted["properties"]["networkProfile"] = network

    if code is None:
        assert begin(world, wanted).result().properties.provisioning_state == "Succeeded"
        return
    with pytest.raises(HttpResponseError) as refused:
        begin(world, wanted)
    assert refused.value.error is not None
    assert refused.value.error.code == code


def test_quota_is_used_and_given_back(world: World) -> None:
    """A cluster counts against its family and the region until it is gone."""
    state = world.azure.state
    state.set_quota("eastus", "standardDDSv5Family", limit=64, used=8)

    def used() -> tuple[int, int]:
        rows = {u.name.value: u for u in world.compute.usage.list("eastus")}
        return rows["standardDDSv5Family"].current_value, rows["cores"].current_value

    begin(world).result()
    full = used()
    with pytest.raises(HttpResponseError) as refused:
        begin(world, name="second")
    world.clusters.managed_clusters.begin_delete("install", "de").result()

    assert full == (40, 40)
    assert "remaining 24 for family standardDDSv5Family" in str(refused.value)
    assert used() == (8, 8)


def test_restrictions_forbid_sizes_and_zones(world: World) -> None:
    """What the SKU list forbids, a PUT refuses."""
    state = world.azure.state
    state.restrict_sku("Standard_D8ds_v5", "eastus", zones=["1"])
    with pytest.raises(HttpResponseError) as zone:
        begin(world)
    state.restrict_sku("Standard_D8ds_v5", "eastus")
    with pytest.raises(HttpResponseError) as size:
        begin(world)

    assert "The supported zones for location 'eastus' are '2,3'" in str(zone.value)
    assert "The VM size of Standard_D8ds_v5 is not allowed" in str(size.value)


def test_pools_are_added_scaled_and_removed(world: World) -> None:
    """Each change is an operation of the whole cluster."""
    begin(world).result()
    pools = world.clusters.agent_pools
    wanted = {"properties": {"count": 1, "vmSize": "Standard_D4ds_v5", "mode": "User"}}

    added = pools.begin_create_or_update("install", "de", "extra", wanted).result()
    wanted["properties"]["count"] = 2
    scaled = pools.begin_create_or_update("install", "de", "extra", wanted).result()
    names = [p.name for p in pools.list("install", "de")]
    pools.begin_delete("install", "de", "extra").result()

    assert (added.properties.count, scaled.properties.count) == (1, 2)
    assert names == ["nodepool1", "extra"]
    assert [p.name for p in pools.list("install", "de")] == ["nodepool1"]


def test_the_last_system_pool_stays(world: World) -> None:
    """A cluster needs a system pool."""
    begin(world).result()

    with pytest.raises(HttpResponseError) as refused:
        world.clusters.agent_pools.begin_delete("install", "de", "nodepool1")

    assert refused.value.status_code == 400


def test_an_update_keeps_what_it_does_not_name(world: World) -> None:
    """Tags change, the address does not; fixed properties cannot change."""
    made = begin(world).result()

    changed = begin(world, body(tags={"a": "b"}, pool={"count": 5})).result()
    with pytest.raises(HttpResponseError) as refused:
        begin(world, body(properties=body()["properties"] | {"dnsPrefix": "other"}))

    assert changed.tags == {"a": "b"}
    assert changed.properties.agent_pool_profiles[0].count == 5
    assert changed.properties.fqdn == made.properties.fqdn
    assert "Changing property 'properties.dnsPrefix' is not allowed" in str(refused.value)


def test_credentials_depend_on_how_people_sign_in(world: World) -> None:
    """With Entra ID the user's file holds no credential; without local accounts nobody's does."""
    entra = {"aadProfile": {"managed": True}, "disableLocalAccounts": True}
    begin(world, body(properties=body()["properties"] | entra)).result()
    begin(world, name="plain").result()
    clusters = world.clusters.managed_clusters

    plain = clusters.list_cluster_user_credentials("install", "plain").kubeconfigs[0]
    user = clusters.list_cluster_user_credentials("install", "de", format="exec").kubeconfigs[0]
    with pytest.raises(HttpResponseError) as refused:
        clusters.list_cluster_admin_credentials("install", "de")

    assert plain.name == "clusterUser"
    assert b"token:" in plain.value
    assert b"kubelogin" in user.value
    assert b"token:" not in user.value
    assert "Getting static credential is not allowed" in str(refused.value)


def test_a_command_runs_with_the_clusters_kubeconfig(world: World) -> None:
    """Private clusters are reached by runCommand: output and exit code come back."""
    begin(world).result()
    command = {"command": 'grep -c current-context "$KUBECONFIG"; exit 3'}

    done = world.clusters.managed_clusters.begin_run_command("install", "de", command).result()

    assert (done.properties.exit_code, done.properties.logs) == (3, "1\n")


def test_files_come_with_a_command_as_the_cli_packs_them(world: World) -> None:
    """The CLI's base64 has a line break every 76 characters."""
    begin(world).result()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("said.txt", "hello")
    context = base64.encodebytes(packed.getvalue()).decode()

    done = world.clusters.managed_clusters.begin_run_command(
        "install", "de", {"command": "cat said.txt", "context": context}
    ).result()

    assert (done.properties.exit_code, done.properties.logs) == (0, "hello")


def test_deletion_takes_the_node_group_along_and_is_idempotent(world: World) -> None:
    """A second DELETE answers 204."""
    begin(world).result()
    groups = world.groups.resource_groups
    clusters = world.clusters.managed_clusters
    before = groups.check_existence("MC_install_de_eastus")

    clusters.begin_delete("install", "de").result()
    clusters.begin_delete("install", "de").result()

    assert before
    assert not groups.check_existence("MC_install_de_eastus")
    assert [e.status for e in world.journal.of("arm", "DELETE")] == [202, 204]


def test_versions_name_a_default_and_long_term_support(world: World) -> None:
    """Old minors are offered with long-term support only."""
    listed = world.clusters.managed_clusters.list_kubernetes_versions("eastus")
    rows = {v.version: v for v in listed.values_property}

    assert [v.version for v in rows.values() if v.is_default] == ["1.35"]
    assert rows["1.33"].capabilities.support_plan == ["AKSLongTermSupport"]
    assert "1.36.3" in rows["1.36"].patch_versions


class _Nodes:
    """A cluster API that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, list[tuple[str, int, tuple[str, ...]]]]] = []

    def _note(self, verb: str, cluster_id: str, pools: Sequence[NodePool]) -> None:
        name = cluster_id.rpartition("/")[2]
        self.asked.append((verb, name, [(p.name, p.count, p.zones) for p in pools]))

    async def create(
        self, cluster_id: str, node_pools: Sequence[NodePool], kubernetes_version: str
    ) -> bytes:
        """Answer at once."""
        self._note(f"create {kubernetes_version}", cluster_id, node_pools)
        return b"apiVersion: v1\nkind: Config\nclusters: []\nusers: []\n"

    async def scale(self, cluster_id: str, node_pools: Sequence[NodePool]) -> None:
        """Only note it."""
        self._note("scale", cluster_id, node_pools)

    async def delete(self, cluster_id: str) -> None:
        """Only note it."""
        self._note("delete", cluster_id, [])


def test_the_api_server_lives_and_dies_with_the_cluster(tls: ssl.SSLContext, world: World) -> None:
    """It starts with the creation, gets nodes at its end, and goes with the group."""
    nodes = _Nodes()
    azure = Azure(
        clock=Clock(SPEED),
        durations=Durations(),
        faults=Faults(),
        journal=Journal(),
        tls=tls,
        cluster_api=nodes,
    )
    world.run(azure.start())
    try:
        other = World(azure, world.ca_file, Faults(), Journal(), world.loop, _Token(azure.token()))
        begin(other).result()
        clusters = other.clusters.managed_clusters
        kubeconfig = clusters.list_cluster_user_credentials("install", "de").kubeconfigs[0].value
        other.groups.resource_groups.begin_delete("install").result()
        for client in other.clients:
            client.close()
    finally:
        world.run(azure.stop())

    assert kubeconfig.startswith(b"apiVersion: v1")
    assert nodes.asked == [
        ("create 1.35.4", "de", []),
        ("scale", "de", [("nodepool1", 4, ("1",))]),
        ("delete", "de", []),
    ]


class _Token:
    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_options: Any) -> Any:
        from azure.core.credentials import AccessToken  # one use

        return AccessToken(self._token, 2**40)
