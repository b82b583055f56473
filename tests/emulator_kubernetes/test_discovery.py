"""What the server says about its own kinds."""

import pytest

from tests.emulator_kubernetes.asking import ask
from tests.emulator_kubernetes.running import Cluster


@pytest.mark.parametrize(
    ("path", "plurals"),
    [
        pytest.param("/api/v1", {"pods", "services", "replicationcontrollers"}, id="core"),
        pytest.param("/apis/batch/v1", {"jobs", "cronjobs"}, id="batch"),
        pytest.param("/apis/autoscaling/v2", {"horizontalpodautoscalers"}, id="autoscaling"),
    ],
)
def test_all_means_workloads_and_services(cluster: Cluster, path: str, plurals: set[str]) -> None:
    """The kinds that ``kubectl get all`` asks for."""
    kinds = ask(cluster, "GET", path).json["resources"]

    assert {k["name"] for k in kinds if "all" in k.get("categories", ())} == plurals
