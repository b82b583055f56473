"""What controllers and the server itself fill in for workloads."""

from typing import Any

import pytest

from emulator.kubernetes.pod_defaults import pod
from tests.emulator_kubernetes.running import Cluster, eventually, official

NOTHING: dict[str, Any] = {}


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
        pytest.param([NOTHING], "BestEffort", id="nothing"),
        pytest.param([{"requests": {"cpu": "1"}}], "Burstable", id="requests"),
        pytest.param([{"limits": {"cpu": "1"}}], "Burstable", id="one-limit"),
        pytest.param([{"limits": {"cpu": "1", "memory": "1Gi"}}], "Guaranteed", id="both-limits"),
        pytest.param(
            [{"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}}],
            "Burstable",
            id="less-requested",
        ),
        pytest.param(
            [{"limits": {"cpu": "1", "memory": "1Gi"}}, NOTHING], "Burstable", id="not-all"
        ),
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


def told(core: Any, namespace: str, kind: str) -> list[tuple[str, str]]:
    """Reasons and messages of the events about a kind."""
    events: list[Any] = core.list_namespaced_event(
        namespace, field_selector=f"involvedObject.kind={kind}"
    ).items
    return [(e.reason, e.message) for e in events]


def test_a_roll_out_is_told_in_events(cluster: Cluster, core: Any, namespace: str) -> None:
    """A Deployment tells of its sets, and a set of its pods."""
    with cluster.api() as api:
        apps = official.AppsV1Api(api)
        apps.create_namespaced_deployment(namespace, deployment())
        eventually(lambda: told(core, namespace, "ReplicaSet"))
        eventually(lambda: told(core, namespace, "Deployment"))
        replica_set = apps.list_namespaced_replica_set(namespace).items[0].metadata.name
    pod = core.list_namespaced_pod(namespace).items[0].metadata.name

    assert told(core, namespace, "ReplicaSet") == [("SuccessfulCreate", f"Created pod: {pod}")]
    assert told(core, namespace, "Deployment") == [
        ("ScalingReplicaSet", f"Scaled up replica set {replica_set} from 0 to 1")
    ]


def test_a_refused_pod_leaves_conditions_and_an_event(
    cluster: Cluster, core: Any, namespace: str
) -> None:
    """Set and Deployment say what the quota said, and stop saying it once there is room."""
    hard = {"metadata": {"name": "few"}, "spec": {"hard": {"pods": "1"}}}
    core.create_namespaced_resource_quota(namespace, hard)
    eventually(lambda: core.read_namespaced_resource_quota("few", namespace).status.hard)

    with cluster.api() as api:
        apps = official.AppsV1Api(api)

        def failures() -> list[Any]:
            items: list[Any] = [
                *apps.list_namespaced_replica_set(namespace).items,
                *apps.list_namespaced_deployment(namespace).items,
            ]
            conditions: list[Any] = [c for i in items for c in i.status.conditions or ()]
            return [c for c in conditions if c.reason == "FailedCreate"]

        apps.create_namespaced_deployment(namespace, deployment(2))
        eventually(lambda: len(failures()) == 2)
        seen = failures()
        warned = [m for why, m in told(core, namespace, "ReplicaSet") if why == "FailedCreate"]
        apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 1}})
        eventually(lambda: not failures())

    assert {(c.type, c.status) for c in seen} == {("ReplicaFailure", "True")}
    assert all("exceeded quota: few, requested: pods=1" in c.message for c in seen)
    assert warned
    assert all("exceeded quota: few" in message for message in warned)
