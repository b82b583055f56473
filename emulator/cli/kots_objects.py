"""The Kubernetes objects of ``kots install``, in the order in which the real program makes them."""

import hashlib
import secrets
from collections.abc import Iterator
from enum import Enum
from typing import Any

from emulator.cli.cluster import encoded

type JsonObject = dict[str, Any]

CONSOLE = "kotsadm"
DATASTORES = ("kotsadm-rqlite", "kotsadm-minio")
_LABELS = {"kots.io/kotsadm": "true", "kots.io/backup": "velero"}


class Kind(Enum):
    """A kind and its collection; None as namespace for kinds of the whole cluster."""

    SECRET = "/api/v1/namespaces/{}/secrets"  # noqa: S105 # a path
    CONFIG_MAP = "/api/v1/namespaces/{}/configmaps"
    SERVICE = "/api/v1/namespaces/{}/services"
    SERVICE_ACCOUNT = "/api/v1/namespaces/{}/serviceaccounts"
    STATEFUL_SET = "/apis/apps/v1/namespaces/{}/statefulsets"
    DEPLOYMENT = "/apis/apps/v1/namespaces/{}/deployments"
    CLUSTER_ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
    CLUSTER_ROLE_BINDING = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"

    def collection(self, namespace: str) -> str:
        """The path of the collection."""
        return self.value.format(namespace)


def first_objects(
    namespace: str, license_text: str, config_values: str, settings: dict[str, str]
) -> Iterator[tuple[Kind, JsonObject]]:
    """What is made before anything is waited for."""
    if license_text:
        labels = {"kots.io/automation": "license", "kots.io/app": "dash-enterprise"}
        yield Kind.SECRET, _secret("kotsadm-default-license", {"license": license_text}, labels)
    if config_values:
        labels = {"kots.io/automation": "configvalues", "kots.io/app": "dash-enterprise"}
        data = {"configvalues": config_values}
        yield Kind.SECRET, _secret("kotsadm-default-configvalues", data, labels)
    token = f"Kots {secrets.token_hex(16)}"
    yield Kind.SECRET, _secret("kotsadm-authstring", {"kotsadm-authstring": token})
    keys = {"accesskey": secrets.token_hex(16), "secretkey": secrets.token_hex(16)}
    yield Kind.SECRET, _secret("kotsadm-minio", keys)
    database = {
        "password": secrets.token_hex(16),
        "authconfig.json": "[]",
        "uri": "http://kotsadm-rqlite:4001",
    }
    yield Kind.SECRET, _secret("kotsadm-rqlite", database)
    yield Kind.CONFIG_MAP, {"metadata": _metadata("kotsadm-confg"), "data": settings}
    for name, port in (("kotsadm-minio", 9000), ("kotsadm-rqlite", 4001)):
        yield Kind.SERVICE, _service(name, port)
    yield Kind.SERVICE, _service("kotsadm-rqlite-headless", 4001, headless=True)
    yield Kind.STATEFUL_SET, _stateful_set("kotsadm-minio", "kotsadm/minio:1", "4Gi", namespace)
    yield (
        Kind.STATEFUL_SET,
        _stateful_set("kotsadm-rqlite", "kotsadm/rqlite:10.2.7", "1Gi", namespace),
    )


def later_objects(namespace: str, password: str) -> Iterator[tuple[Kind, JsonObject]]:
    """What is made once the datastores are ready."""
    rules = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    yield Kind.CLUSTER_ROLE, {"metadata": _metadata("kotsadm-role"), "rules": rules}
    yield (
        Kind.CLUSTER_ROLE_BINDING,
        {
            "metadata": _metadata("kotsadm-rolebinding"),
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "kotsadm-role",
            },
            "subjects": [{"kind": "ServiceAccount", "name": CONSOLE, "namespace": namespace}],
        },
    )
    yield Kind.SERVICE_ACCOUNT, {"metadata": _metadata(CONSOLE)}
    # The real program stores a bcrypt hash; the emulated console never compares this one.
    hashed = hashlib.pbkdf2_hmac("sha256", password.encode(), secrets.token_bytes(16), 1000).hex()
    yield Kind.SECRET, _secret("kotsadm-password", {"passwordBcrypt": hashed})
    for name in ("kotsadm-session", "kotsadm-encryption", "kotsadm-cluster-token"):
        yield Kind.SECRET, _secret(name, {"key": secrets.token_hex(16)})
    labels = {**_LABELS, "app": CONSOLE}
    yield (
        Kind.DEPLOYMENT,
        {
            "metadata": {"name": CONSOLE, "labels": labels},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"app": CONSOLE}},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "serviceAccountName": CONSOLE,
                        "containers": [{"name": CONSOLE, "image": "kotsadm/kotsadm:v1.131.4"}],
                    },
                },
            },
        },
    )
    yield Kind.SERVICE, _service(CONSOLE, 3000)


def _metadata(name: str, labels: dict[str, str] | None = None) -> JsonObject:
    return {"name": name, "labels": {**_LABELS, **(labels or {})}}


def _secret(name: str, data: dict[str, str], labels: dict[str, str] | None = None) -> JsonObject:
    return {
        "metadata": _metadata(name, labels),
        "data": {key: encoded(value) for key, value in data.items()},
    }


def _service(name: str, port: int, *, headless: bool = False) -> JsonObject:
    spec: JsonObject = {
        "selector": {"app": name.removesuffix("-headless")},
        "ports": [{"name": "http", "port": port, "targetPort": port}],
    }
    if headless:
        spec["clusterIP"] = "None"
    return {"metadata": _metadata(name), "spec": spec}


def _stateful_set(name: str, image: str, size: str, namespace: str) -> JsonObject:
    labels = {**_LABELS, "app": name}
    return {
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            "replicas": 1,
            "serviceName": name,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": name, "image": image}]},
            },
            "volumeClaimTemplates": [
                {
                    "metadata": {"name": name},
                    "spec": {
                        "accessModes": ["ReadWriteOnce"],
                        "resources": {"requests": {"storage": size}},
                    },
                }
            ],
        },
    }
