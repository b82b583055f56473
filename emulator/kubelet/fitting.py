"""Whether a pod fits on a node, in the words of the real scheduler.

See https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from emulator.kubelet.api_client import JsonObject
from emulator.kubelet.documents import listed, section
from emulator.kubernetes.quantities import parse_quantity

type Amounts = dict[str, Decimal]

_COUNTED = ("cpu", "memory", "ephemeral-storage")
_KEEPING_OUT = ("NoSchedule", "NoExecute")


def claim_names(pod: JsonObject) -> list[str]:
    """The claims that a pod mounts."""
    return [
        v["persistentVolumeClaim"]["claimName"]
        for v in listed(pod["spec"], "volumes")
        if "persistentVolumeClaim" in v
    ]


def obstacles(
    pod: JsonObject, node: JsonObject, data_disks: int, there: list[JsonObject]
) -> list[str]:
    """Why the pod cannot go to a node that runs others already; empty when it can.

    Like the real scheduler it stops at the first kind of obstacle, but names every amount that is
    short.
    """
    if node["spec"].get("unschedulable"):
        return ["node(s) were unschedulable"]
    for taint in listed(node["spec"], "taints"):
        if taint["effect"] in _KEEPING_OUT and not _tolerated(pod, taint):
            return [f"node(s) had untolerated taint {{{taint['key']}: {taint.get('value', '')}}}"]
    labels = section(node["metadata"], "labels")
    if not section(pod["spec"], "nodeSelector").items() <= labels.items():
        return ["node(s) didn't match Pod's node affinity/selector"]
    room = section(section(node, "status"), "allocatable")
    if short := list(_short(pod, room, there)):
        return short
    attached = sum(len(claim_names(p)) for p in there)
    if attached + len(claim_names(pod)) > data_disks:
        return ["node(s) exceed max volume count"]
    return []


def _tolerated(pod: JsonObject, taint: JsonObject) -> bool:
    return any(_tolerates(t, taint) for t in listed(pod["spec"], "tolerations"))


def _tolerates(toleration: JsonObject, taint: JsonObject) -> bool:
    if toleration.get("effect") not in (None, "", taint["effect"]):
        return False
    if toleration.get("key") not in (None, "", taint["key"]):
        return False
    if toleration.get("operator") == "Exists":
        return True
    return toleration.get("value", "") == taint.get("value", "")


def _short(pod: JsonObject, room: JsonObject, there: list[JsonObject]) -> Iterator[str]:
    if len(there) >= _amount(str(room.get("pods", "0"))):
        yield "Too many pods"
    wanted = requests_of(pod)
    if not wanted:
        return
    used = _sum(requests_of(p) for p in there)
    for name, amount in wanted.items():
        if used.get(name, Decimal(0)) + amount > _amount(str(room.get(name, "0"))):
            yield f"Insufficient {name}"


def requests_of(pod: JsonObject) -> Amounts:
    """What a pod asks for: all its containers at once, or its largest first one alone."""
    main = _sum(_requests(c) for c in listed(pod["spec"], "containers"))
    for container in listed(pod["spec"], "initContainers"):
        for name, amount in _requests(container).items():
            main[name] = max(main.get(name, amount), amount)
    return main


def _requests(container: JsonObject) -> Amounts:
    said = section(section(container, "resources"), "requests")
    found = {name: _amount(str(said[name])) for name in _COUNTED if name in said}
    return {name: amount for name, amount in found.items() if amount}


def _sum(each: Iterable[Amounts]) -> Amounts:
    total: Amounts = {}
    for amounts in each:
        for name, amount in amounts.items():
            total[name] = total.get(name, Decimal(0)) + amount
    return total


def summary(nodes: int, refused: Iterable[str]) -> str:
    """What people are told of a pod that fits nowhere."""
    if not nodes:
        return "no nodes available to schedule pods"
    told = sorted(f"{count} {why}" for why, count in Counter(refused).items())
    return f"0/{nodes} nodes are available: {', '.join(told)}."


@lru_cache(maxsize=1024)
def _amount(text: str) -> Decimal:
    return parse_quantity(text)
