"""A Job that runs one of our scripts once, under the narrowest pod security there is."""

import base64
import math
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from model.manifests import names
from model.manifests.basics import cluster_admin_binding, installer_namespace, service_account
from model.ownership import INSTALLER_NAMESPACE
from model.plan import JobRun

CONTAINER = "installer"

SCRIPTS = "/installer/scripts"
INPUTS = "/installer/inputs"
WORK = "/installer/work"

_UID = 1001
"""The user of the KOTS image; any other image runs as this number just as well.
https://github.com/replicatedhq/kots/blob/main/securebuild/image/apko-kotsadm.yaml"""

_START_MARGIN = timedelta(minutes=10)
"""The Job's deadline counts from before its pod is scheduled and its image pulled, the script's
patience from its first line: with this margin the script ends first and can say why."""

_KEPT = timedelta(days=1)
"""How long an ended Job and its log stay for people to read."""

_RESOURCES = {
    "requests": {"cpu": "100m", "memory": "256Mi", "ephemeral-storage": "256Mi"},
    "limits": {"cpu": "1", "memory": "1Gi", "ephemeral-storage": "2Gi"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKit:
    """Everything one Job needs, in the order in which it is made.

    Attributes:
        before: Namespace, account and rights, shared by the Jobs of a run.
        inputs: Script and Secret of this Job; they go with it.
        job: The Job itself, made last and only once.
    """

    before: tuple[dict[str, Any], ...]
    inputs: tuple[dict[str, Any], ...]
    job: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptRun:
    """One run of a script.

    Attributes:
        name: Of the Job, its ConfigMap and its Secret.
        image: With tag.
        script: File name, for example ``kots.sh``.
        text: What the script says.
        inputs: Content of the mounted files by file name; kept in the Secret.
        environment: Variables in plain sight: nothing secret.
        secret_environment: Variables whose values are kept in the Secret.
    """

    name: str
    image: str
    script: str
    text: str
    run: JobRun
    environment: dict[str, str]
    inputs: dict[str, str] = field(repr=False)
    secret_environment: dict[str, str] = field(default_factory=dict[str, str], repr=False)


def kit(script: ScriptRun) -> JobKit:
    """The objects of one run of a script."""
    return JobKit(
        before=(
            installer_namespace(),
            service_account(script.run),
            cluster_admin_binding(script.run),
        ),
        inputs=(_script_map(script), _secret(script)),
        job=_job(script),
    )


def seconds(duration: timedelta) -> str:
    """Whole seconds as a script's variable, at least one."""
    return str(max(1, math.ceil(duration.total_seconds())))


def _metadata(script: ScriptRun) -> dict[str, Any]:
    return {
        "name": script.name,
        "namespace": INSTALLER_NAMESPACE,
        "labels": names.run_labels(script.run.installation, script.run.run_id),
    }


def _script_map(script: ScriptRun) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(script),
        "data": {script.script: script.text},
    }


def _secret(script: ScriptRun) -> dict[str, Any]:
    values = script.inputs | script.secret_environment
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": _metadata(script),
        "type": "Opaque",
        "data": {key: _base64(text) for key, text in values.items()},
    }


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _job(script: ScriptRun) -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": _metadata(script),
        "spec": {
            "backoffLimit": 0,  # the orchestration decides on another attempt
            "activeDeadlineSeconds": int(seconds(script.run.patience + _START_MARGIN)),
            "ttlSecondsAfterFinished": int(seconds(_KEPT)),
            "template": {
                "metadata": {
                    "labels": names.run_labels(script.run.installation, script.run.run_id),
                    # the cluster autoscaler must leave the node of a pod that is never restarted
                    "annotations": {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"},
                },
                "spec": _pod(script),
            },
        },
    }


def _pod(script: ScriptRun) -> dict[str, Any]:
    return {
        "restartPolicy": "Never",
        "serviceAccountName": names.account(script.run.run_id),
        "automountServiceAccountToken": True,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _UID,
            "runAsGroup": _UID,
            "fsGroup": _UID,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(script)],
        "volumes": [
            {"name": "scripts", "configMap": {"name": script.name, "defaultMode": 0o444}},
            {
                "name": "inputs",
                "secret": {
                    "secretName": script.name,
                    "defaultMode": 0o440,
                    "items": [{"key": key, "path": key} for key in script.inputs],
                },
            },
            {"name": "work", "emptyDir": {"sizeLimit": "1Gi"}},
        ],
    }


def _verbatim(value: str) -> str:
    """A variable's value that the kubelet takes as it is, where it would replace ``$(NAME)``.

    https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
    """
    return value.replace("$", "$$")


def _container(script: ScriptRun) -> dict[str, Any]:
    plain = {"HOME": WORK, "TMPDIR": WORK} | script.environment
    return {
        "name": CONTAINER,
        "image": script.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["bash", f"{SCRIPTS}/{script.script}"],
        "env": [
            *({"name": name, "value": _verbatim(value)} for name, value in plain.items()),
            *(
                {"name": name, "valueFrom": {"secretKeyRef": {"name": script.name, "key": name}}}
                for name in script.secret_environment
            ),
        ],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": _RESOURCES,
        "volumeMounts": [
            {"name": "scripts", "mountPath": SCRIPTS, "readOnly": True},
            {"name": "inputs", "mountPath": INPUTS, "readOnly": True},
            {"name": "work", "mountPath": WORK},
        ],
    }
