"""The ARM actions that a plan needs, whether they are granted, and the roles that grant them.

Actions: https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations.
The roles are published as ``infra/roles``, one file each.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDefinition:
    """A custom role, for one group of steps.

    Attributes:
        file: Its file in ``infra/roles``, without ending.
        scope: What it is assigned on: ``subscription``, ``resourceGroup`` and so on.
    """

    file: str
    name: str
    scope: str
    actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()


_CLUSTER = "Microsoft.ContainerService/managedClusters"
_GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"
_NETWORKS = "Microsoft.Network/virtualNetworks"
_ZONES = "Microsoft.Network/dnsZones"
_WHO = "<object id of the app's identity>"
_PREFIX = "Dash Enterprise Installer"

READ_PERMISSIONS = "Microsoft.Authorization/permissions/read"
CREATE_GROUP = f"{_GROUPS}/write"
"""Not needed where the customer prepared the group."""
JOIN = f"{_NETWORKS}/subnets/join/action"
JOIN_ADDRESS = "Microsoft.Network/publicIPAddresses/join/action"
JOIN_PREFIX = "Microsoft.Network/publicIPPrefixes/join/action"
FIND_ZONES = f"{_ZONES}/read"

CHECKS = RoleDefinition(
    file="checks",
    name=f"{_PREFIX} Checks",
    scope="subscription",
    actions=(
        READ_PERMISSIONS,
        "Microsoft.Compute/locations/usages/read",
        "Microsoft.Compute/skus/read",
        "Microsoft.ContainerService/locations/kubernetesVersions/read",
        "Microsoft.Resources/subscriptions/providers/read",
    ),
)
RESOURCE_GROUP = RoleDefinition(
    file="resource-group",
    name=f"{_PREFIX} Resource Group",
    scope="resourceGroup",
    actions=(
        f"{_GROUPS}/read",
        CREATE_GROUP,
        f"{_GROUPS}/delete",
        f"{_GROUPS}/resources/read",
    ),
)
CLUSTER = RoleDefinition(
    file="cluster",
    name=f"{_PREFIX} Cluster",
    scope="resourceGroup",
    actions=(f"{_CLUSTER}/read", f"{_CLUSTER}/write", f"{_CLUSTER}/delete"),
)
CLUSTER_ACCESS = RoleDefinition(
    file="cluster-access",
    name=f"{_PREFIX} Cluster Access",
    scope="resourceGroup",
    actions=(f"{_CLUSTER}/listClusterUserCredential/action",),
)
NETWORK = RoleDefinition(
    file="network",
    name=f"{_PREFIX} Network",
    scope="resourceGroup",
    actions=(f"{_NETWORKS}/read", f"{_NETWORKS}/write", f"{_NETWORKS}/delete", JOIN),
)
SUBNET = RoleDefinition(
    file="subnet",
    name=f"{_PREFIX} Subnet",
    scope="subnet",
    actions=(f"{_NETWORKS}/subnets/read", JOIN),
)
OUTBOUND_ADDRESSES = RoleDefinition(
    file="outbound-addresses",
    name=f"{_PREFIX} Outbound Addresses",
    scope="resourceGroup",
    actions=(JOIN_ADDRESS, JOIN_PREFIX),
)
SUBNET_GRANT = RoleDefinition(
    file="subnet-grant",
    name=f"{_PREFIX} Subnet Grant",
    scope="subnetOrResourceGroup",
    actions=(
        "Microsoft.Authorization/roleAssignments/read",
        "Microsoft.Authorization/roleAssignments/write",
    ),
)
CLUSTER_IDENTITY = RoleDefinition(
    file="cluster-identity",
    name=f"{_PREFIX} Cluster Identity",
    scope="userAssignedIdentity",
    actions=("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",),
)
DNS_SEARCH = RoleDefinition(
    file="dns-search", name=f"{_PREFIX} DNS Search", scope="subscription", actions=(FIND_ZONES,)
)
DNS_RECORDS = RoleDefinition(
    file="dns-records",
    name=f"{_PREFIX} DNS Records",
    scope="dnsZone",
    actions=(
        FIND_ZONES,
        f"{_ZONES}/A/read",
        f"{_ZONES}/A/write",
        f"{_ZONES}/A/delete",
        f"{_ZONES}/CNAME/read",
        f"{_ZONES}/CNAME/write",
        f"{_ZONES}/CNAME/delete",
    ),
)
VAULT_SECRETS = RoleDefinition(
    file="vault-secrets",
    name=f"{_PREFIX} Vault Secrets",
    scope="keyVault",
    data_actions=("Microsoft.KeyVault/vaults/secrets/getSecret/action",),
)
ROLES = (
    CHECKS,
    RESOURCE_GROUP,
    CLUSTER,
    CLUSTER_ACCESS,
    NETWORK,
    SUBNET,
    OUTBOUND_ADDRESSES,
    SUBNET_GRANT,
    CLUSTER_IDENTITY,
    DNS_SEARCH,
    DNS_RECORDS,
    VAULT_SECRETS,
)
"""What the app needs at most, and no more."""

MINIMUM = RoleDefinition(
    file="seed-minimum",
    name="install-dash-enterprise",
    scope="subscription",
    actions=(
        f"{_GROUPS}/read",
        CREATE_GROUP,
        f"{_GROUPS}/delete",
        f"{_CLUSTER}/read",
        f"{_CLUSTER}/write",
        f"{_CLUSTER}/agentPools/read",
        f"{_CLUSTER}/agentPools/write",
        f"{_CLUSTER}/listClusterUserCredential/action",
    ),
)
"""The role of the vendor's own instructions, for ``azure.minimumRole``: enough to install into a
network that AKS makes, with manual DNS:
https://dash.plotly.com/dash-enterprise/install-multi-node-aks"""

