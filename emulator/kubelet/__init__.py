"""Nodes, scheduler, disks and running pods of an emulated cluster, as a plain client of its API.

Works unchanged against any API server; nothing here knows which one it talks to.
"""

from emulator.kubelet.kubelet import Kubelet
from emulator.kubelet.nodes import NodeSpec

__all__ = ["Kubelet", "NodeSpec"]
