"""``python -m emulator``: the whole product on one machine, until it is interrupted.

Prints one JSON line with every endpoint, CA file and key, for curl, az and kubectl.
"""

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt while modules load just ends it

import asyncio
import json
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from emulator.fault_file import read_faults
from emulator.faults import Faults
from emulator.json_file import Unreadable

if TYPE_CHECKING:
    from emulator.world import World

_SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "standard.json"


async def _run(world: "World") -> None:
    from emulator.hosting import HostDidNotStart  # noqa: PLC0415 # loaded by now

    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        async with world:
            sys.stdout.write(json.dumps(endpoints(world)) + "\n")
            sys.stdout.flush()
            await stopped.wait()
    except HostDidNotStart:
        if not stopped.is_set():  # a terminal's interrupt reaches the host as well
            raise


def endpoints(world: "World") -> dict[str, object]:
    """Where everything is, and what opens it."""
    from emulator.world import SUBSCRIPTION, VAULT  # noqa: PLC0415 # loaded by now

    azure = world.cloud.azure
    return {
        "app": world.host.url,
        "keys": world.host.keys,
        "arm": azure.url,
        "subscriptionId": SUBSCRIPTION.subscription_id,
        "tenantId": SUBSCRIPTION.tenant_id,
        "caFile": str(world.cloud.ca_file),
        "vault": azure.vault_url(VAULT),
        "managedIdentity": azure.msi_url,
        "identityHeader": azure.identity_header,
        "servicePrincipal": world.cloud.service_principal,
        "dns": world.cloud.dns.address,
        "ingress": f"127.0.0.1:{world.cloud.ingress.port}",
        "environment": world.cloud.environment(),
        "sample": str(_write_sample(world)),
        "log": str(world.cloud.folder / "host.log"),
    }


def _write_sample(world: "World") -> Path:
    """A request that this world can serve as it stands: its secrets are in the world's vault."""
    sample = world.cloud.folder / "request.json"
    request = json.loads(_SAMPLE.read_text())
    sample.write_text(json.dumps(world.localized(request), indent=2))
    return sample


def main(  # noqa: PLR0913, PLR0917 # a command line names its options here
    port: Annotated[int, typer.Option(help="Port of the function app; 0 for a free one.")] = 7071,
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
    faults: Annotated[
        Path | None, typer.Option(help="JSON file: a list of fault rules, see emulator/faults.py.")
    ] = None,
) -> None:
    """Keep the emulator and the function app running."""
    try:
        rules = Faults() if faults is None else read_faults(faults)
    except Unreadable as wrong:
        _leave(2, str(wrong))
    if not _is_free(port):
        _leave(1, f"Port {port} is in use; --port 0 takes a free one.")

    from emulator.circumstances import Circumstances  # noqa: PLC0415 # takes seconds
    from emulator.clock import Clock  # noqa: PLC0415 # the same
    from emulator.world import USUAL_SPEED, World  # noqa: PLC0415 # the same

    circumstances = Circumstances(clock=Clock(speed or USUAL_SPEED[kubernetes]), faults=rules)
    world = World(
        port=port,
        circumstances=circumstances,
        kubernetes=kubernetes,
        keycloak=keycloak,
        helm=helm,
    )
    asyncio.run(_run(world))


def _is_free(port: int) -> bool:
    """Whether the app can have the port, asked before anything is started."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _leave(code: int, why: str) -> NoReturn:
    sys.stderr.write(f"{why}\n")
    raise typer.Exit(code)


app = typer.Typer(pretty_exceptions_enable=False)
app.command()(main)

if __name__ == "__main__":
    app()
