"""Requests whose answers tell an API server from something like it, in the order to send them."""

from dataclasses import dataclass
from typing import Any

NAMESPACE = "same"

JSON = "application/json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"

_HERE = f"/api/v1/namespaces/{NAMESPACE}"
_APPS = f"/apis/apps/v1/namespaces/{NAMESPACE}"
_JOBS = f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs"
_RBAC = "rbac.authorization.k8s.io"
_BINDINGS = f"/apis/{_RBAC}/v1/namespaces/{NAMESPACE}/rolebindings"
_MAPS, _PODS, _CLAIMS = f"{_HERE}/configmaps", f"{_HERE}/pods", f"{_HERE}/persistentvolumeclaims"


@dataclass(frozen=True, slots=True)
class Step:
    """One request.

    Attributes:
        words: Whether both servers word a refusal alike; some quote what they hold inside.
    """

    method: str
    path: str
    body: Any = None
    kind: str = JSON
    words: bool = True


def named(name: str, **rest: Any) -> dict[str, Any]:
    """An object of that name."""
    return {"metadata": {"name": name}, **rest}


def pod_of(*containers: Any, **spec: Any) -> dict[str, Any]:
    """The spec of a pod."""
    return {"containers": [*containers], **spec}


_CONTAINER = {"name": "main", "image": "i:1"}
_TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": pod_of(_CONTAINER)}


def deployment(name: str, label: str = "b") -> dict[str, Any]:
    """A Deployment without replicas; with another label its selector does not fit."""
    selector = {"matchLabels": {"a": label}}
    return named(name, spec={"replicas": 0, "selector": selector, "template": _TEMPLATE})


def job(name: str, **spec: Any) -> dict[str, Any]:
    """A Job that does not start."""
    template = {"spec": pod_of(_CONTAINER, **spec)}
    return named(name, spec={"suspend": True, "backoffLimit": 0, "template": template})


def claim(name: str, size: str = "1Gi") -> dict[str, Any]:
    """A claim that nobody binds."""
    requests = {"requests": {"storage": size}}
    return named(name, spec={"accessModes": ["ReadWriteOnce"], "resources": requests})


def applied(name: str, value: str) -> dict[str, Any]:
    """A ConfigMap as it is applied."""
    return named(name, apiVersion="v1", kind="ConfigMap", data={"a": value})


