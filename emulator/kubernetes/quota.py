"""What objects cost, and what quotas allow."""

from collections import Counter
from decimal import Decimal
from typing import cast

from emulator.kubernetes.api_error import forbidden
from emulator.kubernetes.objects import JsonObject, key_of, listed, section, status_of
from emulator.kubernetes.quantities import format_quantity, parse_quantity
from emulator.kubernetes.resources import CLAIMS, PODS, RESOURCE_QUOTAS, SERVICES, Catalog, Resource
from emulator.kubernetes.store import Store

type Amounts = dict[str, Decimal]

_COUNTED = frozenset({
    "configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas", "secrets",
    "services",
})  # fmt: skip # the resources that a quota may name without ``count/``
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_ONE = Decimal(1)


def cost(resource: Resource, item: JsonObject) -> Amounts:
    """What one object takes of every quota key that it touches."""
    amounts: Amounts = {f"count/{resource.qualified}": _ONE}
    if not resource.group and resource.plural in _COUNTED:
        amounts[resource.plural] = _ONE
    if resource.id == PODS.id:
        amounts |= _pod(item)
    elif resource.id == CLAIMS.id:
        amounts |= _claim(item)
    elif resource.id == SERVICES.id:
        amounts |= _service(item)
    return amounts


def _pod(item: JsonObject) -> Amounts:
    if status_of(item).get("phase") in ("Succeeded", "Failed"):
        return {}
    totals: Counter[str] = Counter()
    for container in listed(item["spec"], "containers"):
        wanted = section(container, "resources")
        for kind in ("requests", "limits"):
            for name, amount in section(wanted, kind).items():
                totals[f"{kind}.{name}"] += parse_quantity(amount)  # pyright: ignore[reportArgumentType] # a Counter adds any number
    sums = cast("Amounts", dict(totals))
    plain = {n: sums[f"requests.{n}"] for n in _COMPUTE if f"requests.{n}" in sums}
    return {"pods": _ONE} | sums | plain


def _claim(item: JsonObject) -> Amounts:
    spec = item["spec"]
    size = parse_quantity(spec["resources"]["requests"]["storage"])
    amounts = {"requests.storage": size}
    if storage_class := spec.get("storageClassName"):
        prefix = f"{storage_class}.storageclass.storage.k8s.io"
        amounts |= {f"{prefix}/requests.storage": size, f"{prefix}/persistentvolumeclaims": _ONE}
    return amounts


def _service(item: JsonObject) -> Amounts:
    ports = Decimal(len(listed(item["spec"], "ports")))
    match item["spec"].get("type"):
        case "LoadBalancer":
            return {"services.loadbalancers": _ONE, "services.nodeports": ports}
        case "NodePort":
            return {"services.nodeports": ports}
        case _:
            return {}


def _limits(half: JsonObject) -> Amounts:
    return {name: parse_quantity(amount) for name, amount in section(half, "hard").items()}


def usage(store: Store, catalog: Catalog, quota: JsonObject) -> Amounts:
    """What the objects of the quota's namespace take of its limits now."""
    namespace, limits = key_of(quota)[0], _limits(section(quota, "spec"))
    used = dict.fromkeys(limits, Decimal(0))
    for resource in catalog.collections():
        if not resource.namespaced or not _touches(resource, limits):
            continue
        for item in store.in_namespace(resource, namespace):
            for name, amount in cost(resource, item).items():
                if name in used:
                    used[name] += amount
    return used


def _touches(resource: Resource, limits: Amounts) -> bool:
    if resource.id in (PODS.id, CLAIMS.id, SERVICES.id):
        return True
    return f"count/{resource.qualified}" in limits or resource.plural in limits


def admit(store: Store, catalog: Catalog, resource: Resource, item: JsonObject) -> None:
    """Refuse a new object that the quotas of its namespace have no room for.

    As on the real server, a quota holds from when its controller has taken it up into its status.

    Raises:
        ApiError: 403 ``exceeded quota``, or a limit on an amount that the pod does not state.
    """
    namespace, name = key_of(item)
    for quota in list(store.in_namespace(RESOURCE_QUOTAS, namespace)):
        limits, wanted = _limits(status_of(quota)), cost(resource, item)
        _insist_on_amounts(resource, item, quota, limits)
        touched = sorted(limits.keys() & wanted.keys())
        if not touched:
            continue
        used = usage(store, catalog, quota)
        over = [n for n in touched if used[n] + wanted[n] > limits[n]]
        if over:
            told = (
                f"exceeded quota: {quota['metadata']['name']}, requested: {_shown(wanted, over)}, "
                f"used: {_shown(used, over)}, limited: {_shown(limits, over)}"
            )
            raise forbidden(resource, name, told)


def _insist_on_amounts(
    resource: Resource, item: JsonObject, quota: JsonObject, limits: Amounts
) -> None:
    if resource.id != PODS.id:
        return
    missing: dict[str, list[str]] = {}
    for limit in limits:
        kind, _, amount = limit.rpartition(".")
        kind = kind or ("requests" if amount in _COMPUTE else "")
        if kind not in ("requests", "limits") or amount not in _COMPUTE:
            continue
        for container in item["spec"]["containers"]:
            if amount not in (section(section(container, "resources"), kind)):
                missing.setdefault(limit, []).append(container["name"])
    if missing:
        told = "; ".join(f"{n} for: {','.join(c)}" for n, c in sorted(missing.items()))
        why = f"failed quota: {quota['metadata']['name']}: must specify {told}"
        raise forbidden(resource, item["metadata"]["name"], why)


def _shown(amounts: Amounts, names: list[str]) -> str:
    return ",".join(f"{n}={format_quantity(amounts[n])}" for n in names)
