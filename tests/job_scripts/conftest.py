"""One cluster for all scripts, one namespace and a good day for each test."""

import uuid
from collections.abc import Iterator

import pytest

from emulator.kotsadm import Behaviour
from tests.job_scripts.world import World, cluster_with_console
from tests.real.requirements import BACKENDS


@pytest.fixture(scope="session", params=BACKENDS)
def whole_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The cluster."""
    folder = tmp_path_factory.mktemp("scripts")
    with cluster_with_console(folder, ("dash.example.com",), str(request.param)) as world:
        yield world


@pytest.fixture
def world(whole_world: World) -> Iterator[World]:
    """The cluster on a good day."""
    yield whole_world
    good = Behaviour()
    for name in Behaviour.__slots__:
        setattr(whole_world.behaviour, name, getattr(good, name))


@pytest.fixture
def namespace() -> str:
    """A namespace that nobody has used."""
    return f"de-{uuid.uuid4().hex[:8]}"
