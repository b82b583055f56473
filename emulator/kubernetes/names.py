"""How things may be called: names, labels, annotations."""

import re
from collections.abc import Iterator
from typing import Any

from emulator.kubernetes.api_error import (
    Cause,
    invalid_value,
)
from emulator.kubernetes.objects import JsonObject, section
from emulator.kubernetes.resources import Resource

LABEL = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
_SUBDOMAIN = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
_PATH_SEGMENT = re.compile(r"^(?!\.{1,2}$)[^/%]+$")
_QUALIFIED = re.compile(r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$")

LABEL_HINT = (
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
MOST_IN_LABEL = 63
_MOST_IN_SUBDOMAIN = 253
_MOST_ANNOTATION_BYTES = 256 * 1024


def metadata_causes(resource: Resource, meta: JsonObject) -> Iterator[Cause]:
    """What is wrong with name, labels and annotations."""
    yield from _name(resource, meta["name"])
    for key, value in _pairs(meta, "labels"):
        yield from _qualified("metadata.labels", key)
        if not isinstance(value, str) or (value and not _QUALIFIED.match(value)):
            yield invalid_value("metadata.labels", value, _VALUE_HINT)
        elif len(value) > MOST_IN_LABEL:
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
        if not LABEL.match(name):
            yield invalid_value("metadata.name", name, LABEL_HINT)
        elif len(name) > MOST_IN_LABEL:
            yield invalid_value("metadata.name", name, "must be no more than 63 characters")
    elif not _SUBDOMAIN.match(name):
        yield invalid_value("metadata.name", name, _SUBDOMAIN_HINT)
    elif len(name) > _MOST_IN_SUBDOMAIN:
        yield invalid_value("metadata.name", name, "must be no more than 253 characters")


def _qualified(path: str, key: str) -> Iterator[Cause]:
    prefix, _, name = key.rpartition("/")
    if not _QUALIFIED.match(name) or len(name) > MOST_IN_LABEL:
        hint = "name part must consist of alphanumeric characters, '-', '_' or '.'"
        yield invalid_value(path, key, hint)
    if prefix and not _SUBDOMAIN.match(prefix):
        yield invalid_value(path, key, "prefix part " + _SUBDOMAIN_HINT)
