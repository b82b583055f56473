"""Whether a found cluster is what the plan wants; what it leaves open is Azure's."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

_SECONDARY = frozenset({"dnsPrefix", "orchestratorVersion"})
"""Set once at creation, or told twice; a difference here is no difference of the cluster."""


def differences(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, ...]:
    """Each field of ``wanted`` that ``found`` has otherwise: ``path: found, not wanted``.

    Names and enum values are compared without case, as Azure does; lists of objects by ``name``;
    a Kubernetes version of two parts matches any patch of it.
    """
    return tuple(_differ("", wanted, found))


def _differ(path: str, wanted: Any, found: Any) -> Iterator[str]:
    if path.rpartition(".")[2] in _SECONDARY:
        return
    if isinstance(wanted, Mapping):
        theirs = _object(found)
        for key, value in _object(wanted).items():
            yield from _differ(f"{path}.{key}" if path else key, value, theirs.get(key))
    elif isinstance(wanted, list):
        yield from _differ_list(path, cast("list[Any]", wanted), found)
    elif not _equal(path, wanted, found):
        yield f"{path}: {found}, not {wanted}"


def _differ_list(path: str, wanted: list[Any], found: Any) -> Iterator[str]:
    theirs = cast("list[Any]", found) if isinstance(found, list) else []
    if not all(isinstance(item, Mapping) for item in wanted):
        if sorted(map(str, wanted)) != sorted(map(str, theirs)):
            yield f"{path}: {theirs}, not {wanted}"
        return
    by_name = {item.get("name"): item for item in map(_object, theirs)}
    for item in map(_object, wanted):
        name = item.get("name")
        yield from _differ(f"{path}.{name}", item, by_name.get(name))


def _object(found: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def _equal(path: str, wanted: Any, found: Any) -> bool:
    if wanted == found:
        return True
    if found is None:
        return wanted is False  # Azure leaves out what is off
    if path.endswith("ersion"):
        return str(found) == str(wanted) or str(found).startswith(f"{wanted}.")
    return isinstance(wanted, str) and isinstance(found, str) and wanted.lower() == found.lower()
