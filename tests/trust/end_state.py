"""Everything that an installation leaves in the world, in a form in which two can be compared."""

import json
import re
from typing import Any

from emulator.kubernetes.resources import BUILT_IN
from emulator.world import ZONE_GROUP
from tests.e2e.driver import Driver

_VOLATILE = frozenset(
    {
        "uid", "resourceVersion", "creationTimestamp", "managedFields", "startTime", "time",
        "lastTransitionTime", "lastUpdateTime", "lastHeartbeatTime", "lastProbeTime",
        "completionTime", "startedAt", "finishedAt", "etag", "createdAt", "renewTime",
        "acquireTime", "deployedAt", "resourceUID", "nodeName", "kubeletEndpoint",
        "volume.kubernetes.io/selected-node",
        "timings", "runId",
    }
)  # fmt: skip # one idea
_MADE_UP = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids
    r"|\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)"  # times
    r"|\b10\.\d+\.\d+\.\d+\b"  # addresses inside the cluster
    r"|\b20\.50\.\d+\.\d+\b"  # the load balancer's address
    r"|(?<=kube-api-access-)[a-z0-9]{5}"
    r"|(?<=-)[0-9a-f]{10}(?:-[a-z0-9]{5})?\b"  # pods of a Deployment
    r"|\b[0-9a-f]{16}\b"  # hash of the plan, which holds the name
    r"|(?<=-)[0-9a-f]{8}\b|(?<=\")[0-9a-f]{8}(?=\")"  # the run
    r"|-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----"  # a world's own authority
)
_NAMED_BY_OTHERS = frozenset({"events", "endpointslices", "persistentvolumes"})
"""Made by controllers, under names that they make up; what they stand for is compared."""


def end_state(driver: Driver, name: str) -> dict[str, Any]:
    """Azure, DNS, the cluster's objects, the realm's users; by a name that holds no accident."""
    state = driver.world.cloud.azure.state
    documents = {
        resource.resource_id: {**resource.document(), "created": None}
        for resource in state.resources.all.values()
        if resource.group == f"rg-{name}"
    }
    records = {
        f"{r.kind} {r.own_name}": r.properties
        for kind in ("A", "CNAME", "TXT")
        for r in state.resources.of(f"Microsoft.Network/dnsZones/{kind}", group=ZONE_GROUP)
        if name in r.own_name or name in json.dumps(r.properties)
    }
    told = {
        "azure": documents,
        "dns": records,
        "cluster": _objects(driver, name),
        "users": _users(driver, name),
    }
    return json.loads(_plain(json.dumps(_stable(told), sort_keys=True), name))


def _objects(driver: Driver, name: str) -> dict[str, Any]:
    servers = driver.world.cloud.clusters.servers
    store = next(s.store for key, s in servers.items() if key.endswith(f"/aks-{name}"))
    return {
        f"{resource.plural} {item['metadata'].get('namespace', '')}/{item['metadata']['name']}": (
            sorted(item.get("data", {})) if resource.plural == "secrets" else _opened(item)
        )
        for resource in BUILT_IN
        if resource.plural not in _NAMED_BY_OTHERS
        for item in store.objects(resource)
    }


def _opened(item: dict[str, Any]) -> dict[str, Any]:
    """The object with JSON documents in its data read, so that what is volatile there goes too."""
    data = {
        key: json.loads(value) if key.endswith(".json") else value
        for key, value in item.get("data", {}).items()
    }
    return {**item, "data": data} if data else item


def _users(driver: Driver, name: str) -> list[Any]:
    consoles = driver.world.cloud.clusters.consoles
    console = next(c for key, c in consoles.items() if key.endswith(f"/aks-{name}"))
    realm = console.keycloaks[f"{name}.example.com"].realms["dash"]
    return [
        {
            "user": {k: v for k, v in user.representation().items() if "imestamp" not in k},
            "roles": {k: sorted(v) for k, v in realm.effective_roles(user).items()},
        }
        for user in sorted(realm.users.values(), key=lambda user: user.username)
    ]


def _stable(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _stable(v) for k, v in value.items() if k not in _VOLATILE}  # pyright: ignore[reportUnknownVariableType] # JSON
    if isinstance(value, list):
        return [_stable(v) for v in value]  # pyright: ignore[reportUnknownVariableType] # JSON
    return value


def _plain(text: str, name: str) -> str:
    return _MADE_UP.sub("*", text).replace(name, "NAME")


def differences(expected: Any, found: Any, path: str = "") -> list[str]:
    """Where two JSON documents differ, as paths."""
    if isinstance(expected, dict) and isinstance(found, dict):
        keys: set[str] = expected.keys() | found.keys()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] # JSON
        return [
            line
            for key in sorted(keys)
            for line in differences(expected.get(key), found.get(key), f"{path}/{key}")  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType] # JSON
        ]
    return [] if expected == found else [f"{path}: {expected!r} is now {found!r}"]