_NEEDED_IN_GROUP = (
    f"{_GROUPS}/read",
    CREATE_GROUP,
    f"{_CLUSTER}/read",
    f"{_CLUSTER}/write",
    *CLUSTER_ACCESS.actions,
)
_NEEDED_FOR_NETWORK = (f"{_NETWORKS}/read", f"{_NETWORKS}/write", JOIN)


def group_actions(*, own_network: bool, system_identity: bool) -> tuple[str, ...]:
    """Actions at the resource group's scope."""
    network = _NEEDED_FOR_NETWORK if own_network else ()
    grant = SUBNET_GRANT.actions if own_network and system_identity else ()
    return (*_NEEDED_IN_GROUP, *network, *grant)


def subscription_actions(*, azure_dns: bool) -> tuple[str, ...]:
    """Actions at the subscription's scope; without them some checks see nothing.

    Args:
        azure_dns: Whether the zone has to be searched for; one that is named needs no search.
    """
    return (*CHECKS.actions, *(DNS_SEARCH.actions if azure_dns else ()))


def subnet_actions() -> tuple[str, ...]:
    """Actions at an existing subnet's scope."""
    return SUBNET.actions


def address_actions(address: str) -> tuple[str, ...]:
    """Actions at the scope of a public address, or a prefix, that the cluster sends from."""
    return (JOIN_PREFIX if "/publicipprefixes/" in address.lower() else JOIN_ADDRESS,)


def grant_actions() -> tuple[str, ...]:
    """Actions at an existing subnet's scope that a system-assigned identity makes necessary."""
    return SUBNET_GRANT.actions


def identity_actions() -> tuple[str, ...]:
    """Actions at the scope of a user-assigned identity that the cluster runs under."""
    return CLUSTER_IDENTITY.actions


def removal_actions(*, own_group: bool, own_network: bool) -> tuple[str, ...]:
    """Actions at the resource group's scope that a clean-up takes, and an installation does not."""
    listing = f"{_GROUPS}/resources/read"
    if own_group:
        return (listing, f"{_GROUPS}/delete")
    network = (f"{_NETWORKS}/delete",) if own_network else ()
    return (listing, f"{_CLUSTER}/delete", *network)


def record_actions(*, overwrite: bool) -> tuple[str, ...]:
    """Actions at a DNS zone's scope."""
    return tuple(a for a in DNS_RECORDS.actions if overwrite or not a.endswith("/delete"))


def role_with(action: str, scope: str) -> RoleDefinition:
    """The role to assign to who lacks ``action`` on such a ``scope``.

    Raises:
        KeyError: No role of ours has it, which no plan's action can meet.
    """
    wanted = action.lower()
    having = [r for r in ROLES if wanted in map(str.lower, (*r.actions, *r.data_actions))]
    fitting = [r for r in having if scope.lower() in r.scope.lower()]
    for role in (*fitting, *having):
        return role
    raise KeyError(action)


def grant_command(role: str, scope: str, who: str) -> str:
    """The Azure CLI's command that assigns a role.

    Args:
        role: Name of a role that ``infra/roles`` defines.
        scope: ARM id.
        who: Object id; empty when it is not known.
    """
    return (
        f"az role assignment create --assignee-object-id {who or _WHO}"
        f' --role "{role}" --scope {scope}'
    )


def missing(
    needed: Iterable[str], held: Iterable[tuple[Iterable[str], Iterable[str]]]
) -> tuple[str, ...]:
    """The needed actions that none of the permissions grants.

    Args:
        needed: Full action names.
        held: Pairs of actions and notActions, as the permissions API lists them.
    """
    grants = [(tuple(actions), tuple(not_actions)) for actions, not_actions in held]
    return tuple(a for a in needed if not any(granted(a, *grant) for grant in grants))


def granted(action: str, actions: Iterable[str], not_actions: Iterable[str]) -> bool:
    """Whether one permission grants an action; without case, ``*`` matches anything."""
    return any(_matches(action, p) for p in actions) and not any(
        _matches(action, p) for p in not_actions
    )


def _matches(action: str, pattern: str) -> bool:
    expression = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(expression, action, re.IGNORECASE) is not None
