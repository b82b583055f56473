"""The rules of objects that are cheap to check and that people break."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from emulator.kubernetes.api_error import Cause, invalid, invalid_value, required, unsupported
from emulator.kubernetes.objects import JsonObject, listed, section
from emulator.kubernetes.quantities import parse_quantity
from emulator.kubernetes.resources import Resource
from emulator.kubernetes.selectors import selects

_LABEL = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
_SUBDOMAIN = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
_PATH_SEGMENT = re.compile(r"^(?!\.{1,2}$)[^/%]+$")
_QUALIFIED = re.compile(r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$")
_CONFIG_KEY = re.compile(r"^[-._a-zA-Z0-9]+$")

_LABEL_HINT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_SUBDOMAIN_HINT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_VALUE_HINT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
    "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_LABEL_NAMED = frozenset({"Namespace", "Service"})
_FREELY_NAMED = frozenset({"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"})
_MOST_IN_LABEL = 63
_MOST_IN_SUBDOMAIN = 253
_MOST_SECRET_BYTES = 1024 * 1024
_MOST_ANNOTATION_BYTES = 256 * 1024
_HIGHEST_PORT = 65535


def validate(resource: Resource, item: JsonObject, old: JsonObject | None) -> None:
    """Check a whole object before it is stored.

    Raises:
        ApiError: 422, with every cause found.
    """
    causes = list(_metadata(resource, item["metadata"]))
    check = _BY_KIND.get(resource.kind)
    if check is not None and not resource.custom:
        causes += check(item)
    if old is not None:
        causes += _immutable(resource, item, old)
    if causes:
        raise invalid(resource, item["metadata"].get("name", ""), causes)


def _metadata(resource: Resource, meta: JsonObject) -> Iterator[Cause]:
    yield from _name(resource, meta["name"])
    for key, value in _pairs(meta, "labels"):
        yield from _qualified("metadata.labels", key)
        if not isinstance(value, str) or (value and not _QUALIFIED.match(value)):
            yield invalid_value("metadata.labels", value, _VALUE_HINT)
        elif len(value) > _MOST_IN_LABEL:
            yield invalid_value("metadata.labels", value, "must be no more than 63 characters")
    size = 0
    for key, value in _pairs(meta, "annotations"):
        yield from _qualified("metadata.annotations", key)
        size += len(key) + len(str(value))
    if size > _MOST_ANNOTATION_BYTES:
        text = f"Too long: may not be more than {_MOST_ANNOTATION_BYTES} bytes"
        yield Cause("metadata.annotations", "FieldValueTooLong", text)


def _pairs(meta: JsonObject, name: str) -> list[tuple[str, Any]]:
    return list(section(meta, name).items())


def _name(resource: Resource, name: str) -> Iterator[Cause]:
    if resource.kind in _FREELY_NAMED:
        if not _PATH_SEGMENT.match(name):
            yield invalid_value("metadata.name", name, "may not contain '/' or '%'")
    elif resource.kind in _LABEL_NAMED:
        if not _LABEL.match(name):
            yield invalid_value("metadata.name", name, _LABEL_HINT)
        elif len(name) > _MOST_IN_LABEL:
            yield invalid_value("metadata.name", name, "must be no more than 63 characters")
    elif not _SUBDOMAIN.match(name):
        yield invalid_value("metadata.name", name, _SUBDOMAIN_HINT)
    elif len(name) > _MOST_IN_SUBDOMAIN:
        yield invalid_value("metadata.name", name, "must be no more than 253 characters")


def _qualified(path: str, key: str) -> Iterator[Cause]:
    prefix, _, name = key.rpartition("/")
    if not _QUALIFIED.match(name) or len(name) > _MOST_IN_LABEL:
        hint = "name part must consist of alphanumeric characters, '-', '_' or '.'"
        yield invalid_value(path, key, hint)
    if prefix and not _SUBDOMAIN.match(prefix):
        yield invalid_value(path, key, "prefix part " + _SUBDOMAIN_HINT)


def _secret(item: JsonObject) -> Iterator[Cause]:
    size = 0
    for key, value in section(item, "data").items():
        if not _CONFIG_KEY.match(key):
            yield invalid_value(
                f"data[{key}]",
                key,
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            )
        try:
            size += len(base64.b64decode(value or "", validate=True))
        except (binascii.Error, TypeError, ValueError):
            yield Cause(
                f"data[{key}]",
                "FieldValueInvalid",
                'Invalid value: "<secret contents redacted>": must be base64',
            )
    if size > _MOST_SECRET_BYTES:
        yield Cause(
            "data",
            "FieldValueTooLong",
            f"Too long: may not be more than {_MOST_SECRET_BYTES} bytes",
        )
    if item.get("type") == "kubernetes.io/tls":
        for key in ("tls.crt", "tls.key"):
            if key not in section(item, "data"):
                yield required(f"data[{key}]")


def _config_map(item: JsonObject) -> Iterator[Cause]:
    for key, value in section(item, "data").items():
        if not _CONFIG_KEY.match(key):
            yield invalid_value(
                f"data[{key}]",
                key,
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            )
        if not isinstance(value, str):
            yield invalid_value(f"data[{key}]", value, "must be a string")


def pod_spec(path: str, spec: JsonObject | None, claimed: Iterable[str] = ()) -> Iterator[Cause]:
    """What is wrong with a pod's or template's ``spec``.

    ``claimed`` names volumes that come from claim templates.
    """
    if not spec or not spec.get("containers"):
        yield required(f"{path}.containers")
        return
    volumes: set[Any] = {v.get("name") for v in listed(spec, "volumes")} | set(claimed)
    seen: set[str] = set()
    for kind in ("initContainers", "containers"):
        for index, container in enumerate(listed(spec, kind)):
            yield from _container(f"{path}.{kind}[{index}]", container, volumes, seen)
    policy = spec.get("restartPolicy", "Always")
    if policy not in ("Always", "OnFailure", "Never"):
        yield unsupported(f"{path}.restartPolicy", policy, ("Always", "OnFailure", "Never"))


def _container(
    path: str, container: JsonObject, volumes: set[Any], seen: set[str]
) -> Iterator[Cause]:
    name = container.get("name")
    if not name:
        yield required(f"{path}.name")
    elif not _LABEL.match(name):
        yield invalid_value(f"{path}.name", name, _LABEL_HINT)
    elif name in seen:
        yield Cause(f"{path}.name", "FieldValueDuplicate", f'Duplicate value: "{name}"')
    seen.add(name or "")
    if not container.get("image"):
        yield required(f"{path}.image")
    yield from _mounts(path, container, volumes)
    yield from _variables(path, container)
    for index, port in enumerate(listed(container, "ports")):
        yield from _port(f"{path}.ports[{index}].containerPort", port.get("containerPort"))
    for kind in ("limits", "requests"):
        amounts = section(section(container, "resources"), kind)
        yield from _quantities(f"{path}.resources.{kind}", amounts)


def _mounts(path: str, container: JsonObject, volumes: set[Any]) -> Iterator[Cause]:
    for index, mount in enumerate(listed(container, "volumeMounts")):
        if mount.get("name") not in volumes:
            text = f'Not found: "{mount.get("name")}"'
            yield Cause(f"{path}.volumeMounts[{index}].name", "FieldValueNotFound", text)
        if not mount.get("mountPath"):
            yield required(f"{path}.volumeMounts[{index}].mountPath")


def _variables(path: str, container: JsonObject) -> Iterator[Cause]:
    for index, variable in enumerate(listed(container, "env")):
        if not variable.get("name"):
            yield required(f"{path}.env[{index}].name")
        if variable.get("value") and variable.get("valueFrom"):
            yield invalid_value(
                f"{path}.env[{index}].valueFrom",
                "",
                "may not be specified when `value` is not empty",
            )


def _port(path: str, port: Any) -> Iterator[Cause]:
    if not isinstance(port, int):
        yield required(path)
    elif not 1 <= port <= _HIGHEST_PORT:
        yield invalid_value(path, port, "must be between 1 and 65535, inclusive")


def _quantities(path: str, amounts: JsonObject) -> Iterator[Cause]:
    for key, value in amounts.items():
        try:
            parse_quantity(value)
        except ValueError:
            yield invalid_value(
                f"{path}[{key}]", value,
                "quantities must match the regular expression "
                "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
            )  # fmt: skip # one sentence


def _template(item: JsonObject, *policies: str) -> Iterator[Cause]:
    spec = section(item, "spec")
    template = section(spec, "template")
    claimed: list[Any] = [
        section(c, "metadata").get("name") for c in listed(spec, "volumeClaimTemplates")
    ]
    yield from pod_spec("spec.template.spec", template.get("spec"), claimed)
    labels = section(section(template, "metadata"), "labels")
    if "selector" not in spec:
        yield required("spec.selector")
    elif not selects(spec["selector"], labels):
        text = "`selector` does not match template `labels`"
        yield Cause(
            "spec.template.metadata.labels", "FieldValueInvalid", f"Invalid value: {labels}: {text}"
        )
    policy = section(template, "spec").get("restartPolicy", "Always")
    if policy not in policies:
        yield unsupported("spec.template.spec.restartPolicy", policy, policies)


def _workload(item: JsonObject) -> Iterator[Cause]:
    yield from _template(item, "Always")
    replicas = section(item, "spec").get("replicas", 1)
    if not isinstance(replicas, int) or replicas < 0:
        yield invalid_value("spec.replicas", replicas, "must be greater than or equal to 0")


def _job(item: JsonObject) -> Iterator[Cause]:
    yield from _template(item, "OnFailure", "Never")
    spec = section(item, "spec")
    for name in (
        "parallelism",
        "completions",
        "backoffLimit",
        "activeDeadlineSeconds",
        "ttlSecondsAfterFinished",
    ):
        value = spec.get(name, 0)
        if not isinstance(value, int) or value < 0:
            yield invalid_value(f"spec.{name}", value, "must be greater than or equal to 0")
    if len(item["metadata"]["name"]) > _MOST_IN_LABEL:
        yield invalid_value(
            "metadata.name", item["metadata"]["name"], "must be no more than 63 characters"
        )


def _service(item: JsonObject) -> Iterator[Cause]:
    spec = section(item, "spec")
    kinds = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
    if spec.get("type") not in kinds:
        yield unsupported("spec.type", spec.get("type"), kinds)
    ports = listed(spec, "ports")
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield required("spec.ports")
    for index, port in enumerate(ports):
        yield from _port(f"spec.ports[{index}].port", port.get("port"))
        if len(ports) > 1 and not port.get("name"):
            yield required(f"spec.ports[{index}].name")


def _claim(item: JsonObject) -> Iterator[Cause]:
    spec = section(item, "spec")
    if not spec.get("accessModes"):
        yield required("spec.accessModes", "at least 1 access mode is required")
    requests = section(section(spec, "resources"), "requests")
    if "storage" not in requests:
        yield required("spec.resources[storage]")
    yield from _quantities("spec.resources.requests", requests)


def _quota(item: JsonObject) -> Iterator[Cause]:
    yield from _quantities("spec.hard", section(section(item, "spec"), "hard"))


def _binding(item: JsonObject) -> Iterator[Cause]:
    role = section(item, "roleRef")
    if role.get("kind") not in ("Role", "ClusterRole"):
        yield unsupported("roleRef.kind", role.get("kind", ""), ("ClusterRole", "Role"))
    if not role.get("name"):
        yield required("roleRef.name")
    for index, subject in enumerate(listed(item, "subjects")):
        if not subject.get("name"):
            yield required(f"subjects[{index}].name")
        if subject.get("kind") == "ServiceAccount" and not subject.get("namespace"):
            yield required(f"subjects[{index}].namespace")


def _role(item: JsonObject) -> Iterator[Cause]:
    for index, rule in enumerate(listed(item, "rules")):
        if not rule.get("verbs"):
            yield required(f"rules[{index}].verbs", "verbs must contain at least one value")
        if not rule.get("nonResourceURLs"):
            if not rule.get("apiGroups"):
                yield required(
                    f"rules[{index}].apiGroups", "resource rules must supply at least one api group"
                )
            if not rule.get("resources"):
                yield required(
                    f"rules[{index}].resources", "resource rules must supply at least one resource"
                )


def _definition(item: JsonObject) -> Iterator[Cause]:
    spec = section(item, "spec")
    names = section(spec, "names")
    for field in ("group", "scope"):
        if not spec.get(field):
            yield required(f"spec.{field}")
    for field in ("plural", "kind"):
        if not names.get(field):
            yield required(f"spec.names.{field}")
    if not spec.get("versions"):
        yield required("spec.versions")
    for index, version in enumerate(listed(spec, "versions")):
        if "openAPIV3Schema" not in section(version, "schema"):
            yield required(f"spec.versions[{index}].schema.openAPIV3Schema", "schemas are required")
    if item["metadata"]["name"] != f"{names.get('plural')}.{spec.get('group')}":
        yield invalid_value(
            "metadata.name", item["metadata"]["name"], 'must be spec.names.plural+"."+spec.group'
        )


_BY_KIND: dict[str, Callable[[JsonObject], Iterator[Cause]]] = {
    "Secret": _secret,
    "ConfigMap": _config_map,
    "Pod": lambda item: pod_spec("spec", item.get("spec")),
    "Deployment": _workload,
    "StatefulSet": _workload,
    "ReplicaSet": _workload,
    "DaemonSet": lambda item: _template(item, "Always"),
    "Job": _job,
    "Service": _service,
    "PersistentVolumeClaim": _claim,
    "ResourceQuota": _quota,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
    "Role": _role,
    "ClusterRole": _role,
    "CustomResourceDefinition": _definition,
}

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


def _immutable(resource: Resource, item: JsonObject, old: JsonObject) -> Iterator[Cause]:
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
