"""What a look at a cluster shows: Jobs, pods, volumes and capacity, read from API documents."""

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from model.documents import entries, part
from model.results import Capacity

DISK_DRIVER = "disk.csi.azure.com"
"""CSI driver of Azure disks; its CSINode entry says how many disks a node can attach.
https://github.com/kubernetes-sigs/azuredisk-csi-driver"""

_TEXT_LIMIT = 200
_IPV4 = re.compile(r"\d+(\.\d+){3}")
_STARTING = ("ContainerCreating", "PodInitializing")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """A Job as its controller sees it.

    Attributes:
        uid: For owner references.
        active / succeeded / failed: Pods in each state.
        ended: Set once the Job's last condition is true; empty while it runs.
        reason: Of the failure, for example ``DeadlineExceeded``; empty otherwise.
        started_at: None before the controller saw it.
    """

    name: str
    uid: str
    active: int
    succeeded: int
    failed: int
    ended: Literal["", "complete", "failed"]
    reason: str
    message: str
    started_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PodState:
    """A pod, and why it does not run.

    Attributes:
        phase: ``Pending``, ``Running``, ``Succeeded``, ``Failed`` or ``Unknown``.
        exit_code: Of its first container that has ended; None while none has.
        reasons: What holds it up, one short text each; empty when nothing does.
        ended_by: Why it failed, for example ``Evicted`` or ``OOMKilled``; empty otherwise.
    """

    namespace: str
    name: str
    phase: str
    exit_code: int | None
    reasons: tuple[str, ...]
    ended_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimState:
    """A persistent volume claim; ``phase`` is ``Bound`` when it has its volume."""

    namespace: str
    name: str
    phase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLook:
    """One look at a Job.

    Attributes:
        state: None when there is no such Job.
        pods: Oldest first.
        lines: The last lines of the newest pod's log; None when it cannot be read now.
        trouble: What the cluster complained about the Job when it has no pod; else empty.
    """

    state: JobState | None
    pods: tuple[PodState, ...]
    lines: tuple[str, ...] | None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaState:
    """A ResourceQuota: Kubernetes' own quantities as text, by resource name."""

    name: str
    hard: dict[str, str]
    used: dict[str, str]


def job_state(document: dict[str, Any]) -> JobState:
    """The state of a Job from its API document."""
    metadata, status = part(document, "metadata"), part(document, "status")
    true = {c["type"]: c for c in entries(status, "conditions") if c.get("status") == "True"}
    failure = part(true, "Failed")
    started: str | None = status.get("startTime")
    return JobState(
        name=metadata["name"],
        uid=metadata["uid"],
        active=status.get("active", 0),
        succeeded=status.get("succeeded", 0),
        failed=status.get("failed", 0),
        ended="failed" if failure else "complete" if "Complete" in true else "",
        reason=failure.get("reason", ""),
        message=failure.get("message", ""),
        started_at=datetime.fromisoformat(started) if started else None,
    )


def pod_state(document: dict[str, Any]) -> PodState:
    """The state of a pod from its API document."""
    status = part(document, "status")
    ended = [e for c in _containers(status) if (e := part(c, "state", "terminated"))]
    first = ended[0] if ended else {}
    failed = status.get("phase") == "Failed"
    return PodState(
        namespace=document["metadata"]["namespace"],
        name=document["metadata"]["name"],
        phase=status.get("phase", "Unknown"),
        exit_code=first.get("exitCode"),
        reasons=tuple(_reasons(status)),
        ended_by=(status.get("reason") or first.get("reason") or "") if failed else "",
    )


def _containers(status: dict[str, Any]) -> list[dict[str, Any]]:
    return [*entries(status, "initContainerStatuses"), *entries(status, "containerStatuses")]


def _reasons(status: dict[str, Any]) -> Iterator[str]:
    """Unscheduled first (its message also names pending claims), then waiting containers."""
    if status.get("phase") in ("Succeeded", "Failed"):
        return
    for condition in entries(status, "conditions"):
        if condition["type"] == "PodScheduled" and condition.get("status") == "False":
            yield _told(condition)
    for container in _containers(status):
        waiting = part(container, "state", "waiting")
        if waiting and waiting.get("reason") not in _STARTING:
            yield f"{container['name']}: {_told(waiting)}"


def _told(of: dict[str, Any]) -> str:
    reason, message = of.get("reason", ""), " ".join((of.get("message") or "").split())
    text = f"{reason}: {message}" if reason and message else reason or message or "not said"
    return text if len(text) <= _TEXT_LIMIT else text[: _TEXT_LIMIT - 1] + "…"


def claim_state(document: dict[str, Any]) -> ClaimState:
    """The state of a persistent volume claim from its API document."""
    return ClaimState(
        namespace=document["metadata"]["namespace"],
        name=document["metadata"]["name"],
        phase=part(document, "status").get("phase", "Pending"),
    )


def quota_state(document: dict[str, Any]) -> QuotaState:
    """The state of a ResourceQuota from its API document."""
    return QuotaState(
        name=document["metadata"]["name"],
        hard=part(document, "spec", "hard"),
        used=part(document, "status", "used"),
    )


def capacity(
    nodes: Iterable[dict[str, Any]], csi_nodes: Iterable[dict[str, Any]], pods_running: int
) -> Capacity:
    """Sums over the Ready nodes: what they can run and attach.

    A node whose disk driver has not registered yet counts no volumes.
    """
    ready = {n["metadata"]["name"]: part(n, "status", "allocatable") for n in nodes if _ready(n)}
    return Capacity(
        nodes=len(ready),
        pods=sum(int(allocatable.get("pods", 0)) for allocatable in ready.values()),
        volumes=sum(_volumes(c) for c in csi_nodes if c["metadata"]["name"] in ready),
        pods_running=pods_running,
    )


def _ready(node: dict[str, Any]) -> bool:
    conditions = entries(part(node, "status"), "conditions")
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _volumes(csi_node: dict[str, Any]) -> int:
    drivers = entries(part(csi_node, "spec"), "drivers")
    return sum(part(d, "allocatable").get("count", 0) for d in drivers if d["name"] == DISK_DRIVER)


def load_balancer_address(service: dict[str, Any]) -> str | None:
    """A Service's address: IPv4 before any other, or a host name; None while it has none."""
    ingress = entries(part(service, "status", "loadBalancer"), "ingress")
    found = [str(i.get("ip") or i.get("hostname") or "") for i in ingress]
    ipv4 = [address for address in found if _IPV4.fullmatch(address)]
    return next((address for address in (*ipv4, *found) if address), None)


def secret_values(document: dict[str, Any]) -> dict[str, str]:
    """The values of a Secret as text; a value that is not text is left out."""
    values: dict[str, str] = {}
    for key, encoded in part(document, "data").items():
        try:
            values[key] = base64.b64decode(encoded).decode()
        except UnicodeDecodeError:
            continue
    return values


def newest_message(events: Iterable[dict[str, Any]]) -> str:
    """Reason and message of the newest of some events; empty when there is none."""
    newest = max(events, key=_seen_at, default=None)
    return "" if newest is None else _told(newest)


def _seen_at(event: dict[str, Any]) -> str:
    """When an event was last seen; ISO 8601 in UTC, which sorts as text."""
    created = part(event, "metadata").get("creationTimestamp")
    return event.get("lastTimestamp") or event.get("eventTime") or created or ""
