"""The rules of objects that are cheap to check and that people break."""

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any

from emulator.kubernetes.api_error import Cause, invalid, invalid_value, required, unsupported
from emulator.kubernetes.immutability import immutability_causes
from emulator.kubernetes.names import MOST_IN_LABEL, metadata_causes
from emulator.kubernetes.objects import JsonObject, listed, section
from emulator.kubernetes.pod_validation import pod_spec, port_causes
from emulator.kubernetes.resources import Resource
from emulator.kubernetes.schema_validation import schema_causes
from emulator.kubernetes.selectors import selects

_CONFIG_KEY = re.compile(r"^[-._a-zA-Z0-9]+$")
_MOST_SECRET_BYTES = 1024 * 1024


def validate(resource: Resource, item: JsonObject, old: JsonObject | None) -> None:
    """Check a whole object before it is stored.

    Raises:
        ApiError: 422, with every cause found.
    """
    causes = list(metadata_causes(resource, item["metadata"]))
    check = _BY_KIND.get(resource.kind)
    if check is not None and not resource.custom:
        causes += check(item)
    if resource.schema is not None:
        causes += schema_causes(resource.schema, item)
    if old is not None:
        causes += immutability_causes(resource, item, old)
    if causes:
        raise invalid(resource, item["metadata"].get("name", ""), causes)


def _secret(item: JsonObject) -> Iterator[Cause]:
    size = 0
    for key, value in section(item, "data").items():
        if not _CONFIG_KEY.match(key):
            yield invalid_value(
                f"data[{key}]",
                key,
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            )
        size += len(base64.b64decode(value or ""))
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
    for key in section(item, "data"):
        if not _CONFIG_KEY.match(key):
            yield invalid_value(
                f"data[{key}]",
                key,
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            )


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
        yield invalid_value("spec.template.metadata.labels", labels, text)
    policy = section(template, "spec").get("restartPolicy", "Always")
    if policy == "Always" and policy not in policies:
        known = ", ".join(f'"{name}"' for name in policies)
        yield required("spec.template.spec.restartPolicy", f"valid values: {known}")
    elif policy not in policies:
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
    if len(item["metadata"]["name"]) > MOST_IN_LABEL:
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
        yield from port_causes(f"spec.ports[{index}].port", port.get("port"))
        if isinstance(target := port.get("targetPort"), int):
            yield from port_causes(f"spec.ports[{index}].targetPort", target)
        if len(ports) > 1 and not port.get("name"):
            yield required(f"spec.ports[{index}].name")


def _claim(item: JsonObject) -> Iterator[Cause]:
    spec = section(item, "spec")
    if not spec.get("accessModes"):
        yield required("spec.accessModes", "at least 1 access mode is required")
    requests = section(section(spec, "resources"), "requests")
    if "storage" not in requests:
        yield required("spec.resources[storage]")


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
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
    "Role": _role,
    "ClusterRole": _role,
    "CustomResourceDefinition": _definition,
}
