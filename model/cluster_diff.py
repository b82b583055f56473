"""Whether a found cluster is what the plan wants; what it leaves open is Azure's."""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, cast

_SECONDARY = frozenset({"dnsPrefix", "orchestratorVersion"})
"""Set once at creation, or told twice; a difference here is no difference of the cluster."""


def differences(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, ...]:
    """Each field of ``wanted`` that ``found`` has otherwise: ``path: found, not wanted``.

    Names and enum values are compared without case, as Azure does; lists of objects by ``name``,
    other lists without order. A newer Kubernetes version is no difference, for a cluster is
    upgraded and never set back; neither is the count of nodes where the autoscaler decides.
    """
    return tuple(_differ("", wanted, found))


def _differ(path: str, wanted: Any, found: Any) -> Iterator[str]:
    if path.rpartition(".")[2] in _SECONDARY:
        return
    if isinstance(wanted, Mapping):
        yield from _differ_object(path, _object(wanted), found)
    elif isinstance(wanted, list):
        yield from _differ_list(path, cast("list[Any]", wanted), found)
    elif not _equal(path, wanted, found):
        yield f"{path}: {_shown(found)}, not {_shown(wanted)}"


def _differ_object(path: str, wanted: Mapping[str, Any], found: Any) -> Iterator[str]:
    if not wanted and not isinstance(found, Mapping):
        yield f"{path}: absent"
        return
    theirs = {key.lower(): value for key, value in _object(found).items()}
    scaled = wanted.get("enableAutoScaling") is True
    for key, value in wanted.items():
        if scaled and key == "count":
            continue
        yield from _differ(f"{path}.{key}" if path else key, value, theirs.get(key.lower()))


def _differ_list(path: str, wanted: list[Any], found: Any) -> Iterator[str]:
    theirs = cast("list[Any]", found) if isinstance(found, list) else []
    if not all(isinstance(item, Mapping) for item in wanted):
        if sorted(map(_plain, wanted)) != sorted(map(_plain, theirs)):
            yield f"{path}: {_shown(theirs)}, not {_shown(wanted)}"
        return
    by_name = {item.get("name"): item for item in map(_object, theirs)}
    for item in map(_object, wanted):
        name = item.get("name")
        if name in by_name:
            yield from _differ(f"{path}.{name}", item, by_name[name])
        else:
            yield f"{path}.{name}: absent"


def _object(found: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def _equal(path: str, wanted: Any, found: Any) -> bool:
    if found is None:
        return wanted is False or wanted is None  # Azure leaves out what is off
    if path.endswith("ersion"):
        return _is_at_least(str(found), str(wanted))
    return _plain(wanted) == _plain(found)


def _is_at_least(found: str, wanted: str) -> bool:
    """Whether a version is the wanted one or newer; one of two parts stands for all its patches."""
    asked = tuple(map(int, wanted.split(".")))
    return tuple(map(int, found.split(".")))[: len(asked)] >= asked


def _plain(value: Any) -> str:
    """A value as it is compared: ``10.0.0.4`` is ``10.0.0.4/32``, and case is no matter."""
    try:
        return str(ipaddress.ip_network(value)) if isinstance(value, str) else str(value)
    except ValueError:
        return value.lower()


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, cast("list[Any]", value))) or "none"
    return "absent" if value is None else str(value)
