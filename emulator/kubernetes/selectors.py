"""Label and field selectors."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from emulator.kubernetes.api_error import bad_request
from emulator.kubernetes.objects import JsonObject, labels_of, listed, section

type Test = Callable[[Mapping[str, str]], bool]

_SET_TERM = re.compile(r"^(\S+)\s+(in|notin)\s*\(([^)]*)\)$")
_EQUAL_TERM = re.compile(r"^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$")
_EXISTS_TERM = re.compile(r"^(!?)\s*([\w./-]+)$")
_COMMA_OUTSIDE_PARENTHESES = re.compile(r",(?![^(]*\))")


@lru_cache(maxsize=512)
def parse_labels(text: str) -> tuple[Test, ...]:
    """Tests for a selector such as ``a=b,c in (d, e),!f``; all must hold.

    Raises:
        ApiError: The selector cannot be read (400).
    """
    return tuple(
        _label_term(part.strip()) for part in _COMMA_OUTSIDE_PARENTHESES.split(text) if part.strip()
    )


def _label_term(part: str) -> Test:
    if found := _SET_TERM.match(part):
        key, within = found[1], found[2] == "in"
        values = {v.strip() for v in found[3].split(",")}
        return lambda labels: (labels.get(key) in values) == within
    if found := _EQUAL_TERM.match(part):
        key, equal, value = found[1], found[2] != "!=", found[3]
        return lambda labels: (labels.get(key) == value) == equal
    if found := _EXISTS_TERM.match(part):
        absent, key = bool(found[1]), found[2]
        return lambda labels: (key in labels) != absent
    raise bad_request(f'unable to parse requirement: found "{part}"')


def labels_match(text: str, item: JsonObject) -> bool:
    """Whether an object's labels satisfy the selector; an empty one matches all."""
    labels = labels_of(item)
    return all(test(labels) for test in parse_labels(text))


_EVERYWHERE = frozenset({"metadata.name", "metadata.namespace"})
_ELSEWHERE: dict[str, frozenset[str]] = {
    "pods": frozenset({
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
        "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName",
    }),
    "events": frozenset({
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
        "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
        "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    }),
    "secrets": frozenset({"type"}),
    "namespaces": frozenset({"status.phase"}),
    "nodes": frozenset({"spec.unschedulable"}),
    "jobs": frozenset({"status.successful"}),
    "replicasets": frozenset({"status.replicas"}),
    "services": frozenset({"spec.clusterIP", "spec.type"}),
}  # fmt: skip # a table
"""https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/#list-of-supported-fields"""


def require_known_fields(plural: str, text: str) -> None:
    """Look whether objects of a kind can be selected by these fields.

    Raises:
        ApiError: They cannot (400).
    """
    for part in filter(None, text.split(",")):
        path, _, _ = _field_term(part)
        if path not in _EVERYWHERE | _ELSEWHERE.get(plural, frozenset()):
            raise bad_request(f"field label not supported: {path}")


def fields_match(text: str, item: JsonObject) -> bool:
    """Whether an object's fields satisfy a field selector such as ``status.phase!=Running``."""
    for part in text.split(","):
        if not part:
            continue
        path, operator, value = _field_term(part)
        if (_field(item, path) == value) != (operator != "!="):
            return False
    return True


@lru_cache(maxsize=512)
def _field_term(part: str) -> tuple[str, str, str]:
    found = re.match(r"^([\w.]+)(==|=|!=)(.*)$", part.strip())
    if found is None:
        raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
    return found[1], found[2], found[3]


def _field(item: JsonObject, path: str) -> str:
    current: object = item
    for step in path.split("."):
        current = current.get(step, "") if isinstance(current, dict) else ""  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] # untyped JSON
    return str(current)  # pyright: ignore[reportUnknownArgumentType] # same


def selects(selector: JsonObject | None, labels: Mapping[str, str]) -> bool:
    """Whether a ``LabelSelector`` object selects these labels; None selects nothing."""
    if selector is None:
        return False
    wanted: dict[str, str] = section(selector, "matchLabels")
    if any(labels.get(k) != v for k, v in wanted.items()):
        return False
    return all(_expression(e, labels) for e in listed(selector, "matchExpressions"))


def _expression(expression: JsonObject, labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], listed(expression, "values")
    match expression["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels
