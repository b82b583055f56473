"""``make demo``: one whole installation on the emulator, shown live.

Exit code 0 when the installation succeeded, 1 when it ended otherwise, 2 when the request is bad.
The last line is the final status as one JSON object.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from aiohttp import ClientSession
from rich.console import Console

from emulator.clusters import KubernetesKind
from emulator.real.keycloak_deployment import KeycloakKind
from emulator.stage_table import StageTable
from emulator.world import USUAL_SPEED, HelmKind, World

_LOOK_EVERY = 0.25
"""Real seconds between two looks at the status."""

_ENDED = ("Succeeded", "Failed", "Cancelled")


async def _install(request: dict[str, Any], world: World, console: Console) -> tuple[int, Any]:
    async with ClientSession(headers={"x-functions-key": world.host.key}) as http:
        answer = await http.post(f"{world.host.url}/api/installations", json=request)
        body = await answer.json(content_type=None)
        if answer.status == 400:  # noqa: PLR2004 # HTTP's Bad Request
            return 2, body
        if answer.status not in (200, 202):
            return 1, body
        location = answer.headers["Location"]
        with StageTable(console) as table:
            while True:
                status = await (await http.get(location)).json()
                table.show(status)
                if status["state"] in _ENDED:
                    return (0 if status["state"] == "Succeeded" else 1), status
                await asyncio.sleep(_LOOK_EVERY)


def _tell_errors(console: Console, problem: dict[str, Any]) -> None:
    errors = problem.get("errors", [])
    console.print(f"[red]The request has {len(errors)} error(s); nothing was created.[/]")
    for error in errors:
        console.print(f"  {error['pointer'] or '/'}", markup=False, highlight=False)
        console.print(f"      {error['message']}", markup=False, highlight=False)


def _tell_end(console: Console, status: dict[str, Any]) -> None:
    say = console.print
    if failure := status.get("failure"):
        say(f"[red]{status['state']}[/] {failure['stage']}: {failure['code']}")
        say(f"  found:  {failure['reason']}", markup=False, highlight=False)
        say(f"  remedy: {failure['remedy']}", markup=False, highlight=False)
        return
    say("[green]Succeeded[/]")
    for purpose, url in status["endpoints"].items():
        say(f"  {purpose:14} {url}", highlight=False)
    say("Timings")
    for stage, seconds in status["timings"].items():
        say(f"  {stage:32} {seconds:7.2f} s", highlight=False)
    say("Evidence")
    for proof in status["evidence"]:
        say(f"  {proof['subject']:32} {proof['proof']}", highlight=False, markup=False)


async def _demo(request: dict[str, Any], made: World) -> int:
    console = Console()
    async with made as world:
        code, status = await _install(world.localized(request), world, console)
    (_tell_errors if code == 2 else _tell_end)(console, status)  # noqa: PLR2004 # the exit code above
    sys.stdout.write(json.dumps(status) + "\n")
    return code


def main(
    request: Annotated[Path, typer.Argument(help="The request, a JSON file.")],
    speed: Annotated[
        float | None,
        typer.Option(help="Emulated seconds in a real one: 600, or 60 with real Kubernetes."),
    ] = None,
    kubernetes: Annotated[
        KubernetesKind, typer.Option(help="Whose API servers the clusters get.")
    ] = "emulated",
    keycloak: Annotated[
        KeycloakKind, typer.Option(help="Which Keycloak the release brings.")
    ] = "emulated",
    helm: Annotated[
        HelmKind, typer.Option(help="Which helm Jobs run; a real one needs real Kubernetes.")
    ] = "emulated",
) -> None:
    """Install Dash Enterprise on the emulator as REQUEST asks."""
    world = World(
        speed=speed or USUAL_SPEED[kubernetes], kubernetes=kubernetes, keycloak=keycloak, helm=helm
    )
    raise typer.Exit(asyncio.run(_demo(json.loads(request.read_text()), world)))


app = typer.Typer(pretty_exceptions_enable=False)
app.command()(main)

if __name__ == "__main__":
    app()
