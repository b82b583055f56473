"""Where each kind that the installer knows lives in the API."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object.

    Attributes:
        api: Path of its group and version.
        plural: Its name in paths and roles.
    """

    api: str
    plural: str
    namespaced: bool = True

    def path(self, namespace: str = "", name: str = "") -> str:
        """Path of one object, or of a list when ``name`` is empty."""
        scope = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced and namespace else ""
        return f"{self.api}{scope}/{self.plural}" + (f"/{quote(name, safe='')}" if name else "")


_CORE = "/api/v1"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"

KINDS = {
    "Namespace": Kind(_CORE, "namespaces", namespaced=False),
    "Node": Kind(_CORE, "nodes", namespaced=False),
    "Pod": Kind(_CORE, "pods"),
    "Service": Kind(_CORE, "services"),
    "ServiceAccount": Kind(_CORE, "serviceaccounts"),
    "Event": Kind(_CORE, "events"),
    "Secret": Kind(_CORE, "secrets"),
    "ConfigMap": Kind(_CORE, "configmaps"),
    "PersistentVolumeClaim": Kind(_CORE, "persistentvolumeclaims"),
    "ResourceQuota": Kind(_CORE, "resourcequotas"),
    "Job": Kind("/apis/batch/v1", "jobs"),
    "ClusterRoleBinding": Kind(_RBAC, "clusterrolebindings", namespaced=False),
    "CSINode": Kind("/apis/storage.k8s.io/v1", "csinodes", namespaced=False),
}


def path_of(manifest: dict[str, Any]) -> str:
    """Path of the object that a manifest describes."""
    metadata = manifest["metadata"]
    return KINDS[manifest["kind"]].path(metadata.get("namespace", ""), metadata["name"])


def collection_of(manifest: dict[str, Any]) -> str:
    """Path to which a new object is posted."""
    return KINDS[manifest["kind"]].path(manifest["metadata"].get("namespace", ""))
