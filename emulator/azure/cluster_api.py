"""What the emulated Azure needs of whoever runs the Kubernetes API servers of its clusters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

type Kubeconfig = bytes
"""A kubeconfig file, YAML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePool:
    """An agent pool as the nodes of a cluster see it.

    Attributes:
        count: Nodes wanted.
        vm_size: ``Standard_D8ds_v5`` and the like.
        max_pods: Pods that fit on one node.
        scale_set: Name of the pool's scale set, which begins the names of its nodes.
        zones: Availability zones that the nodes spread over, as Azure numbers them: ``1``.
        region: Where the cluster is; the first part of the nodes' zone label.
        labels: Labels that the pool asks for, besides those that every node has.
        taints: ``key=value:Effect``.
    """

    name: str
    count: int
    vm_size: str
    max_pods: int
    scale_set: str
    zones: tuple[str, ...] = ()
    region: str = ""
    mode: str = "System"
    labels: dict[str, str] = field(default_factory=dict[str, str])
    taints: tuple[str, ...] = ()

    def zone_of(self, number: int) -> str:
        """The zone label of a node, by its number in the pool: ``eastus-1``, or ``0`` for none."""
        if not self.zones:
            return "0"
        return f"{self.region}-{self.zones[number % len(self.zones)]}"


class ClusterApi(Protocol):
    """Runs API servers and nodes; ``cluster_id`` is the ARM id as its creator spelled it."""

    async def create(
        self, cluster_id: str, node_pools: Sequence[NodePool], kubernetes_version: str
    ) -> Kubeconfig:
        """Start an API server with these nodes and return a cluster administrator's kubeconfig.

        Azure calls it without pools when provisioning starts; nodes come by ``scale``.
        """
        ...

    async def scale(self, cluster_id: str, node_pools: Sequence[NodePool]) -> None:
        """Make the nodes be exactly those of ``node_pools``.

        Called when a creation has succeeded and after every change of a pool.
        """
        ...

    async def delete(self, cluster_id: str) -> None:
        """Stop everything of the cluster; one that is not there is no error."""
        ...
