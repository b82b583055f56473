"""Where pods go, and what is told of those that go nowhere."""

from typing import Any

import pytest

from emulator.kubelet.fitting import obstacles, requests_of, summary
from tests.emulator_kubelet.test_jobs import ended, job
from tests.emulator_kubernetes.running import eventually


def pod(requests: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    """A pod of one container."""
    container = {"name": "web", "image": "web:1", "resources": {"requests": requests or {}}}
    return {"metadata": {"name": "web"}, "spec": {"containers": [container]} | spec}


def node(**spec: Any) -> dict[str, Any]:
    """A node of two cores."""
    room = {"cpu": "1900m", "memory": "7Gi", "pods": "3"}
    return {"metadata": {"labels": {"pool": "a"}}, "spec": spec, "status": {"allocatable": room}}


TAINTED = node(taints=[{"key": "dedicated", "value": "db", "effect": "NoSchedule"}])
UNTOLERATED = "node(s) had untolerated taint {dedicated: db}"


@pytest.mark.parametrize(
    ("wanted", "where", "why"),
    [
        pytest.param(pod({"cpu": "900m"}), node(), [], id="fits"),
        pytest.param(pod({"cpu": "1"}), node(), ["Insufficient cpu"], id="cpu"),
        pytest.param(
            pod({"cpu": "2", "memory": "7Gi"}),
            node(),
            ["Insufficient cpu", "Insufficient memory"],
            id="both",
        ),
        pytest.param(pod(), TAINTED, [UNTOLERATED], id="taint"),
        pytest.param(
            pod(tolerations=[{"key": "dedicated", "operator": "Equal", "value": "db"}]),
            TAINTED,
            [],
            id="tolerated",
        ),
        pytest.param(pod(tolerations=[{"operator": "Exists"}]), TAINTED, [], id="all-tolerated"),
        pytest.param(
            pod(tolerations=[{"key": "dedicated", "value": "web"}]),
            TAINTED,
            [UNTOLERATED],
            id="other-value",
        ),
        pytest.param(
            pod(), node(unschedulable=True), ["node(s) were unschedulable"], id="cordoned"
        ),
        pytest.param(
            pod(nodeSelector={"pool": "b"}),
            node(),
            ["node(s) didn't match Pod's node affinity/selector"],
            id="selector",
        ),
    ],
)
def test_an_obstacle_is_named(
    wanted: dict[str, Any], where: dict[str, Any], why: list[str]
) -> None:
    """Beside one pod that takes a core, in the words of the real scheduler."""
    assert obstacles(wanted, where, 4, [pod({"cpu": "1", "memory": "1Gi"})]) == why


def test_first_containers_count_by_the_largest() -> None:
    """They run one after another, before the others."""
    first = [{"name": "a", "resources": {"requests": {"cpu": "3"}}}, {"name": "b"}]

    assert requests_of(pod({"cpu": "2"}, initContainers=first)) == {"cpu": 3}


def test_a_summary_counts_nodes() -> None:
    """Reasons are counted and put in order, as the real scheduler does."""
    told = summary(3, ["Too many pods", "Insufficient cpu", "Too many pods"])

    assert told == "0/3 nodes are available: 1 Insufficient cpu, 2 Too many pods."
    assert summary(0, []) == "no nodes available to schedule pods"


def told(core: Any, namespace: str, name: str) -> list[tuple[str, str]]:
    """Reasons and messages of the events about a pod."""
    events: list[Any] = core.list_namespaced_event(
        namespace, field_selector=f"involvedObject.kind=Pod,involvedObject.name={name}"
    ).items
    return [(e.reason, e.message) for e in events]


def test_a_pod_waits_for_room_on_a_node(core: Any, namespace: str) -> None:
    """It stays Pending, an event says why, and it starts once a node is free for it."""
    body = pod(nodeSelector={"kept": namespace}) | {"metadata": {"name": "web"}}
    core.create_namespaced_pod(namespace, body)
    why = "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."

    eventually(lambda: ("FailedScheduling", why) in told(core, namespace, "web"))
    assert core.read_namespaced_pod("web", namespace).status.phase == "Pending"

    core.patch_node("node-1", {"metadata": {"labels": {"kept": namespace}}})
    eventually(lambda: core.read_namespaced_pod("web", namespace).status.phase == "Running")
    scheduled = ("Scheduled", f"Successfully assigned {namespace}/web to node-1")
    eventually(lambda: scheduled in told(core, namespace, "web"))


def test_a_pod_that_asks_for_too_much_stays_pending(core: Any, namespace: str) -> None:
    """No node has as many cores as it requests."""
    core.create_namespaced_pod(namespace, pod({"cpu": "64"}))
    why = "0/2 nodes are available: 2 Insufficient cpu."

    eventually(lambda: ("FailedScheduling", why) in told(core, namespace, "web"))
    assert core.read_namespaced_pod("web", namespace).status.phase == "Pending"


def test_the_life_of_a_job_is_told_in_events(core: Any, batch: Any, namespace: str) -> None:
    """From the node that is found to the container that starts."""
    batch.create_namespaced_job(namespace, job("exit 3"))
    assert ended(batch, namespace) == ("Failed", "BackoffLimitExceeded")
    name = core.list_namespaced_pod(namespace).items[0].metadata.name

    started = ("Started", "Started container main")
    eventually(lambda: started in told(core, namespace, name))
    reasons = {reason for reason, _ in told(core, namespace, name)}
    assert {"Scheduled", "Pulled", "Created", "Started"} <= reasons
    events: list[Any] = core.list_namespaced_event(
        namespace, field_selector="involvedObject.kind=Job"
    ).items
    assert {e.reason for e in events} >= {"SuccessfulCreate", "BackoffLimitExceeded"}
