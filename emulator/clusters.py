"""What stands behind each emulated managed cluster: API server, nodes, address giver, console."""

import ssl
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from emulator.azure.cluster_api import NodePool
from emulator.azure.sku_catalog import DEFAULT_SIZE, SIZES
from emulator.circumstances import Circumstances
from emulator.cloud_controller import CloudController
from emulator.ingress import Ingress
from emulator.keycloak import Deploy
from emulator.kotsadm import Kotsadm
from emulator.kubelet import Kubelet, NodeSpec
from emulator.kubelet.api_client import ApiClient
from emulator.kubernetes import ApiServer
from emulator.real import kubernetes as real_kubernetes
from emulator.real.kubernetes import ControlPlane

KubernetesKind = Literal["emulated", "real"]
"""Who answers as a cluster's API server: our own, or a kube-apiserver with its controllers."""

_ADDRESSES_EACH = 8
"""Addresses of the load balancer pool that one cluster may use."""


@dataclass(slots=True)
class _Cluster:
    kubeconfig: bytes
    environment: dict[str, str]
    running: AsyncExitStack
    nodes: tuple[NodeSpec, ...] = ()
    kubelet: Kubelet | None = None


class Clusters:
    """Implements what the emulated Azure asks for when clusters come, change and go.

    Args:
        circumstances: Clock, durations, faults and journal of this world.
        ingress: Where released applications are published.
        tls: Server side of the loopback certificate.
        ca: PEM of its authority.
        programs: Folder of the programs that Jobs run.
        kubernetes: Which API servers clusters get. Real ones know no faults and keep no journal,
            their controllers work in real time, and their version is their own.
        deploy_keycloak: Makes the Keycloak of each release; None for emulated ones.

    Attributes:
        servers: Emulated API server of each cluster, by lower-case ARM id; no real ones.
        consoles: Admin Console of each cluster, in the same way.
    """

    def __init__(  # noqa: PLR0913 # what stands behind a cluster; the choice by name
        self,
        circumstances: Circumstances,
        ingress: Ingress,
        tls: ssl.SSLContext,
        ca: bytes,
        programs: Path,
        *,
        kubernetes: KubernetesKind = "emulated",
        deploy_keycloak: Deploy | None = None,
    ) -> None:
        self._kubernetes: KubernetesKind = kubernetes
        self._deploy_keycloak = deploy_keycloak
        self._programs = programs
        self._now = circumstances
        self._ingress = ingress
        self._tls = tls
        self._ca = ca
        self._clusters: dict[str, _Cluster] = {}
        self._made = 0
        self.servers: dict[str, ApiServer] = {}
        self.consoles: dict[str, Kotsadm] = {}

    async def create(
        self, cluster_id: str, node_pools: Sequence[NodePool], kubernetes_version: str
    ) -> bytes:
        """Start the API server and what watches it; nodes come by ``scale``."""
        now = self._now
        server = self._server(cluster_id, kubernetes_version)
        self._made += 1
        async with AsyncExitStack() as starting:
            await server.start()
            starting.push_async_callback(server.stop)
            kubeconfig = server.kubeconfig()
            addresses = CloudController(
                kubeconfig, now.clock, now.durations, first=10 + self._made * _ADDRESSES_EACH
            )
            await addresses.start()
            starting.push_async_callback(addresses.stop)
            console = Kotsadm(
                kubeconfig,
                now.clock,
                now.durations,
                self._ingress,
                now.faults,
                now.journal,
                deploy_keycloak=self._deploy_keycloak,
            )
            await console.start()
            starting.push_async_callback(console.stop)
            self._clusters[cluster_id.lower()] = _Cluster(
                kubeconfig, self._job_environment(console), starting.pop_all()
            )
        if isinstance(server, ApiServer):
            self.servers[cluster_id.lower()] = server
        self.consoles[cluster_id.lower()] = console
        await self.scale(cluster_id, node_pools)
        return kubeconfig

    def _server(self, cluster_id: str, version: str) -> ApiServer | ControlPlane:
        name, now = cluster_id.rpartition("/")[2], self._now
        if self._kubernetes == "real":
            return ControlPlane(real_kubernetes.require(), name=name)
        return ApiServer(
            now.clock,
            now.durations,
            now.faults,
            now.journal,
            self._tls,
            ca=self._ca,
            version=version,
            name=name,
        )

    @property
    def ids(self) -> tuple[str, ...]:
        """ARM ids of the clusters that run, in lower case."""
        return tuple(self._clusters)

    def kubeconfig(self, cluster_id: str) -> bytes:
        """An administrator's, in any spelling of the id."""
        return self._clusters[cluster_id.lower()].kubeconfig

    async def scale(self, cluster_id: str, node_pools: Sequence[NodePool]) -> None:
        """Make the nodes be exactly those of ``node_pools``; pods start again on a change."""
        cluster = self._clusters[cluster_id.lower()]
        nodes = tuple(spec for pool in node_pools for spec in _nodes(pool))
        if nodes == cluster.nodes:
            return
        if cluster.kubelet is not None:
            await cluster.kubelet.stop()
        await _remove_nodes(cluster.kubeconfig, cluster.nodes, nodes)
        await _remove_labels(cluster.kubeconfig, cluster.nodes, nodes)
        cluster.nodes = nodes
        cluster.kubelet = Kubelet(
            cluster.kubeconfig,
            self._now.clock,
            self._now.durations,
            nodes=nodes,
            programs=self._programs,
            environment=cluster.environment,
            missing_images=self._now.missing_images,
        )
        await cluster.kubelet.start()

    async def delete(self, cluster_id: str) -> None:
        """Stop everything of the cluster; one that is not there is no error."""
        cluster = self._clusters.pop(cluster_id.lower(), None)
        self.servers.pop(cluster_id.lower(), None)
        self.consoles.pop(cluster_id.lower(), None)
        if cluster is None:
            return
        if cluster.kubelet is not None:
            await cluster.kubelet.stop()
        await cluster.running.aclose()

    def _job_environment(self, console: Kotsadm) -> dict[str, str]:
        """What the programs need to know of this world besides their kubeconfig."""
        proxy = console.proxy_url
        return {"EMULATOR_SPEED": str(self._now.clock.speed), "http_proxy": proxy, "no_proxy": ""}

    async def stop(self) -> None:
        """Stop every cluster."""
        for cluster_id in list(self._clusters):
            await self.delete(cluster_id)


