"""Arithmetic of nodes, addresses and limits."""

import math

from model.offering import SYSTEM_PODS_PER_NODE

AZURE_RESERVED_ADDRESSES = 5
"""Addresses that Azure keeps of every subnet:
https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq"""


def automatic_limit(capacity: int, headroom: float) -> int:
    """The limit for a capacity when the fraction ``headroom`` stays free; at least 1."""
    return max(1, math.floor(capacity * (1 - headroom)))


def node_addresses_needed(nodes: int, max_pods: int, *, overlay: bool, surge: int = 1) -> int:
    """Addresses that the node subnet must have, Azure's own five included.

    Flat networks take one address per node and one per possible pod, for the surge node of an
    upgrade too; overlay networks only one per node.
    https://learn.microsoft.com/azure/aks/concepts-network-ip-address-planning
    """
    each = 1 if overlay else 1 + max_pods
    return (nodes + surge) * each + AZURE_RESERVED_ADDRESSES


def vcpus_needed(nodes: int, spare_nodes: int, vcpus_per_node: int) -> int:
    """Quota that must be free before creation, rotation included."""
    return (nodes + spare_nodes) * vcpus_per_node


def pods_for_product(nodes: int, max_pods: int) -> int:
    """Pods that fit beside the system's own."""
    return nodes * max(0, max_pods - SYSTEM_PODS_PER_NODE)
