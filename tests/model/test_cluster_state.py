"""What API documents mean, incomplete ones included."""

from typing import Any

import pytest

from model.cluster_state import (
    capacity,
    claim_state,
    job_state,
    load_balancer_address,
    newest_message,
    pod_state,
)
from model.results import Capacity

METADATA = {"namespace": "n", "name": "x", "uid": "u"}


def node(name: str, ready: str, pods: str = "110") -> dict[str, Any]:
    """A node."""
    return {
        "metadata": {"name": name},
        "status": {
            "conditions": [{"type": "Ready", "status": ready}],
            "allocatable": {"pods": pods},
        },
    }


def csi_node(name: str, driver: str, count: int | None) -> dict[str, Any]:
    """A node's storage drivers."""
    allocatable = {} if count is None else {"allocatable": {"count": count}}
    return {"metadata": {"name": name}, "spec": {"drivers": [{"name": driver} | allocatable]}}


def test_capacity_counts_ready_nodes_only() -> None:
    """Neither pods nor volumes of a node that is not Ready, nor another driver's volumes."""
    disk = "disk.csi.azure.com"
    seen = capacity(
        [
            node("a", "True", "50"),
            node("b", "False"),
            node("c", "Unknown"),
            node("d", "True", "30"),
        ],
        [
            csi_node("a", disk, 16),
            csi_node("b", disk, 16),
            csi_node("d", disk, None),
            csi_node("d", "file.csi.azure.com", 99),
        ],
        pods_running=7,
    )

    assert seen == Capacity(nodes=2, pods=80, volumes=16, pods_running=7)


def test_nodes_that_say_nothing_yet_count_nothing() -> None:
    """A node has no status in its first moments."""
    assert capacity([{"metadata": {"name": "a"}}], [{"metadata": {"name": "a"}}], 0).nodes == 0


@pytest.mark.parametrize(
    ("conditions", "ended"),
    [
        pytest.param(None, "", id="none"),
        pytest.param([{"type": "SuccessCriteriaMet", "status": "True"}], "", id="nearly"),
        pytest.param([{"type": "Complete", "status": "True"}], "complete", id="complete"),
        pytest.param([{"type": "Complete", "status": "False"}], "", id="not-true"),
        pytest.param([{"type": "FailureTarget", "status": "True"}], "", id="failing"),
        pytest.param(
            [{"type": "Failed", "status": "True", "reason": "DeadlineExceeded"}],
            "failed",
            id="failed",
        ),
    ],
)
def test_a_job_has_ended_when_its_last_condition_is_true(
    conditions: list[dict[str, str]] | None, ended: str
) -> None:
    """The interim conditions still leave pods running."""
    state = job_state({"metadata": METADATA, "status": {"conditions": conditions}})

    assert state.ended == ended
    assert state.reason == ("DeadlineExceeded" if ended == "failed" else "")


def test_a_jobs_start_is_a_time() -> None:
    """None before the controller saw it."""
    started = job_state({"metadata": METADATA, "status": {"startTime": "2026-01-02T03:04:05Z"}})

    assert started.started_at is not None
    assert started.started_at.year == 2026
    assert job_state({"metadata": METADATA}).started_at is None


def pod(**status: Any) -> dict[str, Any]:
    """A pod."""
    return {"metadata": METADATA, "status": status}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """A container that waits."""
    return {"name": "main", "state": {"waiting": {"reason": reason, "message": message}}}


@pytest.mark.parametrize(
    ("document", "reasons"),
    [
        pytest.param(pod(phase="Running"), (), id="well"),
        pytest.param(
            pod(phase="Pending", containerStatuses=[waiting("ContainerCreating")]),
            (),
            id="starting",
        ),
        pytest.param(
            pod(phase="Pending", containerStatuses=[waiting("ImagePullBackOff", "no\n  such")]),
            ("main: ImagePullBackOff: no such",),
            id="image",
        ),
        pytest.param(
            pod(phase="Pending", initContainerStatuses=[waiting("CreateContainerConfigError")]),
            ("main: CreateContainerConfigError",),
            id="configuration",
        ),
        pytest.param(
            pod(
                phase="Pending",
                conditions=[
                    {
                        "type": "PodScheduled",
                        "status": "False",
                        "reason": "Unschedulable",
                        "message": "0/4 nodes: pod has unbound immediate PersistentVolumeClaims",
                    }
                ],
            ),
            ("Unschedulable: 0/4 nodes: pod has unbound immediate PersistentVolumeClaims",),
            id="unbound-claim",
        ),
        pytest.param(
            pod(phase="Running", containerStatuses=[waiting("CrashLoopBackOff")]),
            ("main: CrashLoopBackOff",),
            id="crashing",
        ),
        pytest.param(pod(phase="Failed", containerStatuses=[waiting("Whatever")]), (), id="ended"),
    ],
)
def test_what_holds_a_pod_up_is_told(document: dict[str, Any], reasons: tuple[str, ...]) -> None:
    """Starting up is no trouble; everything else has its reason."""
    assert pod_state(document).reasons == reasons


def test_how_a_pod_failed_is_told() -> None:
    """The node's reason before the container's, and the exit code."""
    killed = {"name": "main", "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}

    by_itself = pod_state(pod(phase="Failed", containerStatuses=[killed]))
    by_the_node = pod_state(pod(phase="Failed", reason="Evicted", containerStatuses=[killed]))

    assert (by_itself.exit_code, by_itself.ended_by) == (137, "OOMKilled")
    assert by_the_node.ended_by == "Evicted"
    assert pod_state(pod(phase="Running")).exit_code is None


def test_a_claim_without_a_status_is_pending() -> None:
    """The controller has not seen it yet."""
    assert claim_state({"metadata": METADATA}).phase == "Pending"


@pytest.mark.parametrize(
    ("ingress", "address"),
    [
        pytest.param(None, None, id="none"),
        pytest.param([{"ports": ""}], None, id="empty"),
        pytest.param([{"ip": "1.2.3.4"}], "1.2.3.4", id="ipv4"),
        pytest.param([{"hostname": "lb"}, {"ip": "1.2.3.4"}], "1.2.3.4", id="ipv4-first"),
        pytest.param([{"ip": "2001:db8::1"}], "2001:db8::1", id="ipv6"),
    ],
)
def test_an_address_is_read(ingress: list[dict[str, str]] | None, address: str | None) -> None:
    """IPv4 wins; nothing is nothing."""
    service = {"status": {"loadBalancer": {"ingress": ingress}}}

    assert load_balancer_address(service) == address


def test_the_newest_event_counts() -> None:
    """Newer clients set eventTime, older ones lastTimestamp."""
    events: list[dict[str, Any]] = [
        {"reason": "New", "eventTime": "2026-01-03T00:00:00.000000Z", "lastTimestamp": None},
        {"reason": "Old", "lastTimestamp": "2026-01-02T00:00:00Z"},
        {"reason": "Bare", "metadata": {}},
    ]

    assert newest_message(events) == "New"
    assert newest_message([]) == ""
