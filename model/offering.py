"""The two offerings of Dash Enterprise 5 on AKS, in figures.

Source of quota, pods and services:
https://dash.plotly.com/dash-enterprise/install-multi-node-aks (48 and 96 vCPUs of eight-core nodes,
two of them spare for rotation; 97 and 140 core pods; 37 services).
"""

from dataclasses import dataclass
from typing import Literal

type OfferingName = Literal["standard", "premium"]


@dataclass(frozen=True, slots=True)
class Offering:
    """One offering.

    Attributes:
        nodes: Nodes without the spare ones: quota divided by eight, minus two.
        core_pods: Pods that the product itself runs.
    """

    nodes: int
    core_pods: int


OFFERINGS: dict[str, Offering] = {
    "standard": Offering(nodes=4, core_pods=97),
    "premium": Offering(nodes=10, core_pods=140),
}
SPARE_NODES = 2
"""Nodes whose quota must be free for rotation."""
CORE_SERVICES = 37
SYSTEM_PODS_PER_NODE = 10
"""DaemonSets and system pods that AKS runs on a node; the observed number is 8 to 12."""
