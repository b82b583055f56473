"""Microsoft's language service for KQL, as its npm package runs it: fetched once into ``.cache``.

https://www.npmjs.com/package/@kusto/language-service-next (MIT)
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.queries.texts import ROOT

HERE = Path(__file__).resolve().parent / "language_service"
TABLES: dict[str, Any] = json.loads((HERE.parent / "tables.json").read_text())
"""Tables of Application Insights that the queries read: columns, and the page that lists them."""

_FOLDER = ROOT / ".cache" / "kusto-language-service"
_INSTALL_PATIENCE = 240.0
"""Seconds; about two are usual."""
_BIND_PATIENCE = 50.0
"""Seconds; about two are usual, most of them for loading the service."""


class ServiceMissing(RuntimeError):
    """The language service cannot be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What the service says of one query.

    Attributes:
        diagnostics: Empty for a query that binds.
        columns: Of its result.
        dimensions: Table and key of each access to ``customDimensions``; None where unknown.
        comparisons: table, dimension (None for the column ``name``), operator and values.
    """

    diagnostics: tuple[str, ...]
    columns: tuple[str, ...]
    dimensions: tuple[tuple[str | None, str | None], ...]
    comparisons: tuple[Mapping[str, Any], ...]


@cache
def installed() -> Path:
    """The folder with the package; fetched when it is not there, safe beside other processes.

    Raises:
        ServiceMissing: No Node.js, no npm, or npm could not fetch it.
    """
    version = json.loads((HERE / "package-lock.json").read_text())["packages"][""]["dependencies"]
    folder = _FOLDER / version["@kusto/language-service-next"]
    if shutil.which("node") is None:
        raise ServiceMissing("Node.js is missing: https://nodejs.org/")
    if (folder / "node_modules").is_dir():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise ServiceMissing("npm is missing: https://nodejs.org/")
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=_FOLDER) as fetched:
        _fetch(npm, Path(fetched))
        _move(Path(fetched), folder)
    return folder


def _fetch(npm: str, folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(  # noqa: S603 # npm of PATH; the lock has the package's hash
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_INSTALL_PATIENCE,
        )
    except subprocess.TimeoutExpired as slow:
        raise ServiceMissing("npm took too long") from slow
    if done.returncode:
        raise ServiceMissing(f"npm: {done.stderr[-500:]}")


def _move(fetched: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    try:
        (fetched / "node_modules").rename(folder / "node_modules")
    except OSError:
        if not (folder / "node_modules").is_dir():  # else another process was first
            raise


def bind(queries: Mapping[str, str]) -> dict[str, Bound]:
    """Parse and bind each query against ``TABLES``.

    Raises:
        ServiceMissing: See ``installed``.
        RuntimeError: The service itself failed; its last words are the text.
    """
    folder = installed()
    tables = {name: table["columns"] for name, table in TABLES.items()}
    command = ["node", str(HERE / "bind.mjs"), str(folder)]
    done = subprocess.run(  # noqa: S603 # the committed program
        command,
        input=json.dumps({"tables": tables, "queries": queries}),
        capture_output=True,
        text=True,
        check=False,
        timeout=_BIND_PATIENCE,
        env=os.environ | {"NODE_OPTIONS": ""},
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return {key: _bound(told) for key, told in json.loads(done.stdout).items()}


def _bound(told: Mapping[str, Any]) -> Bound:
    return Bound(
        diagnostics=tuple(f"{d['code']} at {d['at']}: {d['message']}" for d in told["diagnostics"]),
        columns=tuple(told["columns"]),
        dimensions=tuple((d["table"], d["key"]) for d in told["dimensions"]),
        comparisons=tuple(told["comparisons"]),
    )
