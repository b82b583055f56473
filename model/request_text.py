"""What no part of a request may hold, wherever it stands: what some later reader would misread.

A request passes through JSON, environment variables, YAML and logs; each takes the characters and
numbers below for something else, or not at all.
"""

import math
import re
from collections.abc import Iterator
from typing import Any, cast

from model.problem import Problem, pointer

DEPTH_LIMIT = 32
"""Levels of objects and lists; deep ones would exhaust the stack of whoever walks them."""

_WHOLE_NUMBERS = 2**63
"""YAML readers in Go hold whole numbers in 64 bits and round larger ones."""

_MISREAD = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters but tab and line ends
    r"\u202a-\u202e\u2066-\u2069"  # direction overrides: text would show as another
    r"\ud800-\udfff\ufffe\uffff]"  # halves of pairs and no characters at all
)
_LINE_END = re.compile(r"[\t\r\n\u2028\u2029]")
_KEY_LIMIT = 512
"""Characters of a key, the most that Azure allows a tag's name; answers show keys."""
_DOCUMENTS = (("kots", "configValues"), ("limits", "document"))
_COMPONENT_VALUES = ("components", "values")

type Path = tuple[str | int, ...]


def text_problems(payload: dict[str, Any]) -> Iterator[Problem]:
    """Every place of a request that would be misread; keys are judged as values are."""
    waiting: list[tuple[Path, Any]] = [((), payload)]
    while waiting:
        path, node = waiting.pop()
        found = _fault(path, node)
        if found is not None:
            yield Problem(pointer(path), *found)
        elif isinstance(node, dict):
            document = cast("dict[str, Any]", node)
            if not all(map(_can_be_shown, document)):
                told = f"A key holds a control character or more than {_KEY_LIMIT} characters."
                yield Problem(pointer(path), "key", told)
                continue
            waiting.extend(((*path, key), child) for key, child in document.items())
        elif isinstance(node, list):
            waiting.extend(((*path, i), child) for i, child in enumerate(cast("list[Any]", node)))


def _can_be_shown(key: str) -> bool:
    """Whether a key may stand in a pointer, and so in an answer and in the log."""
    return len(key) <= _KEY_LIMIT and not _MISREAD.search(key) and not _LINE_END.search(key)


def _fault(path: Path, node: Any) -> tuple[str, str] | None:
    """Code and message of what is wrong with one value; None when nothing is."""
    match node:
        case dict() | list() if len(path) >= DEPTH_LIMIT:
            return "nested-deeply", f"A request has at most {DEPTH_LIMIT} levels."
        case str() if _MISREAD.search(node):
            return "character", "Take out control characters and text direction marks."
        case str() if _LINE_END.search(node) and not _is_document(path):
            return "line-end", "Give one line of text, without tabs."
        case float() if not math.isfinite(node):
            return "number", "This number is too large."
        case int() if abs(node) >= _WHOLE_NUMBERS:
            return "number", "This number is too large."
        case _:
            return None


def _is_document(path: Path) -> bool:
    """Whether text there may have several lines; of a secret's value its own rule speaks."""
    return (
        path[:1] == ("secrets",)
        or path[:2] in _DOCUMENTS
        or path[:1] + path[2:3] == _COMPONENT_VALUES
    )
