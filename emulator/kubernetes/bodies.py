"""Bodies as JSON or YAML, and what is said twice in them.

The words are those of the API server's decoders, ``sigs.k8s.io/json`` and ``sigs.k8s.io/yaml``.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import yaml

from emulator.kubernetes.api_error import bad_request


@dataclass(frozen=True, slots=True)
class Body:
    """What a body says.

    Attributes:
        repeated: Complaints about fields that stand there twice; the last one counts.
        is_yaml: Whether those complaints come from YAML's decoder, which words them as one.
    """

    value: Any
    repeated: tuple[str, ...] = ()
    is_yaml: bool = False

    @property
    def refusal(self) -> tuple[str, ...]:
        """The complaints as the reasons of a refusal."""
        if not self.is_yaml or not self.repeated:
            return self.repeated
        return ("\n  ".join(("yaml: unmarshal errors:", *self.repeated)),)


class _Pairs(dict[str, Any]):
    """An object that names a field twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def read(raw: bytes, *, is_yaml: bool) -> Body:
    """Read a body; YAML may be written as JSON, but not the other way round.

    Raises:
        ApiError: It is neither (400).
    """
    try:
        body = _json(raw)
    except ValueError:
        if not is_yaml:
            text = "the object provided is unrecognized (must be of type JSON or YAML)"
            raise bad_request(text) from None
    else:
        if not (is_yaml and body.repeated):
            return body
    try:
        value = yaml.load(raw, Loader=yaml.CSafeLoader)
        node = yaml.compose(raw, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise bad_request("error converting YAML to JSON") from error
    return Body(value, tuple(_repeated_in_yaml(node)), is_yaml=True)


def _json(raw: bytes) -> Body:
    doubtful = False

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubtful
        made = dict(found)
        if len(made) == len(found):
            return made
        doubtful = True
        return _Pairs(found)

    value = json.loads(raw, object_pairs_hook=pairs)
    return Body(value, tuple(_repeated_in_json(value, "")) if doubtful else ())


def _repeated_in_json(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from _repeated_in_json(item, f"{path}[{index}]")
    if not isinstance(value, dict):
        return
    said = cast("dict[str, Any]", value)
    seen: set[str] = set()
    for name, inner in said.pairs if isinstance(said, _Pairs) else said.items():
        below = f"{path}.{name}" if path else name
        if name in seen:
            yield f'duplicate field "{below}"'
        seen.add(name)
        yield from _repeated_in_json(inner, below)


def _repeated_in_yaml(node: yaml.Node | None) -> Iterator[str]:
    if isinstance(node, yaml.SequenceNode):
        for item in cast("list[yaml.Node]", node.value):
            yield from _repeated_in_yaml(item)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, inner in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
        name = str(key.value)
        if name in seen:
            yield f'line {key.start_mark.line + 1}: key "{name}" already set in map'
        seen.add(name)
        yield from _repeated_in_yaml(inner)
