"""What stands behind each emulated managed cluster: API server, nodes, address giver, console."""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from emulator.azure.cluster_api import NodePool
from emulator.circumstances import Circumstances
from emulator.cloud_controller import CloudController
from emulator.ingress import Ingress
from emulator.kotsadm import Kotsadm
from emulator.kubelet import Kubelet, NodeSpec
from emulator.kubernetes import ApiServer

PROGRAMS = Path(__file__).resolve().parent / "programs"
"""The stand-ins of the programs that the installer's image carries."""


@dataclass(slots=True)
class _Cluster:
    server: ApiServer
    kotsadm: Kotsadm
    running: AsyncExitStack = field(default_factory=AsyncExitStack)


class Clusters:
    """Implements what the emulated Azure asks for when clusters come, change and go.

    Args:
        circumstances: Clock, durations, faults and journal of this world.
        ingress: Where released applications are published.
        tls: Server side of the loopback certificate.
        ca: PEM of its authority.
    """

    def __init__(
        self, circumstances: Circumstances, ingress: Ingress, tls: ssl.SSLContext, ca: bytes
    ) -> None:
        self._circumstances = circumstances
        self._ingress = ingress
        self._tls = tls
        self._ca = ca
        self._clusters: dict[str, _Cluster] = {}
        self._lock = asyncio.Lock()
