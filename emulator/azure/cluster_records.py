"""The API servers behind managed clusters, and what their nodes are told."""

import asyncio
import base64
import contextlib
import secrets

import yaml

from emulator.azure.arm_error import ArmError, busy
from emulator.azure.calls import JsonObject, member, rows
from emulator.azure.cluster_api import ClusterApi, Kubeconfig, NodePool
from emulator.azure.node_group import NodeGroups, scale_set
from emulator.azure.resources import Resource
from emulator.azure.state import State


def node_pools(cluster: Resource) -> list[NodePool]:
    """The pools of a cluster as its nodes see them."""
    return [
        NodePool(
            name=pool["name"],
            count=pool["count"],
            vm_size=pool["vmSize"],
            max_pods=pool["maxPods"],
            zones=tuple(str(z) for z in pool.get("availabilityZones") or ()),
            region=cluster.location,
            scale_set=scale_set(cluster, pool["name"]),
            mode=pool.get("mode", "System"),
            labels=dict(member(pool, "nodeLabels")),
            taints=tuple(pool.get("nodeTaints") or ()),
        )
        for pool in cluster.properties["agentPoolProfiles"]
    ]


class ClusterRecords:
    """Kubeconfigs and running API servers by cluster."""

    def __init__(self, state: State, api: ClusterApi | None) -> None:
        self._node_groups = NodeGroups(state)
        self._api = api
        self._kubeconfigs: dict[str, Kubeconfig] = {}
        self._starting: dict[str, asyncio.Task[Kubeconfig]] = {}

    def start(self, cluster: Resource, version: str) -> None:
        """Begin to start the API server of a cluster that is being created."""
        self._node_groups.ensure(cluster)
        if self._api is not None:
            self._starting[cluster.resource_id.lower()] = asyncio.create_task(
                self._create(self._api, cluster, version)
            )

    async def _create(self, api: ClusterApi, cluster: Resource, version: str) -> Kubeconfig:
        return await api.create(cluster.resource_id, [], version)

    async def started(self, cluster: Resource) -> None:
        """Wait for the API server and give it its nodes."""
        key = cluster.resource_id.lower()
        if key in self._starting:
            self._kubeconfigs[key] = await self._starting[key]
        await self.scaled(cluster)

    async def scaled(self, cluster: Resource) -> None:
        """Make nodes and node resource group follow the pools."""
        if self._api is not None and cluster.resource_id.lower() in self._starting:
            await self._api.scale(cluster.resource_id, node_pools(cluster))
        await self._node_groups.furnish(cluster)

    async def forget(self, cluster: Resource) -> None:
        """Stop the API server."""
        key = cluster.resource_id.lower()
        starting = self._starting.pop(key, None)
        if starting is not None and not starting.done():
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting
        self._kubeconfigs.pop(key, None)
        if self._api is not None and starting is not None:
            await self._api.delete(cluster.resource_id)

    async def stop(self) -> None:
        """Cancel what is still starting."""
        for task in self._starting.values():
            task.cancel()
        await asyncio.gather(*self._starting.values(), return_exceptions=True)

    def kubeconfig(self, cluster: Resource) -> Kubeconfig:
        """The administrator's kubeconfig.

        Raises:
            ArmError: 409 while the cluster is being created.
        """
        key = cluster.resource_id.lower()
        if key not in self._kubeconfigs:
            if cluster.state == "Creating":
                raise busy("Creating")
            self._kubeconfigs[key] = _made_up(cluster)
        return self._kubeconfigs[key]


def _made_up(cluster: Resource) -> Kubeconfig:
    """A well-formed kubeconfig of a cluster that has no API server."""
    host = cluster.properties.get("fqdn") or cluster.properties.get("privateFQDN", cluster.name)
    user = f"clusterUser_{cluster.group}_{cluster.name}"
    document: JsonObject = {
        "apiVersion": "v1",
        "kind": "Config",
        "preferences": {},
        "clusters": [
            {
                "name": cluster.name,
                "cluster": {
                    "server": f"https://{host}:443",
                    "certificate-authority-data": base64.b64encode(b"none").decode(),
                },
            }
        ],
        "users": [{"name": user, "user": {"token": secrets.token_hex(64)}}],
        "contexts": [{"name": cluster.name, "context": {"cluster": cluster.name, "user": user}}],
        "current-context": cluster.name,
    }
    return yaml.safe_dump(document, sort_keys=False).encode()


def without_credentials(kubeconfig: Kubeconfig, tenant_id: str, *, login: str) -> Kubeconfig:
    """A user's kubeconfig of a cluster with Entra ID: who they are is found out by kubelogin."""
    document: JsonObject = yaml.safe_load(kubeconfig)
    arguments = [
        "get-token", "--environment", "AzurePublicCloud", "--server-id",
        "6dae42f8-4368-4678-94ff-3960e28e3630", "--client-id",
        "80faf920-1908-4b52-b5ef-a8e7bedfc67a", "--tenant-id", tenant_id, "--login", login,
    ]  # fmt: skip # one option per pair
    how: JsonObject = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": arguments,
        "env": None,
        "interactiveMode": "IfAvailable",
        "provideClusterInfo": False,
    }
    for user in rows(document, "users"):
        user["user"] = {"exec": how}
    return yaml.safe_dump(document, sort_keys=False).encode()


def no_static_credential() -> ArmError:
    """Local accounts are disabled."""
    return ArmError(
        400,
        "BadRequest",
        "Getting static credential is not allowed because this cluster is set to disable local "
        "accounts.",
        flat=True,
    )
