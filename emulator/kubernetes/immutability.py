"""Fields that stay as they were made."""

from collections.abc import Iterator
from typing import Any, cast

from emulator.kubernetes.api_error import Cause, forbidden_field, invalid_value
from emulator.kubernetes.objects import JsonObject, listed, section
from emulator.kubernetes.resources import Resource

_FIXED_FIELDS: dict[str, tuple[str, ...]] = {
    "Job": ("spec.template", "spec.selector", "spec.completions", "spec.completionMode"),
    "Deployment": ("spec.selector",),
    "DaemonSet": ("spec.selector",),
    "ReplicaSet": ("spec.selector",),
    "Secret": ("type",),
    "RoleBinding": ("roleRef",),
    "ClusterRoleBinding": ("roleRef",),
    "StorageClass": ("provisioner", "parameters", "volumeBindingMode"),
}
_POD_MAY_CHANGE = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
    "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set "
    "to 1 if it was previously negative)"
)
_CLAIM_MAY_CHANGE = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
    "bound claims"
)
_STATEFUL_SET_MAY_CHANGE = frozenset({
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
})  # fmt: skip # a list of names
_STATEFUL_SET_SAYS = (
    "updates to statefulset spec for fields other than 'replicas', "
    "'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
    "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


def immutability_causes(resource: Resource, item: JsonObject, old: JsonObject) -> Iterator[Cause]:
    """Which fields an update changes that may not change."""
    if resource.custom:
        return
    for path in _FIXED_FIELDS.get(resource.kind, ()):
        before, after = _at(old, path), _at(item, path)
        if before is not None and before != after:
            told = "field is immutable" if path != "roleRef" else "cannot change roleRef"
            yield invalid_value(path, after, told)
    match resource.kind:
        case "Secret" | "ConfigMap" if old.get("immutable"):
            for field in ("data", "binaryData"):
                if item.get(field) != old.get(field):
                    yield forbidden_field(field, "field is immutable when `immutable` is set")
        case "Pod" if _pod_identity(old) != _pod_identity(item):
            yield forbidden_field("spec", _POD_MAY_CHANGE)
        case "PersistentVolumeClaim" if _claim_identity(old) != _claim_identity(item):
            yield forbidden_field("spec", _CLAIM_MAY_CHANGE)
        case "StatefulSet" if _set_identity(old) != _set_identity(item):
            yield forbidden_field("spec", _STATEFUL_SET_SAYS)
        case _:
            pass


def _set_identity(stateful_set: JsonObject) -> JsonObject:
    """What of a StatefulSet's spec no update may change."""
    return {k: v for k, v in stateful_set["spec"].items() if k not in _STATEFUL_SET_MAY_CHANGE}


def _pod_identity(pod: JsonObject) -> JsonObject:
    """What of a pod's spec no update may change."""
    free = ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds")
    spec: JsonObject = {k: v for k, v in pod["spec"].items() if k not in free}
    for kind in ("initContainers", "containers"):
        spec[kind] = [
            {k: v for k, v in container.items() if k != "image"}
            for container in listed(pod["spec"], kind)
        ]
    return spec


def _claim_identity(claim: JsonObject) -> JsonObject:
    """What of a claim's spec no update may change; a bound one may grow."""
    bound = section(claim, "status").get("phase") == "Bound"
    free = ("volumeName", *(("resources",) if bound else ()))
    return {k: v for k, v in claim["spec"].items() if k not in free}


def _at(item: Any, path: str) -> Any:
    for step in path.split("."):
        item = cast("JsonObject", item).get(step) if isinstance(item, dict) else None
    return item
