"""Fault rules from a file: a JSON list of objects with the fields of ``Fault``."""

import re
from pathlib import Path
from typing import Any, cast, get_type_hints

from emulator.faults import Fault, Faults
from emulator.json_file import Unreadable, read_json


def read_faults(path: Path) -> Faults:
    """The rules in the file, in its order.

    Raises:
        Unreadable: It is no JSON, or a rule is none; the text counts rules from 1.
    """
    rules = read_json(path)
    if not isinstance(rules, list):
        raise Unreadable(f"{path}: not a list of rules, such as {_EXAMPLE}")
    faults = Faults()
    for number, rule in enumerate(cast("list[Any]", rules), 1):
        if wrong := _wrong(rule):
            raise Unreadable(f"{path}: rule {number}: {wrong}")
        faults.add(**rule)
    return faults


_EXAMPLE = '[{"server": "arm", "times": 3, "status": 503}]'
_FIELDS = get_type_hints(Fault)


def _wrong(rule: Any) -> str:
    """What makes it no rule; empty when it is one."""
    if not isinstance(rule, dict):
        return "not an object"
    for name, value in cast("dict[str, Any]", rule).items():
        if name not in _FIELDS:
            return f"{name}: no such field; there are {', '.join(_FIELDS)}"
        if not _fits(value, _FIELDS[name]):
            return f"{name}: {value!r} is no value for it, see emulator/faults.py"
        if name in ("path", "agent") and (trouble := _bad_pattern(value)):
            return f"{name}: not a regular expression: {trouble}"
    return ""


def _fits(value: Any, kind: Any) -> bool:
    if kind is Any:
        return True
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float if kind is float else kind)


def _bad_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as wrong:
        return str(wrong)
    return ""
