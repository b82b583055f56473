"""Compares the resources of a Bicep file with what Azure accepts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from tests.infra import type_tables
from tests.infra.bicep_source import Module, Node, Resource, Tree, key, literal
from tests.infra.type_tables import Shape

_BICEP_ONLY = frozenset({"parent", "scope", "dependsOn"})
"""Bicep's own properties of a resource, which Azure never sees."""
_EXPRESSIONS = frozenset({"function", "operator", "loop_type"})


class NoTable(LookupError):
    """No table for that type and version."""


def shape_of(resource: Resource, where: Path | None) -> Shape:
    """What Azure accepts for ``resource``.

    Raises:
        NoTable: The version does not exist, or the tables at ``where`` do not have it.
    """
    name = f"{resource.type}@{resource.api_version}"
    provider = resource.type.partition("/")[0]
    known = type_tables.own()
    if where is not None:
        known = {**type_tables.microsoft(where, provider, resource.api_version), **known}
    if name not in known:
        raise NoTable(f"no such type or version: {name}")
    return known[name]


def problems(
    module: Module, shape_of: Callable[[Resource], Shape], *, skip: type[Exception] | tuple[()] = ()
) -> list[str]:
    """Everything that Azure would refuse, each with its file, line and place in the body.

    Args:
        module: The file.
        shape_of: Finds a resource's shape; its ``NoTable`` is a problem like others.
        skip: An error of ``shape_of`` that leaves a resource unchecked.
    """
    found: list[str] = []
    for resource in module.resources:
        told = f"{module.path.name}:{resource.line} {resource.symbol}"
        try:
            shape = shape_of(resource)
        except skip:
            continue
        except NoTable as missing:
            found.append(f"{told}: {missing}")
            continue
        body = {k: v for k, v in resource.body.items() if key(k) not in _BICEP_ONLY}
        found += [f"{told}{problem}" for problem in _object(body, shape, "", resource.existing)]
    return found


def _value(node: Node, shape: Shape, place: str) -> Iterator[str]:
    text = literal(node)
    if text is not None:
        yield from _text(text, shape, place)
    elif isinstance(node, bool):
        yield from _kind("bool", shape, place)
    elif isinstance(node, int):
        yield from _kind("int", shape, place)
    elif isinstance(node, list):
        yield from _array(cast("list[Node]", node), shape, place)
    elif isinstance(node, dict):
        tree = cast("Tree", node)
        if any(isinstance(tree.get(name), dict) for name in _EXPRESSIONS):
            for part in _parts(tree):
                yield from _value(part, _without_requirements(shape), place)
        else:
            yield from _object(tree, shape, place, existing=False)


def _parts(expression: Tree) -> Iterator[Node]:
    """The values that an expression may have, as far as they stand in it."""
    operator: dict[str, Any] = expression.get("operator", {})
    function: dict[str, Any] = expression.get("function", {})
    if operator.get("type") == "conditional":
        yield operator["operands"]["true_value"]
        yield operator["operands"]["false_value"]
    elif function.get("type") == "union":
        yield from function["parameters"].values()
    elif function.get("type") == "map":
        yield [function["parameters"]["arg_2"]["detail"]["expression"]]
    elif "loop_type" in expression:
        yield [expression["config"]]


def _without_requirements(shape: Shape) -> Shape:
    """For one part of a whole whose other parts may bring what this one lacks."""
    fields = {
        name: type_tables.Field(shape=field.shape, read_only=field.read_only)
        for name, field in shape.fields.items()
    }
    return Shape(
        kind=shape.kind, values=shape.values, fields=fields, others=shape.others, items=shape.items
    )


def _text(text: str, shape: Shape, place: str) -> Iterator[str]:
    yield from _kind("string", shape, place)
    if "${" in text or not shape.values or text in shape.values:
        return
    near = [known for known in shape.values if known.lower() == text.lower()]
    if near:
        yield f"{place}: {text} is written {near[0]}"
    else:
        yield f"{place}: {text} is none of {', '.join(sorted(shape.values))}"


def _kind(kind: str, shape: Shape, place: str) -> Iterator[str]:
    if shape.kind not in (kind, "any"):
        yield f"{place}: {kind} given, {shape.kind} wanted"


def _array(items: list[Node], shape: Shape, place: str) -> Iterator[str]:
    yield from _kind("array", shape, place)
    if shape.items is None:
        return
    for index, item in enumerate(items):
        yield from _value(item, shape.items(), f"{place}[{index}]")


def _object(body: Tree, shape: Shape, place: str, existing: bool) -> Iterator[str]:
    yield from _kind("object", shape, place)
    if shape.kind != "object":
        return
    given = {key(name): value for name, value in body.items() if not name.startswith("__")}
    chosen = literal(given.get(shape.chooser))
    if chosen is not None and chosen in shape.choices:
        shape = shape.choices[chosen]()
    elif shape.chooser and shape.chooser in given and chosen is not None:
        yield f".{shape.chooser}: {chosen} is none of {', '.join(sorted(shape.choices))}"
        return
    for name, value in given.items():
        yield from _property(name, value, shape, place)
    for name, field in shape.fields.items():
        if field.required and not field.read_only and name not in given and not existing:
            yield f"{place}.{name}: required, and missing"


def _property(name: str, value: Node, shape: Shape, place: str) -> Iterator[str]:
    here = f"{place}.{name}"
    field = shape.fields.get(name)
    if field is not None and field.read_only:
        yield f"{here}: read-only"
    elif field is not None:
        yield from _value(value, field.shape(), here)
    elif shape.others is not None:
        yield from _value(value, shape.others(), here)
    else:
        near = [known for known in shape.fields if known.lower() == name.lower()]
        yield f"{here}: is written {near[0]}" if near else f"{here}: unknown"
