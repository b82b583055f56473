"""Fields that stay as they were made."""

from collections.abc import Iterator
from typing import Any, cast

from emulator.kubernetes.api_error import Cause, invalid_value
from emulator.kubernetes.objects import JsonObject
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
    "PersistentVolumeClaim": ("spec.storageClassName", "spec.accessModes", "spec.volumeMode"),
    "Pod": ("spec.volumes", "spec.serviceAccountName", "spec.restartPolicy"),
}
_STATEFUL_SET_MAY_CHANGE = frozenset({
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
})  # fmt: skip # a list of names


def immutability_causes(resource: Resource, item: JsonObject, old: JsonObject) -> Iterator[Cause]:
    """Which fields an update changes that may not change."""
    if resource.custom:
        return
    for path in _FIXED_FIELDS.get(resource.kind, ()):
        before, after = _at(old, path), _at(item, path)
        if before is not None and before != after:
            name = path if path != "roleRef" else "roleRef"
            told = "field is immutable" if name != "roleRef" else "cannot change roleRef"
            shown: object = after if isinstance(after, str | int) else "{...}"
            yield invalid_value(name, shown, told)
    if resource.kind in ("Secret", "ConfigMap") and old.get("immutable"):
        for field in ("data", "binaryData"):
            if item.get(field) != old.get(field):
                yield Cause(
                    field,
                    "FieldValueForbidden",
                    "Forbidden: field is immutable when `immutable` is set",
                )
    if resource.kind == "StatefulSet":
        before, after = old["spec"], item["spec"]
        touched = {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)}
        if touched - _STATEFUL_SET_MAY_CHANGE:
            text = (
                "Forbidden: updates to statefulset spec for fields other than 'replicas', "
                "'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
                "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
            )
            yield Cause("spec", "FieldValueForbidden", text)


def _at(item: Any, path: str) -> Any:
    for step in path.split("."):
        item = cast("JsonObject", item).get(step) if isinstance(item, dict) else None
    return item
