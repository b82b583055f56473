"""The real helm, built from its source; Jobs run it in place of the stand-in."""

import os
from collections.abc import Mapping
from pathlib import Path

from emulator.real.go_build import BuildFailed, go
from emulator.real.readiness import FOLDER, Readiness

VERSION = "v3.19.0"
"""Pinned, so that every machine tests against the same one."""

_MODULE = "helm.sh/helm/v3"


def find(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The program: the one that ``HELM_TEST_PROGRAM`` names, else the prepared one, else None."""
    named = environ.get("HELM_TEST_PROGRAM", "")
    candidates = [*([Path(named)] if named else []), FOLDER / "helm" / "helm"]
    return next((program for program in candidates if os.access(program, os.X_OK)), None)


def require() -> Path:
    """As ``find``, for those who cannot go on without.

    Raises:
        FileNotFoundError: There is none; the message says how to get it.
    """
    found = find()
    if found is None:
        raise FileNotFoundError("no real helm here: python -m emulator.real prepare")
    return found


def prepare(folder: Path = FOLDER) -> list[Readiness]:
    """Build it below ``folder``, once; a second call finds it there. Two minutes at first."""
    name, program = f"helm {VERSION.removeprefix('v')}", folder / "helm" / "helm"
    built = folder / "helm" / "version.txt"
    if program.exists() and built.exists() and built.read_text() == VERSION:
        return [Readiness(server=name, where=program)]
    program.parent.mkdir(parents=True, exist_ok=True)
    version = f"-X {_MODULE}/internal/version.version={VERSION}"
    words = ["install", "-trimpath", f"-ldflags=-s -w {version}", f"{_MODULE}/cmd/helm@{VERSION}"]
    environment = {"CGO_ENABLED": "0", "GOBIN": str(program.parent.resolve())}
    try:
        go(words, folder=program.parent, environment=environment)
    except BuildFailed as failure:
        return [Readiness(server=name, where=None, why=str(failure))]
    built.write_text(VERSION)
    return [Readiness(server=name, where=program)]
