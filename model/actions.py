"""The ARM actions that a plan needs, whether they are granted, and the roles that grant them.

Actions: https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDefinition:
    """A role to publish, or a built-in one.

    Attributes:
        scope: Where to assign it, for people.
        built_in: Its id; empty for a custom role.
        actions: Of a built-in role, those that an installation needs of it.
    """

    name: str
    scope: str
    actions: tuple[str, ...]
    built_in: str = ""


_CLUSTER = "Microsoft.ContainerService/managedClusters"
_GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"
_NETWORKS = "Microsoft.Network/virtualNetworks"
_ZONES = "Microsoft.Network/dnsZones"

MINIMUM = RoleDefinition(
    name="install-dash-enterprise",
    scope="the resource group, or the subscription where the group does not exist yet",
    actions=(
        f"{_GROUPS}/read",
        f"{_GROUPS}/write",
        f"{_GROUPS}/delete",
        f"{_CLUSTER}/read",
        f"{_CLUSTER}/write",
        f"{_CLUSTER}/agentPools/read",
        f"{_CLUSTER}/agentPools/write",
        f"{_CLUSTER}/listClusterUserCredential/action",
    ),
)
"""The role of the vendor's own instructions: enough to install into a network that AKS makes, with
manual DNS; checks of quota, size and providers become warnings:
https://dash.plotly.com/dash-enterprise/install-multi-node-aks"""

INSTALLER = RoleDefinition(
    name="Dash Enterprise Installer",
    scope=MINIMUM.scope,
    actions=(
        *MINIMUM.actions,
        f"{_CLUSTER}/delete",
        f"{_GROUPS}/resources/read",
        "Microsoft.Authorization/permissions/read",
    ),
)

CHECKS = RoleDefinition(
    name="Dash Enterprise Installer Checks",
    scope="the subscription",
    actions=(
        "Microsoft.Compute/locations/usages/read",
        "Microsoft.Compute/skus/read",
        "Microsoft.ContainerService/locations/kubernetesVersions/read",
        "Microsoft.Resources/subscriptions/providers/read",
        "Microsoft.Authorization/permissions/read",
    ),
)

NETWORK = RoleDefinition(
    name="Dash Enterprise Installer Network",
    scope="the resource group, or the existing subnet",
    actions=(
        f"{_NETWORKS}/read",
        f"{_NETWORKS}/write",
        f"{_NETWORKS}/delete",
        f"{_NETWORKS}/subnets/read",
        f"{_NETWORKS}/subnets/write",
        f"{_NETWORKS}/subnets/join/action",
        "Microsoft.Authorization/roleAssignments/read",
        "Microsoft.Authorization/roleAssignments/write",
    ),
)

DNS = RoleDefinition(
    name="DNS Zone Contributor",
    scope="each DNS zone (for a search without domain.dns.zoneId: the subscription)",
    built_in="befefa01-2a29-4197-83a8-272ff33ce314",
    actions=(
        f"{_ZONES}/read",
        f"{_ZONES}/A/read",
        f"{_ZONES}/A/write",
        f"{_ZONES}/A/delete",
        f"{_ZONES}/CNAME/read",
        f"{_ZONES}/CNAME/write",
        f"{_ZONES}/CNAME/delete",
    ),
)

ROLES = (MINIMUM, INSTALLER, CHECKS, NETWORK, DNS)

CREATE_GROUP = f"{_GROUPS}/write"
"""Not needed where the customer prepared the group."""

_NEEDED_IN_GROUP = (
    f"{_GROUPS}/read",
    CREATE_GROUP,
    f"{_CLUSTER}/read",
    f"{_CLUSTER}/write",
    f"{_CLUSTER}/listClusterUserCredential/action",
)
_NEEDED_FOR_NETWORK = (
    f"{_NETWORKS}/read",
    f"{_NETWORKS}/write",
    f"{_NETWORKS}/subnets/read",
    f"{_NETWORKS}/subnets/write",
    f"{_NETWORKS}/subnets/join/action",
)
_NEEDED_ON_SUBNET = (f"{_NETWORKS}/subnets/read", f"{_NETWORKS}/subnets/join/action")
_NEEDED_TO_GRANT = (
    "Microsoft.Authorization/roleAssignments/read",
    "Microsoft.Authorization/roleAssignments/write",
)


def group_actions(*, own_network: bool, system_identity: bool) -> tuple[str, ...]:
    """Actions at the resource group's scope."""
    network = _NEEDED_FOR_NETWORK if own_network else ()
    grant = _NEEDED_TO_GRANT if own_network and system_identity else ()
    return (*_NEEDED_IN_GROUP, *network, *grant)


def subscription_actions(*, azure_dns: bool) -> tuple[str, ...]:
    """Actions at the subscription's scope; without them some checks are only warnings."""
    return (*CHECKS.actions[:-1], *((f"{_ZONES}/read",) if azure_dns else ()))


def subnet_actions() -> tuple[str, ...]:
    """Actions at an existing subnet's scope."""
    return _NEEDED_ON_SUBNET


def grant_actions() -> tuple[str, ...]:
    """Actions at an existing subnet's scope that a system-assigned identity makes necessary."""
    return _NEEDED_TO_GRANT


def removal_actions(*, own_group: bool, own_network: bool) -> tuple[str, ...]:
    """Actions at the resource group's scope that a clean-up takes, and an installation does not."""
    if own_group:
        return (f"{_GROUPS}/delete",)
    return (f"{_CLUSTER}/delete", *((f"{_NETWORKS}/delete",) if own_network else ()))


def record_actions(*, overwrite: bool) -> tuple[str, ...]:
    """Actions at a DNS zone's scope."""
    return tuple(a for a in DNS.actions if overwrite or not a.endswith("/delete"))


def role_with(action: str) -> RoleDefinition | None:
    """The role to suggest to who lacks ``action``; None when no role of ours has it."""
    wanted = action.lower()
    return next((r for r in reversed(ROLES) if wanted in map(str.lower, r.actions)), None)


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
