"""Namespace, rights, quota and record: what is not a Job and not an input of one."""

from typing import Any

from model.manifests import names
from model.ownership import INSTALLER_NAMESPACE, LABEL_MANAGED_BY, MANAGED_BY
from model.plan import JobRun, RecordSpec

RECORD_KEY = "record.json"

_POLICY = "pod-security.kubernetes.io"


def installer_namespace() -> dict[str, Any]:
    """The namespace of the installer's Jobs, closed to pods that ask for more than they need.

    https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    """
    levels = {f"{_POLICY}/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": INSTALLER_NAMESPACE,
            "labels": {LABEL_MANAGED_BY: MANAGED_BY} | levels,
        },
    }


def service_account(run: JobRun) -> dict[str, Any]:
    """The account of one run's Jobs."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": _metadata(names.account(run.run_id), run),
        "automountServiceAccountToken": False,  # each Job's pod asks for the token itself
    }


def cluster_admin_binding(run: JobRun) -> dict[str, Any]:
    """All rights for one run's account: KOTS makes a role with all rights, which only an account
    that holds them may do; so may charts.

    https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
    """  # noqa: D205 # one sentence
    account = names.account(run.run_id)
    metadata = _metadata(account, run)
    del metadata["namespace"]
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": metadata,
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "cluster-admin",
        },
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": INSTALLER_NAMESPACE}],
    }


def limits_quota(namespace: str, pods: int, volumes: int) -> dict[str, Any]:
    """The limits as a ResourceQuota of the application's namespace."""
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {
            "name": names.QUOTA_NAME,
            "namespace": namespace,
            "labels": {LABEL_MANAGED_BY: MANAGED_BY},
        },
        "spec": {"hard": {"pods": str(pods), "persistentvolumeclaims": str(volumes)}},
    }


def record(spec: RecordSpec) -> dict[str, Any]:
    """The record of an installation; it has no run label, so it outlives the run."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": names.record(spec.installation),
            "namespace": INSTALLER_NAMESPACE,
            "labels": names.lasting_labels(spec.installation),
        },
        "data": {RECORD_KEY: spec.text, "runId": spec.run_id},
    }


def _metadata(name: str, run: JobRun) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": INSTALLER_NAMESPACE,
        "labels": names.run_labels(run.installation, run.run_id),
    }
