"""The stand-in for Azure: ARM, Entra tokens, managed identity endpoint, Key Vault."""

from emulator.azure.cluster_api import ClusterApi, Kubeconfig, NodePool
from emulator.azure.rbac import (
    BUILT_IN,
    CLUSTER_USER,
    CONTRIBUTOR,
    DNS_ZONE_CONTRIBUTOR,
    KEY_VAULT_SECRETS_OFFICER,
    KEY_VAULT_SECRETS_USER,
    NETWORK_CONTRIBUTOR,
    OWNER,
    READER,
    Rbac,
    Role,
)
from emulator.azure.server import Azure
from emulator.azure.state import State, Subscription
from emulator.azure.vault import Vault

__all__ = [
    "BUILT_IN",
    "CLUSTER_USER",
    "CONTRIBUTOR",
    "DNS_ZONE_CONTRIBUTOR",
    "KEY_VAULT_SECRETS_OFFICER",
    "KEY_VAULT_SECRETS_USER",
    "NETWORK_CONTRIBUTOR",
    "OWNER",
    "READER",
    "Azure",
    "ClusterApi",
    "Kubeconfig",
    "NodePool",
    "Rbac",
    "Role",
    "State",
    "Subscription",
    "Vault",
]
