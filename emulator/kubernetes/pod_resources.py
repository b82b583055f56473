"""What pods ask of a node's processor and memory, and the class that follows from it.

See https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/.
"""

from decimal import Decimal

from emulator.kubernetes.objects import JsonObject, listed, section
from emulator.kubernetes.quantities import parse_quantity

_KINDS = ("initContainers", "containers")
_COUNTED = ("cpu", "memory")


def with_requests(spec: JsonObject) -> JsonObject:
    """The spec of a pod; a limit that has no request becomes one."""
    return spec | {kind: [_requesting(c) for c in spec[kind]] for kind in _KINDS if spec.get(kind)}


def _requesting(container: JsonObject) -> JsonObject:
    resources = section(container, "resources")
    limits, requests = section(resources, "limits"), section(resources, "requests")
    if limits.keys() <= requests.keys():
        return container
    return {**container, "resources": {**resources, "requests": {**limits, **requests}}}


def quality(spec: JsonObject) -> str:
    """The ``qosClass`` of a pod whose requests are filled in."""
    resources = [section(c, "resources") for kind in _KINDS for c in listed(spec, kind)]
    requests = [_amounts(section(r, "requests")) for r in resources]
    limits = [_amounts(section(r, "limits")) for r in resources]
    if not any(requests) and not any(limits):
        return "BestEffort"
    if requests == limits and all(len(each) == len(_COUNTED) for each in limits):
        return "Guaranteed"
    return "Burstable"


def _amounts(said: JsonObject) -> dict[str, Decimal]:
    amounts = {name: parse_quantity(said[name]) for name in _COUNTED if name in said}
    return {name: amount for name, amount in amounts.items() if amount}
