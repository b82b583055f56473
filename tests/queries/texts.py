"""Every query of the project: the files, the workbook's parts, the alerts'."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from tests.infra.bicep_source import BICEP, literal, read

ROOT = Path(__file__).resolve().parents[2]
QUERIES = ROOT / "infra" / "queries"
WORKBOOK = ROOT / "infra" / "workbook" / "installations.json"
MONITORING = BICEP / "modules" / "monitoring.bicep"


def files() -> dict[str, str]:
    """Text of each query file by its name without ending."""
    return {path.stem: path.read_text() for path in sorted(QUERIES.glob("*.kql"))}


def sentence(text: str) -> str:
    """The comment in a query's first line."""
    return text.partition("\n")[0].removeprefix("// ")


def workbook() -> dict[str, Any]:
    """The workbook."""
    return json.loads(WORKBOOK.read_text())


def parts(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in the workbook that has a query: parts and parameters."""
    if isinstance(node, dict):
        known = cast("dict[str, Any]", node)
        if "query" in known:
            yield known
        for below in known.values():
            yield from parts(below)
    elif isinstance(node, list):
        for below in cast("list[Any]", node):
            yield from parts(below)


def alerts() -> dict[str, tuple[Path, list[str]]]:
    """Of each alert rule the file with its query, and the columns that split it."""
    declared = cast("dict[str, Any]", read(MONITORING).variables["alerts"])
    return {
        name.strip("'").removeprefix("_literal_"): (
            (MONITORING.parent / str(literal(_loaded(alert)))).resolve(),
            [str(literal(dimension)) for dimension in alert["dimensions"]],
        )
        for name, alert in declared.items()
        if not name.startswith("__")
    }


def _loaded(alert: dict[str, Any]) -> Any:
    return alert["query"]["function"]["parameters"]["file_path"]


def every() -> dict[str, str]:
    """Every text that Azure is asked, by where it stands."""
    found = {f"file {name}": text for name, text in files().items()}
    found |= {f"workbook {i}": part["query"] for i, part in enumerate(parts(workbook()))}
    return found | {f"alert {name}": path.read_text() for name, (path, _) in alerts().items()}
