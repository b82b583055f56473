"""The node resource group of a managed cluster: what people see there."""

import hashlib
import uuid

from emulator.azure.calls import JsonObject, member
from emulator.azure.resources import Group, Resource
from emulator.azure.state import IDENTITY, State

SCALE_SET = "Microsoft.Compute/virtualMachineScaleSets"
BALANCER = "Microsoft.Network/loadBalancers"
ADDRESS = "Microsoft.Network/publicIPAddresses"


def scale_set(cluster: Resource, pool: str) -> str:
    """Name of a pool's scale set; its number is the cluster's, the same for every pool."""
    digest = hashlib.sha256(cluster.resource_id.lower().encode()).digest()
    return f"aks-{pool}-{int.from_bytes(digest[:8]) % 10**8:08}-vmss"


class NodeGroups:
    """Makes the groups and keeps them as the clusters are."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._resources = state.resources

    def ensure(self, cluster: Resource) -> Group:
        """The node resource group; AKS makes it before anything that goes into it."""
        name = cluster.properties["nodeResourceGroup"]
        existing = self._resources.groups.get((cluster.subscription.lower(), name.lower()))
        return existing or self._resources.put_group(
            Group(
                subscription=cluster.subscription,
                name=name,
                location=cluster.location,
                tags=dict(cluster.tags or {}),
                managed_by=cluster.resource_id,
            )
        )

    async def furnish(self, cluster: Resource) -> None:
        """Add what is missing and remove what is left over."""
        group = self.ensure(cluster)
        pools: list[JsonObject] = cluster.properties["agentPoolProfiles"]
        await self._exactly(
            cluster, group, SCALE_SET, [scale_set(cluster, p["name"]) for p in pools]
        )
        await self._exactly(cluster, group, BALANCER, ["kubernetes"])
        await self._exactly(cluster, group, ADDRESS, self._addresses(cluster, group))
        self._kubelet_identity(cluster, group)

    async def _exactly(self, cluster: Resource, group: Group, kind: str, names: list[str]) -> None:
        held = {r.name: r for r in self._resources.of(kind, group.subscription, group.name)}
        for name in held.keys() - set(names):
            await self._resources.remove(held[name])
        for name in names:
            if name not in held:
                self._put(cluster, group, kind, name)

    def _addresses(self, cluster: Resource, group: Group) -> list[str]:
        """Names of the outbound addresses: those that are there first, new ones as needed."""
        network: JsonObject = member(cluster.properties, "networkProfile")
        if str(network.get("outboundType", "loadBalancer")).lower() != "loadbalancer":
            return []
        balancer: JsonObject = member(network, "loadBalancerProfile")
        if balancer.get("outboundIPs") or balancer.get("outboundIPPrefixes"):
            return []
        wanted: int = member(balancer, "managedOutboundIPs").get("count") or 1
        held = [r.name for r in self._resources.of(ADDRESS, group.subscription, group.name)]
        return [*held, *(str(uuid.uuid4()) for _ in range(wanted))][:wanted]

    def _put(self, cluster: Resource, group: Group, kind: str, name: str) -> Resource:
        return self._resources.put(
            Resource(
                subscription=group.subscription,
                group=group.name,
                kind=kind,
                name=name,
                location=group.location,
                tags=dict(cluster.tags or {}),
                properties={"provisioningState": "Succeeded"},
                created=self._state.clock.now(),
            )
        )

    def _kubelet_identity(self, cluster: Resource, group: Group) -> None:
        name = f"{cluster.name}-agentpool"
        resource = self._resources.look_up(group.subscription, group.name, IDENTITY, name)
        resource = resource or self._put(cluster, group, IDENTITY, name)
        principal = self._state.directory.add_managed_identity(name, resource.resource_id)
        shown = {"clientId": principal.client_id, "objectId": principal.object_id}
        resource.properties |= {"clientId": principal.client_id, "principalId": principal.object_id}
        cluster.properties["identityProfile"] = {
            "kubeletidentity": shown | {"resourceId": resource.resource_id}
        }
