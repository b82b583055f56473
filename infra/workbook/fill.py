# ruff: noqa: INP001 # a program beside the file that it writes, no package
"""Writes the texts of infra/queries into the workbook, whose JSON has them as escaped strings.

A query part is named like its file; a parameter's file is in ``PARAMETERS``. Run it after a query
was changed: ``python infra/workbook/fill.py``. With ``--check`` it writes nothing, and ends with 1
when the workbook is not what it would write.
"""

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
WORKBOOK = HERE / "installations.json"
QUERIES = HERE.parent / "queries"
PARAMETERS = {"Installation": "installation-names"}
"""Parameters that a query fills, and its file."""

_PARAMETERS, _QUERY, _GROUP = 9, 3, 12
"""Types of a workbook's parts, as its editor writes them."""


def filled(workbook: dict[str, Any]) -> dict[str, Any]:
    """The workbook with every query as its file has it.

    Raises:
        FileNotFoundError: A part's name is no query's.
    """
    return {**workbook, "items": [_part(item) for item in workbook["items"]]}


def _part(item: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = item["content"]
    match item["type"]:
        case kind if kind == _QUERY:
            return {**item, "content": {**content, "query": text(item["name"])}}
        case kind if kind == _GROUP:
            return {**item, "content": filled(content)}
        case kind if kind == _PARAMETERS:
            parameters = [_parameter(parameter) for parameter in content["parameters"]]
            return {**item, "content": {**content, "parameters": parameters}}
        case _:
            return item


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    if "query" not in parameter:
        return parameter
    return {**parameter, "query": text(PARAMETERS[parameter["name"]])}


def text(name: str) -> str:
    """A query as its file has it."""
    return (QUERIES / f"{name}.kql").read_text()


def written(workbook: dict[str, Any]) -> str:
    """The workbook as the file holds it."""
    return json.dumps(workbook, indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the workbook, or compare it; the exit code."""
    wanted = written(filled(json.loads(WORKBOOK.read_text())))
    if "--check" not in arguments:
        WORKBOOK.write_text(wanted)
        return 0
    if wanted == WORKBOOK.read_text():
        return 0
    sys.stderr.write("infra/workbook/installations.json: run python infra/workbook/fill.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