READING = (
    Step("GET", "/version"),
    Step("GET", "/healthz"),
    Step("GET", "/nope"),
    Step("GET", "/api/v1/nope"),
    Step("GET", f"{_PODS}/none"),
    Step("GET", "/api/v1/namespaces/none/pods"),
    Step("GET", f"{_MAPS}?limit=1"),
    Step("GET", f"{_MAPS}?continue=xx", words=False),
    Step("GET", f"{_MAPS}?labelSelector=a%3D%3D%3Db", words=False),
    Step("GET", f"{_PODS}?fieldSelector=nope%3Db"),
    Step("GET", f"{_PODS}?fieldSelector=status.phase%3DPending"),
)
WRITING = (
    Step("POST", "/api/v1/namespaces", named(NAMESPACE)),
    Step("PUT", _HERE, named("other")),
    Step("POST", _MAPS, named("c", data={"a": "1"})),
    Step("POST", _MAPS, named("c", data={"a": "1"})),
    Step("POST", _MAPS, named("d", data={"a": 1})),
    Step("POST", _MAPS, named("Bad_Name")),
    Step("POST", _MAPS, {"metadata": {}}),
    Step("POST", _MAPS, {"metadata": {"name": "d", "namespace": "other"}}),
    Step("POST", _MAPS, named("d", kind="Secret", apiVersion="v1"), words=False),
    Step("POST", f"{_MAPS}?dryRun=All", named("dry")),
    Step("POST", f"{_MAPS}?dryRun=x", named("dry")),
    Step("GET", f"{_MAPS}/dry"),
    Step("PUT", f"{_MAPS}/none", named("none")),
    Step("PUT", f"{_MAPS}/c", {"metadata": {"name": "c", "resourceVersion": "1"}}),
    Step("POST", f"{_HERE}/secrets", named("s", stringData={"a": "b"})),
    Step("POST", f"{_HERE}/secrets", named("t", data={"a": "!!"})),
    Step("PATCH", f"{_HERE}/secrets/s", {"type": "other"}, MERGE),
    Step("POST", f"{_HERE}/resourcequotas", named("q", spec={"hard": {"pods": "x"}})),
    Step("POST", _CLAIMS, claim("v")),
    Step("POST", _CLAIMS, claim("w", "x")),
    Step("POST", _CLAIMS, named("w", spec={})),
    Step("PATCH", f"{_CLAIMS}/v", claim("v", "2Gi"), MERGE, words=False),
    Step("POST", f"{_HERE}/serviceaccounts/none/token", {"spec": {"audiences": []}}),
    Step(
        "POST",
        f"{_HERE}/serviceaccounts/default/token",
        {"spec": {"audiences": [], "expirationSeconds": 1}},
    ),
)
PATCHING = (
    Step("PATCH", f"{_MAPS}/none", {"data": {}}, MERGE),
    Step("PATCH", f"{_MAPS}/c", {"data": {"b": "2"}}, MERGE),
    Step("PATCH", f"{_MAPS}/c", {"data": {}}, "text/plain", words=False),
    Step("PATCH", f"{_MAPS}/c", {"metadata": {"name": "other"}}, MERGE),
    Step("PATCH", f"{_MAPS}/c", {"metadata": {"resourceVersion": "1"}}, MERGE),
    Step("PATCH", f"{_MAPS}/c", [{"op": "remove", "path": "/data/zz"}], JSON_PATCH),
    Step("PATCH", f"{_MAPS}/c", [{"op": "test", "path": "/data/a", "value": "no"}], JSON_PATCH),
    Step("PATCH", f"{_MAPS}/c", applied("c", "x"), APPLY),
    Step("PATCH", f"{_MAPS}/c?fieldManager=m", applied("c", "x"), APPLY),
    Step("PATCH", f"{_MAPS}/c?fieldManager=m&force=true", applied("c", "x"), APPLY),
    Step("PATCH", f"{_MAPS}/n?fieldManager=m", applied("n", "x"), APPLY),
    Step("PATCH", f"{_MAPS}/n?fieldManager=m", applied("other", "x"), APPLY),
)
WORKLOADS = (
    Step("POST", _PODS, named("p", spec=pod_of(_CONTAINER))),
    Step("POST", _PODS, named("r", spec=pod_of())),
    Step("POST", _PODS, named("r", spec=pod_of({"name": "main"}))),
    Step("POST", _PODS, named("r", spec=pod_of(_CONTAINER, serviceAccountName="none"))),
    Step("PATCH", f"{_PODS}/p", {"spec": {"nodeName": "x"}}, MERGE, words=False),
    Step("GET", f"{_PODS}/p/log"),
    Step("GET", f"{_PODS}/none/log"),
    Step("POST", f"{_APPS}/deployments", deployment("d")),
    Step("POST", f"{_APPS}/deployments", deployment("e", "zz")),
    Step(
        "PATCH",
        f"{_APPS}/deployments/d",
        {"spec": {"selector": {"matchLabels": {"a": "c"}}}},
        MERGE,
    ),
    Step("PATCH", f"{_APPS}/deployments/d/scale", {"spec": {"replicas": -1}}, MERGE, words=False),
    Step("POST", _JOBS, job("j", restartPolicy="Never")),
    Step("POST", _JOBS, job("k")),
    Step(
        "PATCH",
        f"{_JOBS}/j",
        {"spec": {"template": {"spec": {"containers": [_CONTAINER | {"image": "i:2"}]}}}},
        STRATEGIC,
        words=False,
    ),
    Step("POST", f"{_HERE}/services", named("s", spec={"ports": [{"port": 443}]})),
    Step("POST", f"{_HERE}/services", named("t", spec={"ports": []})),
    Step("POST", f"{_HERE}/services", named("t", spec={"ports": [{"port": 99999}]})),
)
RIGHTS = (
    Step("POST", _BINDINGS, named("r", roleRef={"kind": "Role", "name": "x", "apiGroup": _RBAC})),
    Step("PATCH", f"{_BINDINGS}/r", {"roleRef": {"name": "y"}}, MERGE, words=False),
    Step(
        "POST",
        f"/apis/{_RBAC}/v1/clusterroles",
        named("same", rules=[{"apiGroups": [""], "resources": ["pods"]}]),
    ),
    Step(
        "POST",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        {"spec": {"resourceAttributes": {"verb": "*", "group": "*", "resource": "*"}}},
    ),
    Step("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}),
)
REMOVING = (
    Step("DELETE", f"{_MAPS}/none"),
    Step("DELETE", f"{_MAPS}/c", {"preconditions": {"uid": "other"}}),
    Step("DELETE", f"{_MAPS}/c"),
    Step("DELETE", f"{_MAPS}?labelSelector=a%3Db"),
    Step("DELETE", f"{_JOBS}/j?propagationPolicy=x"),
    Step("DELETE", f"{_JOBS}/j?propagationPolicy=Background"),
    Step("DELETE", f"{_PODS}/p"),
    Step("DELETE", "/api/v1/namespaces"),
    Step("DELETE", "/api/v1/namespaces/default"),
    Step("DELETE", _HERE),
)
STEPS = (*WRITING[:1], *READING, *WRITING[1:], *PATCHING, *WORKLOADS, *RIGHTS, *REMOVING)
