"""The ARM actions that a plan needs, and whether they are granted.

Actions per step: https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
"""

import re
from collections.abc import Iterable

_GROUP = (
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Resources/subscriptions/resourceGroups/write",
    "Microsoft.ContainerService/managedClusters/read",
    "Microsoft.ContainerService/managedClusters/write",
    "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
)
_NETWORK = (
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Network/virtualNetworks/write",
    "Microsoft.Network/virtualNetworks/subnets/read",
    "Microsoft.Network/virtualNetworks/subnets/write",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
)
_SUBNET_ROLE = (
    "Microsoft.Authorization/roleAssignments/read",
    "Microsoft.Authorization/roleAssignments/write",
)
_SUBSCRIPTION = (
    "Microsoft.Compute/locations/usages/read",
    "Microsoft.Compute/skus/read",
    "Microsoft.Resources/subscriptions/providers/read",
)
_DNS = ("Microsoft.Network/dnsZones/read",)


def group_actions(*, own_network: bool, system_identity: bool) -> tuple[str, ...]:
    """Actions at the resource group's scope."""
    roles = _SUBNET_ROLE if own_network and system_identity else ()
    return (*_GROUP, *(_NETWORK if own_network else ()), *roles)


def subscription_actions(*, azure_dns: bool) -> tuple[str, ...]:
    """Actions at the subscription's scope; without them some checks are only warnings."""
    return (*_SUBSCRIPTION, *(_DNS if azure_dns else ()))


def granted(action: str, actions: Iterable[str], not_actions: Iterable[str]) -> bool:
    """Whether one permission grants an action; case is no matter, ``*`` matches all."""
    return any(_matches(action, p) for p in actions) and not any(
        _matches(action, p) for p in not_actions
    )


def _matches(action: str, pattern: str) -> bool:
    expression = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(expression, action, re.IGNORECASE) is not None
