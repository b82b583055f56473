"""What controllers and the server itself fill in for workloads."""

from typing import Any

import pytest

from emulator.kubernetes.pod_defaults import pod
from tests.emulator_kubernetes.running import Cluster, eventually, official


def deployment(replicas: int = 1, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    """A Deployment of one container."""
    labels = {"app": "web"}
    spec = {"containers": [{"name": "web", "image": "web:1"}]}
    return {
        "metadata": {"name": "web", "annotations": annotations or {}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def test_what_was_applied_to_a_deployment_is_not_said_of_its_sets(
    cluster: Cluster, namespace: str
) -> None:
    """Else ``kubectl apply --prune`` would take the sets for objects that nobody wants any more."""
    applied = "kubectl.kubernetes.io/last-applied-configuration"
    with cluster.api() as api:
        apps = official.AppsV1Api(api)
        apps.create_namespaced_deployment(namespace, deployment(0, {applied: "{}", "mine": "yes"}))
        made = eventually(lambda: apps.list_namespaced_replica_set(namespace).items)[0]

    assert made.metadata.annotations["mine"] == "yes"
    assert applied not in made.metadata.annotations


@pytest.mark.parametrize(
    ("resources", "wanted"),
    [
        pytest.param([{}], "BestEffort", id="nothing"),
        pytest.param([{"requests": {"cpu": "1"}}], "Burstable", id="requests"),
        pytest.param([{"limits": {"cpu": "1"}}], "Burstable", id="one-limit"),
        pytest.param([{"limits": {"cpu": "1", "memory": "1Gi"}}], "Guaranteed", id="both-limits"),
        pytest.param(
            [{"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}}],
            "Burstable",
            id="less-requested",
        ),
        pytest.param([{"limits": {"cpu": "1", "memory": "1Gi"}}, {}], "Burstable", id="not-all"),
        pytest.param([{"requests": {"ephemeral-storage": "1Gi"}}], "BestEffort", id="other"),
    ],
)
def test_the_class_of_a_pod_follows_from_its_resources(
    resources: list[dict[str, Any]], wanted: str
) -> None:
    """Only processor and memory count, and a limit alone is a request, too."""
    containers = [{"name": f"c{n}", "image": "i", "resources": r} for n, r in enumerate(resources)]

    assert pod({"spec": {"containers": containers}})["status"]["qosClass"] == wanted


def test_a_limit_without_a_request_is_requested() -> None:
    """As the real server fills it in for pods."""
    made = pod({"spec": {"containers": [{"name": "c", "resources": {"limits": {"cpu": "1"}}}]}})

    resources = made["spec"]["containers"][0]["resources"]
    assert resources == {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}
