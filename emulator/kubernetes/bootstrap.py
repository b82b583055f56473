"""What every new cluster has before anybody asks: system namespaces and the default roles."""

from emulator.kubernetes.objects import JsonObject
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.resources import (
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    NAMESPACES,
    SERVICES,
)
from emulator.kubernetes.users import AUTHENTICATED, MASTERS

_READ = ["get", "list", "watch"]
_WRITE = ["create", "delete", "deletecollection", "patch", "update"]
_CORE = [
    "configmaps", "endpoints", "persistentvolumeclaims", "pods", "replicationcontrollers",
    "serviceaccounts", "services",
]  # fmt: skip # a list of names
_WORKLOADS: list[JsonObject] = [
    {"apiGroups": ["apps"], "resources": ["*"]},
    {"apiGroups": ["batch"], "resources": ["cronjobs", "jobs"]},
    {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"]},
    {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses", "networkpolicies"]},
    {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"]},
]
_SEEN = {
    "apiGroups": [""], "verbs": _READ,
    "resources": ["events", "limitranges", "namespaces", "pods/log", "pods/status",
                  "resourcequotas", "resourcequotas/status"],
}  # fmt: skip # one rule
_VIEW = [{"apiGroups": [""], "resources": _CORE, "verbs": _READ}, _SEEN] + [
    {**w, "verbs": _READ} for w in _WORKLOADS
]
_EDIT = [
    *_VIEW,
    {"apiGroups": [""], "resources": ["secrets"], "verbs": [*_READ, *_WRITE]},
    {"apiGroups": [""], "resources": [*_CORE, "pods/eviction"], "verbs": _WRITE},
    *({**w, "verbs": _WRITE} for w in _WORKLOADS),
]
_RBAC_RULE = {
    "apiGroups": ["rbac.authorization.k8s.io"],
    "resources": ["rolebindings", "roles"],
    "verbs": [*_READ, *_WRITE],
}
_REVIEWS = {
    "apiGroups": ["authorization.k8s.io"],
    "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
    "verbs": ["create"],
}
_WHO_AM_I = {
    "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"], "verbs": ["create"]
}  # fmt: skip # one rule
_PATHS = [
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/livez",
    "/openapi",
    "/openapi/*",
    "/readyz",
    "/version",
    "/version/",
]

ROLES: dict[str, list[JsonObject]] = {
    "cluster-admin": [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ],
    "admin": [*_EDIT, _RBAC_RULE],
    "edit": _EDIT,
    "view": _VIEW,
    "system:basic-user": [_REVIEWS, _WHO_AM_I],
    "system:discovery": [{"nonResourceURLs": _PATHS, "verbs": ["get"]}],
}
"""Rules by name; the user-facing roles are shortened to the kinds that this server knows."""

_GRANTS = {
    "cluster-admin": MASTERS,
    "system:basic-user": AUTHENTICATED,
    "system:discovery": AUTHENTICATED,
}


def furnish(operations: Operations) -> None:
    """Create them; call it once, on an empty store."""
    for name in ("default", "kube-system", "kube-public", "kube-node-lease"):
        operations.create(NAMESPACES, "", {"metadata": {"name": name}})
    for name, rules in ROLES.items():
        meta = {"name": name, "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}
        operations.create(CLUSTER_ROLES, "", {"metadata": meta, "rules": rules})
    for role, group in _GRANTS.items():
        operations.create(CLUSTER_ROLE_BINDINGS, "", _binding(role, group))
    port = {"name": "https", "port": 443, "targetPort": 443}
    service = {
        "metadata": {
            "name": "kubernetes",
            "labels": {"component": "apiserver", "provider": "kubernetes"},
        },
        "spec": {"clusterIP": "10.0.0.1", "ports": [port]},
    }
    operations.create(SERVICES, "default", service)


def _binding(role: str, group: str) -> JsonObject:
    return {
        "metadata": {"name": role, "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}},
        "roleRef": {"kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "Group", "name": group}],
    }
