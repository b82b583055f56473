"""The ``Table`` form of objects: what ``kubectl get`` prints."""

from emulator.kubernetes.objects import JsonObject
from emulator.kubernetes.printed_columns import AGE, CREATED, NAME, Column, custom_columns
from emulator.kubernetes.printed_core import CORE
from emulator.kubernetes.printed_workloads import WORKLOADS
from emulator.kubernetes.resources import Resource


def table(
    resource: Resource, items: list[JsonObject], include: str, meta: JsonObject
) -> JsonObject:
    """The objects as rows.

    Args:
        resource: What they are.
        items: The objects, one row each.
        include: ``Metadata``, ``Object`` or ``None``: what each row carries beside its cells.
        meta: List metadata.
    """
    columns = _columns(resource)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": meta,
        "columnDefinitions": [column.definition() for column in columns],
        "rows": [
            {"cells": [column.cell(i) for column in columns], **_carried(i, include)} for i in items
        ],
    }


def _columns(resource: Resource) -> list[Column]:
    if resource.custom:
        return [NAME, *(custom_columns(resource.columns) or [AGE])]
    known = WORKLOADS.get(resource.kind) or CORE.get(resource.kind)
    return [NAME, CREATED] if known is None else known


def _carried(item: JsonObject, include: str) -> JsonObject:
    if include == "Object":
        return {"object": item}
    if include == "None":
        return {}
    partial = {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": item["metadata"],
    }
    return {"object": partial}
