"""Jobs: one pod after another until enough have succeeded or too many have failed.

Follows the Job controller of Kubernetes 1.36 (https://kubernetes.io/docs/concepts/workloads/controllers/job/):
a finished pod is counted when its tracking finalizer is taken off, so that no outcome is lost.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from emulator.clock import Clock
from emulator.kubernetes.controllers.events import Recorder
from emulator.kubernetes.controllers.pod_control import PodControl
from emulator.kubernetes.controllers.pods import changed_pods, finished, from_template, owned, ready
from emulator.kubernetes.deletion import Deletion
from emulator.kubernetes.objects import (
    JsonObject,
    Key,
    condition,
    controlled_by,
    deleting,
    holds,
    instant,
    key_of,
    listed,
    status_of,
    timestamp,
    with_condition,
)
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.resources import JOBS, PODS, Resource
from emulator.kubernetes.store import Event

TRACKING = "batch.kubernetes.io/job-tracking"
_FIRST_BACKOFF = timedelta(seconds=10)
_LONGEST_BACKOFF = timedelta(minutes=10)
_PATIENCE_FLOOR = timedelta(minutes=1)
_SETTLED = 0.01


class Jobs:
    """The Job controller."""

    watched: Sequence[Resource] = (JOBS, PODS)

    def __init__(self, operations: Operations, clock: Clock) -> None:
        self._operations = operations
        self._clock = clock
        self._events = Recorder(operations, "job-controller")
        self._pods = PodControl(operations, self._events)
        self._failed_at: dict[str, float] = {}

    def keys(self, event: Event) -> Iterable[Key]:
        """The Job itself, or the one whose pod changed."""
        if event.resource.id == JOBS.id:
            return [key_of(event.object)]
        return changed_pods(event.object, "Job")

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Count, judge, and start or stop pods."""
        job = self._operations.store.get(JOBS, namespace, name)
        if job is None:
            self._release_orphans(namespace, name)
            return None
        if deleting(job):
            self._release(job)
            return None
        if holds(job, "Complete") or holds(job, "Failed"):
            return self._expire(job)
        status = {**status_of(job)}
        self._count(job, status)
        status = self._judge(job, status)
        wait = self._stop_all(job) if _ended(status) else self._drive(job, status)
        pods = [p for p in owned(self._operations, job) if not finished(p)]
        status |= {
            "active": sum(1 for p in pods if not deleting(p)),
            "ready": sum(1 for p in pods if ready(p)),
            "terminating": sum(1 for p in pods if deleting(p)),
        }
        status = self._conclude(job, status)
        self._operations.set_status(JOBS, job, _tidy(status))
        return wait

    def patience(self, seconds: int) -> float:
        """Real seconds for a limit of emulated ones.

        Real programs do not compute faster at a higher speed, so a limit shrinks to no less than a
        minute, or itself when it is shorter.
        """
        wanted = timedelta(seconds=seconds)
        return max(self._clock.real(wanted), min(wanted, _PATIENCE_FLOOR).total_seconds())

    def _count(self, job: JsonObject, status: JsonObject) -> None:
        for pod in owned(self._operations, job):
            if TRACKING not in listed(pod["metadata"], "finalizers"):
                continue
            if not finished(pod) and not _lost(pod):
                continue
            succeeded = status_of(pod).get("phase") == "Succeeded"
            field = "succeeded" if succeeded else "failed"
            status[field] = status.get(field, 0) + 1
            if not succeeded:
                self._failed_at[job["metadata"]["uid"]] = time.monotonic()
            # Stored before the finalizer goes: the pod may vanish with it.
            self._operations.set_status(JOBS, job, {**status})
            self._untrack(pod)

    def _untrack(self, pod: JsonObject) -> None:
        left = [f for f in listed(pod["metadata"], "finalizers") if f != TRACKING]
        self._operations.set_metadata(PODS, pod, finalizers=left or None)

    def _judge(self, job: JsonObject, status: JsonObject) -> JsonObject:
        """The status with the verdict added, when there is one now."""
        spec = job["spec"]
        if _ended(status):
            return status
        if status.get("succeeded", 0) >= (spec.get("completions") or 1):
            return _decided(
                status,
                "SuccessCriteriaMet",
                "CompletionsReached",
                "Reached expected number of succeeded pods",
            )
        if status.get("failed", 0) > spec["backoffLimit"]:
            return _decided(
                status,
                "FailureTarget",
                "BackoffLimitExceeded",
                "Job has reached the specified backoff limit",
            )
        deadline = spec.get("activeDeadlineSeconds")
        if deadline is not None and "startTime" in status and self._left(status, deadline) <= 0:
            return _decided(
                status,
                "FailureTarget",
                "DeadlineExceeded",
                "Job was active longer than specified deadline",
            )
        return status

    def _left(self, status: JsonObject, deadline: int) -> float:
        elapsed = datetime.now(UTC) - instant(status["startTime"])
        return self.patience(deadline) - elapsed.total_seconds()

    def _drive(self, job: JsonObject, status: JsonObject) -> float | None:
        """Start pods; returns when to look again."""
        spec = job["spec"]
        pods = [p for p in owned(self._operations, job) if not finished(p)]
        if spec.get("suspend"):
            for pod in pods:
                self._pods.delete(job, pod)
            suspended = condition("Suspended", "JobSuspended", "Job suspended")
            status["conditions"] = with_condition(listed(status, "conditions"), suspended)
            status.pop("startTime", None)
            return None
        status.setdefault("startTime", timestamp())
        waits = [self._backoff(job, status)]
        if waits[0] <= 0:
            missing = (spec.get("completions") or 1) - status.get("succeeded", 0)
            wanted = min(spec["parallelism"], missing)
            for _ in range(wanted - len(pods)):
                self._start(job)
            for pod in pods[max(wanted, 0) :]:
                self._pods.delete(job, pod)
        if (deadline := spec.get("activeDeadlineSeconds")) is not None:
            waits.append(self._left(status, deadline) + _SETTLED)
        return min((w for w in waits if w > 0), default=None)

    def _backoff(self, job: JsonObject, status: JsonObject) -> float:
        failed = status.get("failed", 0)
        if not failed:
            return 0.0
        pause = min(_FIRST_BACKOFF * 2 ** min(failed - 1, 10), _LONGEST_BACKOFF)
        since = time.monotonic() - self._failed_at.get(job["metadata"]["uid"], 0.0)
        return self._clock.real(pause) - since

    def _start(self, job: JsonObject) -> None:
        pod = from_template(job, job["spec"]["template"])
        pod["metadata"]["finalizers"] = [TRACKING]
        self._pods.create(job, pod)

    def _stop_all(self, job: JsonObject) -> None:
        for pod in owned(self._operations, job):
            if not finished(pod):
                self._pods.delete(job, pod)

    def _conclude(self, job: JsonObject, status: JsonObject) -> JsonObject:
        """The status with the final condition, once no pod is left."""
        if not _ended(status) or status["active"] or status["terminating"]:
            return status
        verdict = _verdict(status)
        if verdict["type"] == "SuccessCriteriaMet":
            self._events.tell(job, "Completed", "Job completed")
            ended = _decided(status, "Complete", verdict["reason"], verdict["message"])
            return ended | {"completionTime": timestamp()}
        self._events.warn(job, verdict["reason"], verdict["message"])
        return _decided(status, "Failed", verdict["reason"], verdict["message"])

    def _expire(self, job: JsonObject) -> float | None:
        seconds = job["spec"].get("ttlSecondsAfterFinished")
        self._failed_at.pop(job["metadata"]["uid"], None)
        if seconds is None:
            return None
        ends = [c for c in status_of(job)["conditions"] if c["type"] in ("Complete", "Failed")]
        elapsed = datetime.now(UTC) - instant(ends[0]["lastTransitionTime"])
        left = self.patience(seconds) - elapsed.total_seconds()
        if left > 0:
            return left + _SETTLED
        self._operations.delete(JOBS, job, Deletion(policy="Foreground"))
        return None

    def _release_orphans(self, namespace: str, name: str) -> None:
        """Let the pods of a Job go that has gone before them."""
        for pod in list(self._operations.store.in_namespace(PODS, namespace)):
            reference = controlled_by(pod)
            mine = (
                reference is not None and reference["kind"] == "Job" and reference["name"] == name
            )
            if mine and TRACKING in listed(pod["metadata"], "finalizers"):
                self._untrack(pod)

    def _release(self, job: JsonObject) -> None:
        for pod in owned(self._operations, job):
            if TRACKING in listed(pod["metadata"], "finalizers"):
                self._untrack(pod)


def _lost(pod: JsonObject) -> bool:
    """Whether the pod is only held by the finalizer: its kubelet is done with it."""
    return deleting(pod) and not pod["metadata"].get("deletionGracePeriodSeconds")


def _verdict(status: JsonObject) -> JsonObject:
    kinds = ("SuccessCriteriaMet", "FailureTarget")
    return next(c for c in status["conditions"] if c["type"] in kinds and c["status"] == "True")


def _ended(status: JsonObject) -> bool:
    kinds = ("SuccessCriteriaMet", "FailureTarget")
    return any(c["type"] in kinds and c["status"] == "True" for c in listed(status, "conditions"))


def _decided(status: JsonObject, kind: str, reason: str, message: str) -> JsonObject:
    made = condition(kind, reason, message) | {"lastProbeTime": timestamp()}
    return {**status, "conditions": with_condition(listed(status, "conditions"), made)}


def _tidy(status: JsonObject) -> JsonObject:
    """As stored: zero counts of active pods are left out, as the real controller does."""
    dropped = {"active"} if not status.get("active") else set[str]()
    kept = {k: v for k, v in status.items() if k not in dropped}
    return kept | {"uncountedTerminatedPods": {}}
