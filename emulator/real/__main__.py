"""``python -m emulator.real prepare``: fetch or build every real server, once."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from emulator.real import azurite, helm, keycloak, kubernetes, readiness

PREPARE: tuple[Callable[[Path], list[readiness.Readiness]], ...] = (
    azurite.prepare,
    keycloak.prepare,
    helm.prepare,
    kubernetes.prepare,
)
"""Quick ones first, so that the long build is the last to be waited for."""

app = typer.Typer(pretty_exceptions_enable=False)


@app.callback()
def main() -> None:
    """The real servers that the stand-ins are held against."""


@app.command()
def prepare(
    folder: Annotated[Path, typer.Option(help="Where they go.")] = readiness.FOLDER,
) -> None:
    """Make every server ready and say where it is, or why it is not.

    Ends with 1 when one is missing although ``CI`` says that all are needed.
    """
    missing = False
    for each in PREPARE:
        for server in each(folder):
            missing = missing or server.where is None
            sys.stdout.write(line(server) + "\n")
            sys.stdout.flush()
    if missing and readiness.is_required(os.environ):
        raise typer.Exit(1)


def line(server: readiness.Readiness) -> str:
    """What is said of one server."""
    if server.where is None:
        return f"{server.server}: not ready: {server.why}"
    return f"{server.server}: ready in {server.where}"


if __name__ == "__main__":
    app()
