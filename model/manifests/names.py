"""Names and labels of the installer's objects; a Job's name decides whether it was started."""

import hashlib

from model.ownership import (
    INSTALLER_NAMESPACE,
    LABEL_INSTALLATION,
    LABEL_MANAGED_BY,
    LABEL_RUN,
    MANAGED_BY,
)
from model.plan import ComponentSpec, JobRun

QUOTA_NAME = "dash-enterprise-limits"
"""The ResourceQuota in the application's namespace."""

_LONGEST = 63
"""A Job's pods carry its name as a label value, which has at most 63 characters.
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/"""
_HASH = 8


def application_job(run: JobRun) -> str:
    """The Job of one attempt at the application; its inputs have the same name."""
    return f"install-application-{run.run_id}-{run.attempt}"


def component_job(spec: ComponentSpec) -> str:
    """The Job of one attempt at a component; a name too long is cut and told apart by a hash."""
    tail = f"-{spec.job.run_id}-{spec.job.attempt}"
    head = f"install-component-{spec.name}"
    if len(head + tail) <= _LONGEST:
        return head + tail
    digest = hashlib.sha256(spec.name.encode()).hexdigest()[:_HASH]
    kept = head[: _LONGEST - len(tail) - _HASH - 1]
    return f"{kept}-{digest}{tail}"


def account(run_id: str) -> str:
    """The ServiceAccount of one run, and the binding that gives it its rights."""
    return f"{MANAGED_BY}-{run_id}"


def record(installation: str) -> str:
    """The ConfigMap that stays when all is done."""
    return f"dash-enterprise-installation-{installation}"


def shown(name: str) -> str:
    """An object of the installer's namespace as ``namespace/name``."""
    return f"{INSTALLER_NAMESPACE}/{name}"


def run_labels(installation: str, run_id: str) -> dict[str, str]:
    """Labels of everything that goes when a run has ended."""
    return lasting_labels(installation) | {LABEL_RUN: run_id}


def lasting_labels(installation: str) -> dict[str, str]:
    """Labels of what stays."""
    return {LABEL_MANAGED_BY: MANAGED_BY, LABEL_INSTALLATION: installation}


def every_run(installation: str) -> str:
    """Label selector of everything that any run of an installation left for the time of its run."""
    return f"{LABEL_INSTALLATION}={installation},{LABEL_RUN}"


def earlier_runs(installation: str, run_id: str) -> str:
    """Label selector of what other runs of an installation left."""
    return f"{every_run(installation)},{LABEL_RUN}!={run_id}"
