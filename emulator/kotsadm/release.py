"""What the emulated Dash Enterprise release consists of: its Config, versions and workloads.

The true item names and workloads are not public; these are ours, after the parts that the guide's
egress list and documentation name (Postgres operator, Keycloak, registry, git, image builds).
"""

from dataclasses import dataclass
from typing import Any

type JsonObject = dict[str, Any]

SLUG = "dash-enterprise"
VERSIONS = ("5.6.0", "5.7.0")
"""Oldest first; the channel's newest is the last."""
CHANNELS = ("stable", "beta")

REQUIRED_ITEMS = ("base_domain", "tls_certificate", "tls_private_key")
OPTIONAL_ITEMS = ("offering", "smtp_password")

INGRESS_SERVICE = "ingress-nginx-controller"
KEYCLOAK_SECRET = "keycloak-secrets"  # noqa: S105 # a Secret's name
KEYCLOAK = "keycloak"
INFORMED = "emulator/status-informer"
"""Label of the workloads whose state is the application's."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One Deployment or StatefulSet of the release.

    Attributes:
        after: Fraction of the roll-out after which it appears.
        storage: Size of its claim; empty for a Deployment.
    """

    name: str
    replicas: int
    after: float
    storage: str = ""


WORKLOADS = (
    Workload("ingress-nginx", 2, 0.0),
    Workload("postgres-operator", 1, 0.05),
    Workload("postgres", 2, 0.15, "32Gi"),
    Workload("redis", 1, 0.15, "8Gi"),
    Workload(KEYCLOAK, 1, 0.3),
    Workload("gitea", 1, 0.35, "32Gi"),
    Workload("registry", 2, 0.4, "128Gi"),
    Workload("kpack-controller", 1, 0.5),
    Workload("api", 2, 0.6),
    Workload("websocket", 2, 0.65),
    Workload("app-manager", 2, 0.75),
    Workload("portal", 2, 0.9),
)


def manifest(workload: Workload, stuck: bool) -> tuple[str, JsonObject]:
    """Collection below ``/apis/apps/v1/namespaces/NS/`` and manifest of a workload."""
    labels = {"app": workload.name, INFORMED: "true"}
    annotations = {"emulator/never-ready": "true"} if stuck else {}
    template: JsonObject = {
        "metadata": {"labels": labels, "annotations": annotations},
        "spec": {"containers": [{"name": "main", "image": f"plotly/{workload.name}:5"}]},
    }
    spec: JsonObject = {
        "replicas": workload.replicas,
        "selector": {"matchLabels": {"app": workload.name}},
        "template": template,
    }
    body = {"metadata": {"name": workload.name, "labels": labels}, "spec": spec}
    if not workload.storage:
        return "deployments", body
    spec["serviceName"] = workload.name
    spec["volumeClaimTemplates"] = [
        {
            "metadata": {"name": "data"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": workload.storage}},
            },
        }
    ]
    return "statefulsets", body


def ingress_service() -> JsonObject:
    """The Service whose address is the installation's only entry."""
    return {
        "metadata": {"name": INGRESS_SERVICE, "labels": {"app": "ingress-nginx"}},
        "spec": {
            "type": "LoadBalancer",
            "selector": {"app": "ingress-nginx"},
            "ports": [{"name": "https", "port": 443, "targetPort": 443}],
        },
    }


def inner_service(workload: Workload) -> JsonObject:
    """The ClusterIP Service of a workload."""
    return {
        "metadata": {"name": workload.name, "labels": {"app": workload.name}},
        "spec": {"selector": {"app": workload.name}, "ports": [{"port": 80, "targetPort": 8080}]},
    }
