"""Bicep files as trees: ``pycep`` reads them, and this says what it leaves out.

``pycep`` 0.7 drops the quotes of a string, so that a literal looks like a symbol, and cannot read
decorators inside a user-defined type. So literals are marked before it reads, and types are read
here. Line numbers stay those of the file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

from pycep import BicepParser

ROOT = Path(__file__).resolve().parents[2]
BICEP = ROOT / "infra" / "bicep"

type Node = Any
type Tree = dict[str, Node]

MARK = "_literal_"
"""Begins every string that was a literal in the file."""

_UNMARKED = re.compile(r"\s*(resource|module|import|using|targetScope)\b|\s*@(?!description)")
_TYPE = re.compile(r"((?:^@[^\n]*\n)*)^type (\w+) = \{\n(.*?)^\}\n?", re.MULTILINE | re.DOTALL)
_PROPERTY = re.compile(r"^  (\w+): (.+)$")
_DESCRIPTION = re.compile(r"@description\('((?:\\'|[^'])*)'\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A parameter, an output, or a property of a user-defined type.

    Attributes:
        description: Empty when it has none.
        optional: It has a default, or its type ends with ``?``.
    """

    name: str
    type: str
    description: str
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource declaration; ``body`` is without its loop and its condition."""

    symbol: str
    type: str
    api_version: str
    existing: bool
    body: Tree
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A module call."""

    symbol: str
    path: str
    name: Node
    scoped: bool
    conditional: bool
    parameters: Tree
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One ``.bicep`` file."""

    path: Path
    text: str
    scope: str
    metadata: frozenset[str]
    parameters: dict[str, Declared]
    outputs: dict[str, Declared]
    variables: dict[str, Node]
    resources: tuple[Resource, ...]
    calls: tuple[Call, ...]
    types: dict[str, dict[str, Declared]] = field(default_factory=dict[str, dict[str, Declared]])


def files() -> list[Path]:
    """Every ``.bicep`` file of the project."""
    return sorted(BICEP.rglob("*.bicep"))


def parameter_files() -> list[Path]:
    """Every ``.bicepparam`` file of the project."""
    return sorted(BICEP.rglob("*.bicepparam"))


def label(path: Path) -> str:
    """A file's name in a test's id."""
    return path.relative_to(BICEP).as_posix()


@cache
def read(path: Path) -> Module:
    """One file of the project."""
    return parse(path.read_text(), path)


def parse(text: str, path: Path = Path("planted.bicep")) -> Module:
    """A Bicep text as a module.

    Raises:
        lark.exceptions.LarkError: Not Bicep, or Bicep that ``pycep`` cannot read.
    """
    rest = _TYPE.sub(lambda found: "\n" * found.group(0).count("\n"), text)
    tree = cast("Tree", BicepParser(add_line_numbers=True).parse(text=marked(rest)))
    return Module(
        path=path,
        text=text,
        scope=str(tree["globals"]["scope"]["value"]),
        metadata=frozenset(tree.get("metadata", {})),
        parameters={n: _declared(n, d, text) for n, d in tree.get("parameters", {}).items()},
        outputs={n: _declared(n, d, text) for n, d in tree.get("outputs", {}).items()},
        variables={n: d["value"] for n, d in tree.get("variables", {}).items()},
        resources=tuple(_resource(n, d) for n, d in tree.get("resources", {}).items()),
        calls=tuple(_call(n, d) for n, d in tree.get("modules", {}).items()),
        types=types(text),
    )


def types(text: str) -> dict[str, dict[str, Declared]]:
    """The properties of each user-defined type; the type's own description is property ``""``."""
    found: dict[str, dict[str, Declared]] = {}
    for decorators, name, body in _TYPE.findall(text):
        properties = {"": _typed("", "object", decorators)}
        above = ""
        for line in body.splitlines():
            if line.strip().startswith("@"):
                above += line
            elif match := _PROPERTY.match(line):
                properties[match.group(1)] = _typed(match.group(1), match.group(2), above)
                above = ""
        found[name] = properties
    return found


