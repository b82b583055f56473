"""Clusters come, change and go in the same way on either kind of API server."""

import ssl
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from emulator.azure.cluster_api import NodePool
from emulator.circumstances import Circumstances
from emulator.cli.programs import write_programs
from emulator.clock import Clock
from emulator.clusters import Clusters, KubernetesKind
from emulator.ingress import Ingress
from emulator.real import kubernetes
from gateways.kubernetes import Kubernetes, Unreachable
from tests.emulator_kubernetes.running import Background, eventually
from tests.real.requirements import BACKENDS, require

ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/One"


def pool(count: int, name: str = "system") -> NodePool:
    """A pool of small nodes."""
    return NodePool(
        name=name, count=count, vm_size="Standard_D8ds_v5", max_pods=20, scale_set=f"aks-{name}-1"
    )


@contextmanager
def started(kind: KubernetesKind, folder: Path) -> Generator[tuple[Background, Clusters]]:
    """No cluster yet, and the loop that all of them run in."""
    if kind == "real":
        require(kubernetes.find, "Kubernetes")
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)  # pyright: ignore[reportUnknownMemberType] # a type of pyOpenSSL, which is not installed
    now = Circumstances(clock=Clock(600.0))
    background = Background()
    ingress = Ingress(now.clock, now.faults, now.journal)
    background.run(ingress.start())
    clusters = Clusters(
        now, ingress, tls, authority.cert_pem.bytes(), write_programs(folder), kubernetes=kind
    )
    try:
        yield background, clusters
    finally:
        background.run(clusters.stop())
        background.run(ingress.stop())
        background.end()


@pytest.fixture(params=BACKENDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Background, Clusters]]:
    """One kind of clusters."""
    with started(request.param, tmp_path) as made:
        yield made


def nodes(cluster: Kubernetes) -> Any:
    """How many nodes are Ready, and the pods that fit on them."""
    found = cluster.capacity()
    return found.nodes, found.pods


def test_nodes_follow_the_pools_until_the_cluster_goes(
    world: tuple[Background, Clusters],
) -> None:
    """More, fewer, another pool; afterwards nobody answers."""
    background, clusters = world
    kubeconfig = background.run(clusters.create(ID, (), "1.36.3"))
    cluster = Kubernetes.connect(kubeconfig)
    assert nodes(cluster) == (0, 0)
    assert clusters.kubeconfig(ID.upper()) == kubeconfig

    for pools, wanted in (
        ([pool(2)], (2, 40)),
        ([pool(3), pool(1, "more")], (4, 80)),
        ([pool(1)], (1, 20)),
    ):
        background.run(clusters.scale(ID, pools))
        eventually(lambda wanted=wanted: nodes(cluster) == wanted)

    background.run(clusters.delete(ID))
    with pytest.raises(Unreachable):
        cluster.capacity()
    cluster.close()
    assert clusters.ids == ()


def test_two_clusters_know_nothing_of_each_other(world: tuple[Background, Clusters]) -> None:
    """Each has its own API server, credentials and nodes."""
    background, clusters = world
    one = Kubernetes.connect(background.run(clusters.create(ID, [pool(1)], "1.36.3")))
    other_config = background.run(clusters.create(f"{ID}-other", [pool(2)], "1.36.3"))
    other = Kubernetes.connect(other_config)

    eventually(lambda: (nodes(one), nodes(other)) == ((1, 20), (2, 40)))
    one.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "mine"}})

    assert other.find("Namespace", "", "mine") is None
    one.close()
    other.close()
