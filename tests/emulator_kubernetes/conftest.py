"""One cluster for each module, one namespace for each test."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator_kubernetes.running import Cluster, eventually, official, running
from tests.real.requirements import BACKENDS


@pytest.fixture(scope="module", params=BACKENDS)
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """An API server with nobody else in it."""
    with running(tmp_path_factory.mktemp("cluster"), str(request.param)) as found:
        yield found


@pytest.fixture(scope="module")
def core(cluster: Cluster) -> Iterator[Any]:
    """The official client, as an administrator."""
    with cluster.api() as api:
        yield official.CoreV1Api(api)


@pytest.fixture
def namespace(core: Any) -> str:
    """A new namespace with its default account."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    core.create_namespace({"metadata": {"name": name}})
    eventually(lambda: core.list_namespaced_service_account(name).items)
    return name
