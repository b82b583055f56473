"""One cluster with nodes for each module, one namespace for each test."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.cloud_controller import CloudController
from emulator.durations import Durations
from emulator.kubelet import Kubelet, NodeSpec
from tests.emulator_kubernetes.running import Cluster, eventually, official, running
from tests.real.requirements import BACKENDS


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one program of its own."""
    folder = tmp_path_factory.mktemp("programs")
    program = folder / "greet"
    program.write_text('#!/bin/sh\necho "hello $1"\n')
    program.chmod(0o755)
    return folder


@pytest.fixture(scope="module", params=BACKENDS)
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, programs: Path
) -> Iterator[Cluster]:
    """An API server, two small nodes and a cloud."""
    with running(tmp_path_factory.mktemp("cluster"), str(request.param)) as found:
        nodes = [NodeSpec(name=f"node-{n}", zone=f"westeurope-{n}", max_pods=12) for n in (1, 2)]
        kubelet = Kubelet(
            found.kubeconfig(), found.clock, Durations(), nodes=nodes, programs=programs
        )
        cloud = CloudController(found.kubeconfig(), found.clock, Durations())
        found.background.run(kubelet.start())
        found.background.run(cloud.start())
        try:
            yield found
        finally:
            found.background.run(cloud.stop())
            found.background.run(kubelet.stop())


@pytest.fixture(scope="module")
def core(cluster: Cluster) -> Iterator[Any]:
    """The official client, as an administrator."""
    with cluster.api() as api:
        yield official.CoreV1Api(api)


@pytest.fixture(scope="module")
def batch(cluster: Cluster) -> Iterator[Any]:
    """The official client for Jobs."""
    with cluster.api() as api:
        yield official.BatchV1Api(api)


@pytest.fixture
def namespace(core: Any) -> Iterator[str]:
    """A new namespace, emptied again so that the nodes keep room."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    core.create_namespace({"metadata": {"name": name}})
    eventually(lambda: core.list_namespaced_service_account(name).items)
    yield name
    core.delete_namespace(name)
