"""The status of a pod as a kubelet reports it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from emulator.kubelet.api_client import JsonObject
from emulator.kubelet.documents import section


def now() -> str:
    """RFC 3339, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class ContainerState:
    """One container of a pod.

    Attributes:
        state: As ``containerStatuses[].state``: one of waiting, running, terminated.
    """

    state: JsonObject
    ready: bool = False
    restarts: int = 0
    last: JsonObject = field(default_factory=dict[str, object])


def waiting(reason: str, message: str = "") -> ContainerState:
    """A container that has not started."""
    told = {"reason": reason, **({"message": message} if message else {})}
    return ContainerState({"waiting": told})


def running(restarts: int = 0, last: JsonObject | None = None) -> ContainerState:
    """A container that runs and is ready."""
    return ContainerState({"running": {"startedAt": now()}}, True, restarts, last or {})


def terminated(
    code: int, started: str, *, reason: str = "", message: str = "", restarts: int = 0
) -> ContainerState:
    """A container that has ended."""
    told = {
        "exitCode": code,
        "reason": reason or ("Completed" if code == 0 else "Error"),
        "startedAt": started,
        "finishedAt": now(),
        **({"message": message} if message else {}),
    }
    return ContainerState({"terminated": told}, False, restarts)


def report(
    pod: JsonObject, phase: str, ip: str, states: Mapping[str, ContainerState]
) -> JsonObject:
    """A status patch for the whole pod."""
    main = [states[c["name"]] for c in pod["spec"]["containers"]]
    ready = phase == "Running" and all(s.ready for s in main)
    why = (
        "PodCompleted"
        if phase == "Succeeded"
        else "PodFailed"
        if phase == "Failed"
        else "ContainersNotReady"
    )
    initialized = phase != "Pending" or not pod["spec"].get("initContainers")
    status: JsonObject = {
        "phase": phase,
        "hostIP": "127.0.0.1",
        "startTime": section(pod, "status").get("startTime") or now(),
        "conditions": [
            _condition("PodReadyToStartContainers", holds=phase != "Pending"),
            _condition("Initialized", holds=initialized),
            _condition("Ready", holds=ready, reason=why),
            _condition("ContainersReady", holds=ready, reason=why),
            _condition("PodScheduled", holds=True),
        ],
        "containerStatuses": [_container(c, states[c["name"]]) for c in pod["spec"]["containers"]],
    }
    if first := pod["spec"].get("initContainers"):
        status["initContainerStatuses"] = [_container(c, states[c["name"]]) for c in first]
    if phase != "Pending":
        status |= {"podIP": ip, "podIPs": [{"ip": ip}]}
    return status


def _condition(kind: str, *, holds: bool, reason: str = "") -> JsonObject:
    return {
        "type": kind,
        "status": "True" if holds else "False",
        "lastTransitionTime": now(),
        # Explicit nulls: a strategic merge would keep the reason of an earlier report.
        "reason": None if holds or not reason else reason,
        "message": None,
    }


def _container(container: JsonObject, state: ContainerState) -> JsonObject:
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "ready": state.ready,
        "started": "running" in state.state,
        "restartCount": state.restarts,
        "state": state.state,
        "lastState": state.last,
    }