def assigned(path: Path) -> tuple[Path, Tree]:
    """What a parameter file is for, and the values that it gives, by parameter."""
    text = path.read_text()
    using = re.search(r"^using '(.+)'$", text, re.MULTILINE)
    assert using, f"{path.name} has no using"
    rest = re.sub(r"^param ", "var given_", text.replace(using.group(0), ""), flags=re.MULTILINE)
    tree = cast("Tree", BicepParser(add_line_numbers=False).parse(text=marked(rest)))
    values = {
        name.removeprefix("given_"): declared["value"]
        for name, declared in tree["variables"].items()
        if name.startswith("given_")
    }
    return (path.parent / using.group(1)).resolve(), values


def marked(text: str) -> str:
    """The text with each literal string marked; not in declarations' heads and decorators."""
    lines = (_marked_line(line) for line in text.splitlines(keepends=True))
    return "".join(lines)


def literal(node: Node) -> str | None:
    """The text of a literal string, ``None`` for everything else."""
    return node.removeprefix(MARK) if isinstance(node, str) and node.startswith(MARK) else None


def key(name: str) -> str:
    """A property's name, however it was written."""
    return name.strip("'").removeprefix(MARK)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    below: list[Node] = []
    if isinstance(node, dict):
        below = list(cast("Tree", node).values())
    elif isinstance(node, list):
        below = cast("list[Node]", node)
    for child in below:
        yield from walk(child)


def _marked_line(line: str) -> str:
    if _UNMARKED.match(line) or line.lstrip().startswith(("@", "//")):
        return line
    written, position = "", 0
    while (start := line.find("'", position)) >= 0:
        end = _end_of_string(line, start)
        written += f"{line[position:start]}'{MARK}{line[start + 1 : end]}'"
        position = end + 1
    return written + line[position:]


def _end_of_string(line: str, start: int) -> int:
    depth, position = 0, start + 1
    while position < len(line):
        if line[position] == "\\":
            position += 1
        elif line.startswith("${", position):
            depth += 1
        elif depth and line[position] == "}":
            depth -= 1
        elif not depth and line[position] == "'":
            return position
        position += 1
    raise AssertionError(f"a string does not end: {line}")


def _typed(name: str, type_name: str, decorators: str) -> Declared:
    told = _DESCRIPTION.search(decorators)
    return Declared(
        name=name,
        type=type_name.rstrip("?"),
        description=told.group(1) if told else "",
        optional=type_name.endswith("?"),
    )


def _declared(name: str, declared: Tree, text: str) -> Declared:
    told = [d["argument"] for d in declared["decorators"] if d["type"] == "description"]
    nullable = re.search(rf"^(?:param|output) {name} \S+\?\s", text, re.MULTILINE)
    return Declared(
        name=name,
        type=_type_name(declared["type"]),
        description=str(told[0]) if told else "",
        optional=declared.get("default") is not None or nullable is not None,
    )


def _type_name(shape: Node) -> str:
    if isinstance(shape, dict):
        return _type_name(cast("Tree", shape)["item_type"]) + "[]"
    return str(shape)


def _resource(symbol: str, declared: Tree) -> Resource:
    return Resource(
        symbol=symbol,
        type=declared["type"],
        api_version=declared["api_version"],
        existing=declared["existing"],
        body=_inner(declared["config"]),
        line=declared["__start_line__"],
    )


def _call(symbol: str, declared: Tree) -> Call:
    config = _inner(declared["config"])
    return Call(
        symbol=symbol,
        path=declared["detail"]["path"],
        name=config["name"],
        scoped="scope" in config,
        conditional="condition" in declared["config"],
        parameters=config.get("params", {}),
        line=declared["__start_line__"],
    )


def _inner(config: Tree) -> Tree:
    """The object inside a loop or a condition."""
    while "config" in config and ("loop_type" in config or "condition" in config):
        config = config["config"]
    return config
