"""``make demo``: one whole installation on the emulator, shown live.

Exit code 0 when the installation succeeded, 1 when it ended otherwise, 2 when the request is bad.
The last line is the final status as one JSON object.
"""

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt while modules load just ends it

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from emulator.json_file import Unreadable, read_json


def main(
    request: Annotated[Path, typer.Argument(help="The request, a JSON file.")],
    speed: Annotated[
        float | None,
        typer.Option(help="Emulated seconds in a real one: 600, or 60 with real Kubernetes."),
    ] = None,
    kubernetes: Annotated[
        Literal["emulated", "real"], typer.Option(help="Whose API servers the clusters get.")
    ] = "emulated",
    keycloak: Annotated[
        Literal["emulated", "real"], typer.Option(help="Which Keycloak the release brings.")
    ] = "emulated",
    helm: Annotated[
        Literal["emulated", "real"],
        typer.Option(help="Which helm Jobs run; a real one needs real Kubernetes."),
    ] = "emulated",
) -> None:
    """Install Dash Enterprise on the emulator as REQUEST asks."""
    try:
        asked = read_json(request)
    except Unreadable as wrong:
        sys.stderr.write(f"{wrong}\n")
        raise typer.Exit(2) from None
    sys.stdout.write("Starting the emulated Azure, Kubernetes, DNS and Keycloak…\n")
    sys.stdout.flush()

    from emulator import demonstration  # noqa: PLC0415 # takes seconds; the line above comes first
    from emulator.world import USUAL_SPEED, World  # noqa: PLC0415 # the same

    signal.signal(signal.SIGINT, signal.default_int_handler)
    world = World(
        speed=speed or USUAL_SPEED[kubernetes], kubernetes=kubernetes, keycloak=keycloak, helm=helm
    )
    raise typer.Exit(demonstration.run(asked, world))


app = typer.Typer(pretty_exceptions_enable=False)
app.command()(main)

if __name__ == "__main__":
    app()
