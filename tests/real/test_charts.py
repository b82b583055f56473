"""The chart repositories on loopback are such as helm's documentation describes."""

import hashlib
import io
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from emulator.charts import ChartServer
from emulator.charts.catalogue import REPOSITORIES
from tests.emulator_kubernetes.running import Background


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The server's address."""
    background, server = Background(), ChartServer()
    background.run(server.start())
    yield server.url
    background.run(server.stop())
    background.end()


def fetched(url: str) -> bytes:
    """What lies there."""
    with urllib.request.urlopen(url, timeout=5) as answer:  # our own loopback server
        return answer.read()


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_every_chart_of_an_index_is_there_with_its_digest(url: str, repository: str) -> None:
    """And its own description agrees with the index."""
    index: dict[str, Any] = yaml.safe_load(fetched(f"{url}/{repository}/index.yaml"))

    for name, versions in index["entries"].items():
        for entry in versions:
            content = fetched(f"{url}/{repository}/{entry['urls'][0]}")
            assert hashlib.sha256(content).hexdigest() == entry["digest"]
            with tarfile.open(fileobj=io.BytesIO(content)) as chart:
                described = chart.extractfile(f"{name}/Chart.yaml")
                assert described is not None
                assert yaml.safe_load(described)["version"] == entry["version"]


def test_an_unknown_repository_is_not_found(url: str) -> None:
    """As it is on the internet."""
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetched(f"{url}/charts.example.com/index.yaml")