async def _remove_nodes(
    kubeconfig: bytes, before: Sequence[NodeSpec], after: Sequence[NodeSpec]
) -> None:
    """Forget machines that are gone, with their pods, as Azure's node controller does."""
    gone = {node.name for node in before} - {node.name for node in after}
    if not gone:
        return
    api = ApiClient(kubeconfig, "cloud-node-controller")
    try:
        for pod in (await api.get("/api/v1/pods"))["items"]:
            if pod["spec"].get("nodeName") in gone:
                here = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods"
                await api.delete(f"{here}/{pod['metadata']['name']}", {"gracePeriodSeconds": 0})
        for name in gone:
            await api.delete(f"/api/v1/nodes/{name}")
    finally:
        await api.close()


async def _remove_labels(
    kubeconfig: bytes, before: Sequence[NodeSpec], after: Sequence[NodeSpec]
) -> None:
    """Take off what a pool no longer asks for; new labels come as nodes register again."""
    old = {node.name: node.labels for node in before}
    api = ApiClient(kubeconfig, "cloud-node-controller")
    try:
        for node in after:
            gone = dict.fromkeys(old.get(node.name, {}).keys() - node.labels.keys())
            if gone:
                await api.patch(f"/api/v1/nodes/{node.name}", {"metadata": {"labels": gone}})
    finally:
        await api.close()


def _nodes(pool: NodePool) -> list[NodeSpec]:
    return [
        NodeSpec(
            name=f"{pool.scale_set}{number:06}",
            zone=pool.zone_of(number),
            region=pool.region,
            vm_size=pool.vm_size,
            max_pods=pool.max_pods,
            data_disks=SIZES.get(pool.vm_size.lower(), SIZES[DEFAULT_SIZE.lower()]).data_disks,
            pool=pool.name,
            mode=pool.mode.lower(),
            labels=pool.labels,
            taints=pool.taints,
        )
        for number in range(pool.count)
    ]
