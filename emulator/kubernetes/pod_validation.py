"""The rules of pods, alone or in templates."""

from collections.abc import Iterable, Iterator
from typing import Any

from emulator.kubernetes.api_error import Cause, invalid_value, required, unsupported
from emulator.kubernetes.names import LABEL, LABEL_HINT
from emulator.kubernetes.objects import JsonObject, listed

_HIGHEST_PORT = 65535


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
    elif not LABEL.match(name):
        yield invalid_value(f"{path}.name", name, LABEL_HINT)
    elif name in seen:
        yield Cause(f"{path}.name", "FieldValueDuplicate", f'Duplicate value: "{name}"')
    seen.add(name or "")
    if not container.get("image"):
        yield required(f"{path}.image")
    yield from _mounts(path, container, volumes)
    yield from _variables(path, container)
    for index, port in enumerate(listed(container, "ports")):
        yield from port_causes(f"{path}.ports[{index}].containerPort", port.get("containerPort"))


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


def port_causes(path: str, port: Any) -> Iterator[Cause]:
    """What is wrong with a port number."""
    if not isinstance(port, int):
        yield required(path)
    elif not 1 <= port <= _HIGHEST_PORT:
        yield invalid_value(path, port, "must be between 1 and 65535, inclusive")
