"""Rights that a request needs on other resources than its own."""

from collections.abc import Callable

from emulator.azure.calls import Call, JsonObject, member, rows
from emulator.azure.rbac import Rbac, not_linked, scope_of

_JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"
_JOIN_ADDRESS = "Microsoft.Network/publicIPAddresses/join/action"
_JOIN_PREFIX = "Microsoft.Network/publicIPPrefixes/join/action"
_ASSIGN = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
_WRITE = "Microsoft.ContainerService/managedClusters/write"


class LinkedAccess:
    """Checks what ARM calls linked scopes; allows everything where RBAC is off."""

    def __init__(self, rbac: Callable[[], Rbac | None]) -> None:
        self._rbac = rbac

    def check_cluster(self, call: Call) -> None:
        """Whether the caller may join subnets and addresses and assign identities of a body.

        Raises:
            ArmError: 403.
        """
        properties: JsonObject = member(call.body, "properties")
        self.check_pools(call, rows(properties, "agentPoolProfiles"))
        access = member(properties, "apiServerAccessProfile")
        if access.get("subnetId"):
            self._check(call, _WRITE, _JOIN, access["subnetId"])
        self._check_outbound(call, member(properties, "networkProfile"))
        identity: JsonObject = member(call.body, "identity")
        for resource_id in member(identity, "userAssignedIdentities"):
            self._check(call, _WRITE, _ASSIGN, resource_id)

    def check_pools(self, call: Call, pools: list[JsonObject]) -> None:
        """Whether the caller may join the subnets of these pools.

        Raises:
            ArmError: 403.
        """
        for pool in pools:
            for where in ("vnetSubnetID", "podSubnetID"):
                if pool.get(where):
                    self._check(call, _WRITE, _JOIN, pool[where])

    def _check_outbound(self, call: Call, profile: JsonObject) -> None:
        balancer: JsonObject = member(profile, "loadBalancerProfile")
        for address in rows(member(balancer, "outboundIPs"), "publicIPs"):
            self._check(call, _WRITE, _JOIN_ADDRESS, address["id"])
        for prefix in rows(member(balancer, "outboundIPPrefixes"), "publicIPPrefixes"):
            self._check(call, _WRITE, _JOIN_PREFIX, prefix["id"])

    def _check(self, call: Call, action: str, linked: str, target: str) -> None:
        rbac = self._rbac()
        if rbac is not None and not rbac.allows(call.caller.object_id, linked, target):
            raise not_linked(call.caller, action, scope_of(call.path), linked, target)
