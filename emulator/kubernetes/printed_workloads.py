"""Columns of pods and of what makes them.

Source: the columns that kube-apiserver 1.36 answers, asked for ``as=Table``.
"""

from typing import cast

from emulator.kubernetes.objects import (
    JsonObject,
    controlled_by,
    holds,
    instant,
    listed,
    section,
    status_of,
)
from emulator.kubernetes.printed_age import age
from emulator.kubernetes.printed_columns import (
    AGE,
    NAME,
    NONE,
    Column,
    number,
    pairs,
    selector,
    spec,
    status,
    wide,
)


def _containers(item: JsonObject) -> list[JsonObject]:
    found = section(item, "spec")
    found = section(section(found, "jobTemplate"), "spec") or found
    template = section(item, "template") or section(found, "template")
    return listed(section(template, "spec"), "containers")


def _names(item: JsonObject) -> str:
    return ",".join(c["name"] for c in _containers(item))


def _images(item: JsonObject) -> str:
    return ",".join(c.get("image", "") for c in _containers(item))


def _selector(item: JsonObject) -> str:
    return selector(section(item["spec"], "selector"))


_CONTAINERS = [wide("Containers", _names), wide("Images", _images)]
_COUNTED = [
    NAME,
    number("Desired", lambda i: i["spec"].get("replicas", 1)),
    number("Current", status("replicas")),
    number("Ready", status("readyReplicas")),
    AGE,
]
_SELECTED = [*_CONTAINERS, wide("Selector", _selector)]


def _statuses(pod: JsonObject) -> list[JsonObject]:
    return cast("list[JsonObject]", listed(status_of(pod), "containerStatuses"))


def _pod_ready(pod: JsonObject) -> str:
    ready = sum(1 for c in _statuses(pod) if c.get("ready"))
    return f"{ready}/{len(pod['spec']['containers'])}"


def pod_state(pod: JsonObject) -> str:
    """The one word that kubectl shows for a pod."""
    if "deletionTimestamp" in pod["metadata"]:
        return "Terminating"
    for container in _statuses(pod):
        state = section(container, "state")
        for kind in ("waiting", "terminated"):
            if reason := section(state, kind).get("reason"):
                return reason
    return status_of(pod).get("reason") or status_of(pod).get("phase", "")


def _gates(pod: JsonObject) -> str:
    wanted = [g["conditionType"] for g in listed(pod["spec"], "readinessGates")]
    return f"{sum(holds(pod, kind) for kind in wanted)}/{len(wanted)}" if wanted else NONE


def _job_state(job: JsonObject) -> str:
    for word in ("Complete", "Failed", "Suspended"):
        if holds(job, word):
            return word
    return "Terminating" if "deletionTimestamp" in job["metadata"] else "Running"


def _job_duration(job: JsonObject) -> str:
    said = status_of(job)
    end = said.get("completionTime")
    return age(said["startTime"], instant(end) if end else None) if "startTime" in said else ""


def _completions(job: JsonObject) -> str:
    return f"{status_of(job).get('succeeded', 0)}/{job['spec'].get('completions', 1)}"


def _replicas(item: JsonObject) -> str:
    return f"{status_of(item).get('readyReplicas', 0)}/{item['spec'].get('replicas', 1)}"


def _last_schedule(item: JsonObject) -> str:
    last = status_of(item).get("lastScheduleTime")
    return age(last) if last else NONE


def _controller(item: JsonObject) -> str:
    owner = controlled_by(item)
    if owner is None:
        return NONE
    group = owner["apiVersion"].rpartition("/")[0]
    return f"{owner['kind'].lower()}{f'.{group}' if group else ''}/{owner['name']}"


WORKLOADS: dict[str, list[Column]] = {
    "Pod": [
        NAME,
        Column("Ready", _pod_ready),
        Column("Status", pod_state),
        Column("Restarts", lambda i: str(sum(c.get("restartCount", 0) for c in _statuses(i)))),
        AGE,
        wide("IP", status("podIP", NONE)),
        wide("Node", spec("nodeName", default=NONE)),
        wide("Nominated Node", status("nominatedNodeName", NONE)),
        wide("Readiness Gates", _gates),
    ],
    "PodTemplate": [
        NAME,
        Column("Containers", _names),
        Column("Images", _images),
        Column("Pod Labels", lambda i: pairs(section(i["template"].get("metadata", {}), "labels"))),
    ],
    "Job": [
        NAME,
        Column("Status", _job_state),
        Column("Completions", _completions),
        Column("Duration", _job_duration),
        AGE,
        *_SELECTED,
    ],
    "CronJob": [
        NAME,
        Column("Schedule", spec("schedule")),
        Column("Timezone", spec("timeZone", default=NONE)),
        Column("Suspend", lambda i: str(bool(i["spec"].get("suspend"))), "boolean"),
        number("Active", lambda i: len(listed(status_of(i), "active"))),
        Column("Last Schedule", _last_schedule),
        AGE,
        *_CONTAINERS,
        wide(
            "Selector",
            lambda i: selector(section(section(i["spec"]["jobTemplate"], "spec"), "selector")),
        ),
    ],
    "Deployment": [
        NAME,
        Column("Ready", _replicas),
        Column("Up-to-date", status("updatedReplicas")),
        Column("Available", status("availableReplicas")),
        AGE,
        *_SELECTED,
    ],
    "ReplicaSet": [
        *_COUNTED,
        *_SELECTED,
    ],
    "ReplicationController": [
        *_COUNTED,
        *_CONTAINERS,
        wide("Selector", lambda i: pairs(section(i["spec"], "selector"))),
    ],
    "StatefulSet": [NAME, Column("Ready", _replicas), AGE, *_CONTAINERS],
    "DaemonSet": [
        NAME,
        number("Desired", status("desiredNumberScheduled")),
        number("Current", status("currentNumberScheduled")),
        number("Ready", status("numberReady")),
        number("Up-to-date", status("updatedNumberScheduled")),
        number("Available", status("numberAvailable")),
        Column(
            "Node Selector",
            lambda i: pairs(section(section(i["spec"]["template"], "spec"), "nodeSelector")),
        ),
        AGE,
        *_SELECTED,
    ],
    "ControllerRevision": [
        NAME,
        Column("Controller", _controller),
        Column("Revision", lambda i: str(i.get("revision", 0))),
        AGE,
    ],
}
