"""Role-based access control: who may do what, and where.

Source: https://learn.microsoft.com/azure/role-based-access-control/role-definitions
"""

import functools
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role definition; actions may hold ``*``."""

    name: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()
    role_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    built_in: bool = False

    def allows(self, action: str, *, data: bool = False) -> bool:
        """Whether this role alone allows ``action``."""
        given = self.data_actions if data else self.actions
        taken = self.not_data_actions if data else self.not_actions
        return _any_matches(given, action) and not _any_matches(taken, action)


def _built_in(role_id: str, name: str, actions: str, *, without: str = "", data: str = "") -> Role:
    return Role(
        name=name,
        role_id=role_id,
        actions=tuple(actions.split()),
        not_actions=tuple(without.split()),
        data_actions=tuple(data.split()),
        built_in=True,
    )


OWNER = _built_in("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", "*")
CONTRIBUTOR = _built_in(
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Contributor",
    "*",
    without="Microsoft.Authorization/*/Delete Microsoft.Authorization/*/Write "
    "Microsoft.Authorization/elevateAccess/Action",
)
READER = _built_in("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", "*/read")
NETWORK_CONTRIBUTOR = _built_in(
    "4d97b98b-1d4f-4787-a291-c67834d212e7",
    "Network Contributor",
    "Microsoft.Authorization/*/read Microsoft.Network/* "
    "Microsoft.Resources/subscriptions/resourceGroups/read",
)
DNS_ZONE_CONTRIBUTOR = _built_in(
    "befefa01-2a29-4197-83a8-272ff33ce314",
    "DNS Zone Contributor",
    "Microsoft.Authorization/*/read Microsoft.Network/dnsZones/* "
    "Microsoft.Resources/subscriptions/resourceGroups/read",
)
KEY_VAULT_SECRETS_USER = _built_in(
    "4633458b-17de-408a-b874-0445c86b69e6",
    "Key Vault Secrets User",
    "",
    data="Microsoft.KeyVault/vaults/secrets/getSecret/action "
    "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
)
KEY_VAULT_SECRETS_OFFICER = _built_in(
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "Key Vault Secrets Officer",
    "Microsoft.Authorization/*/read Microsoft.KeyVault/vaults/*/read",
    data="Microsoft.KeyVault/vaults/secrets/*",
)
CLUSTER_USER = _built_in(
    "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
    "Azure Kubernetes Service Cluster User Role",
    "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action "
    "Microsoft.ContainerService/managedClusters/read",
)
_COMMON = "Microsoft.Authorization/*/read Microsoft.Resources/subscriptions/resourceGroups/read "
_AKS = "Microsoft.ContainerService/managedClusters"
_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
_FURTHER = (
    _built_in(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        "*/read Microsoft.Authorization/* Microsoft.Support/*",
    ),
    _built_in(
        "f1a07417-d97a-45cb-824c-7a7467783830",
        "Managed Identity Operator",
        f"{_COMMON} {_IDENTITY}/*/read {_IDENTITY}/*/assign/action",
    ),
    _built_in(
        "b12aa53e-6015-4669-85d0-8515ebb3ae7f",
        "Private DNS Zone Contributor",
        f"{_COMMON} Microsoft.Network/privateDnsZones/* "
        "Microsoft.Network/privateDnsOperationResults/* "
        "Microsoft.Network/privateDnsOperationStatuses/* "
        "Microsoft.Network/virtualNetworks/read Microsoft.Network/virtualNetworks/join/action",
    ),
    _built_in(
        "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8",
        "Azure Kubernetes Service Cluster Admin Role",
        f"{_AKS}/listClusterAdminCredential/action {_AKS}/accessProfiles/listCredential/action "
        f"{_AKS}/read {_AKS}/runcommand/action",
    ),
    _built_in(
        "ed7f3fbd-7b88-4dd4-9017-9adb7ce333f8",
        "Azure Kubernetes Service Contributor Role",
        f"{_AKS}/read {_AKS}/write Microsoft.Resources/deployments/*",
    ),
    _built_in(
        "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
        "Azure Kubernetes Service RBAC Cluster Admin",
        f"{_COMMON} {_AKS}/listClusterUserCredential/action",
        data=f"{_AKS}/*",
    ),
    _built_in(
        "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        "AcrPull",
        "Microsoft.ContainerRegistry/registries/pull/read",
    ),
)
BUILT_IN = (
    OWNER,
    CONTRIBUTOR,
    READER,
    NETWORK_CONTRIBUTOR,
    DNS_ZONE_CONTRIBUTOR,
    KEY_VAULT_SECRETS_USER,
    KEY_VAULT_SECRETS_OFFICER,
    CLUSTER_USER,
    *_FURTHER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A role given to a principal at a scope and below."""

    principal_id: str
    role: Role
    scope: str
    assignment_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def covers(self, scope: str) -> bool:
        """Whether ``scope`` is this assignment's scope or below it."""
        mine, theirs = self.scope.rstrip("/").lower(), scope.rstrip("/").lower()
        return theirs == mine or theirs.startswith(f"{mine}/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One decision: whose, about what, where."""

    principal_id: str
    action: str
    scope: str
    data: bool
    allowed: bool


class Rbac:
    """Role definitions and assignments of one tenant.

    Give it to ``Azure.rbac`` to have every route enforce it; without it everyone is Owner.

    Attributes:
        evaluations: Every decision so far, in order: what callers really make use of.
    """

    def __init__(self, assignments: Iterable[Assignment] = (), roles: Iterable[Role] = ()) -> None:
        self.assignments: list[Assignment] = list(assignments)
        self.roles: dict[str, Role] = {role.role_id: role for role in (*BUILT_IN, *roles)}
        self.evaluations: list[Evaluation] = []

    def grant(self, principal_id: str, role: Role, scope: str) -> Assignment:
        """Give ``role`` to the object id ``principal_id`` at ``scope`` (an ARM id) and below."""
        self.roles[role.role_id] = role
        assignment = Assignment(principal_id=principal_id, role=role, scope=scope)
        self.assignments.append(assignment)
        return assignment

    def revoke(self, principal_id: str) -> None:
        """Take everything from a principal."""
        self.assignments = [
            a for a in self.assignments if a.principal_id.lower() != principal_id.lower()
        ]

    def roles_of(self, principal_id: str, scope: str) -> list[Role]:
        """The roles that count at ``scope``."""
        return [
            a.role
            for a in self.assignments
            if a.principal_id.lower() == principal_id.lower() and a.covers(scope)
        ]

    def allows(self, principal_id: str, action: str, scope: str, *, data: bool = False) -> bool:
        """Whether any role of the principal allows ``action`` at ``scope``."""
        allowed = any(r.allows(action, data=data) for r in self.roles_of(principal_id, scope))
        self.evaluations.append(
            Evaluation(
                principal_id=principal_id, action=action, scope=scope, data=data, allowed=allowed
            )
        )
        return allowed


def not_authorized(caller: Caller, action: str, scope: str) -> ArmError:
    """The answer of ARM to a caller whose roles do not allow an action."""
    return ArmError(
        403,
        "AuthorizationFailed",
        f"The client '{caller.client_id}' with object id '{caller.object_id}' does not have "
        f"authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. "
        "If access was recently granted, please refresh your credentials.",
    )


def not_linked(caller: Caller, action: str, scope: str, linked: str, target: str) -> ArmError:
    """The action is allowed, but not one that it needs on another resource."""
    return ArmError(
        403,
        "LinkedAuthorizationFailed",
        f"The client '{caller.client_id}' with object id '{caller.object_id}' has permission to "
        f"perform action '{action}' on scope '{scope}'; however, it does not have permission to "
        f"perform action(s) '{linked}' on the linked scope(s) '{target}' (respectively) or the "
        "linked scope(s) are invalid.",
    )


def scope_of(path: str) -> str:
    """The resource that a request is about: its path without collection or action names."""
    head, provider, tail = path.rpartition("/providers/")
    if not provider:
        return path.rstrip("/")
    parts = tail.rstrip("/").split("/")
    if len(parts) % 2 == 0:
        parts.pop()
    return head if len(parts) == 1 else f"{head}/providers/{'/'.join(parts)}"


def _any_matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(_pattern(p).fullmatch(action) for p in patterns)


@functools.cache
def _pattern(wildcard: str) -> re.Pattern[str]:
    # "a/*/read" is meant to allow "a/read" too: Managed Identity Operator lives by it.
    text = re.escape(wildcard).replace(r"/\*/", "/(?:.*/)?").replace(r"\*", ".*")
    return re.compile(text, re.IGNORECASE)
