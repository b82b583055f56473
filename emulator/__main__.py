"""``python -m emulator``: the whole product on one machine, until it is interrupted.

Prints one JSON line with every endpoint, CA file and key, for curl, az and kubectl.
"""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from emulator.circumstances import Circumstances
from emulator.clock import Clock
from emulator.clusters import KubernetesKind
from emulator.faults import Faults
from emulator.real.keycloak_deployment import KeycloakKind
from emulator.world import SUBSCRIPTION, USUAL_SPEED, VAULT, HelmKind, World


async def _run(world: World) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with world:
        sys.stdout.write(json.dumps(endpoints(world)) + "\n")
        sys.stdout.flush()
        await stopped.wait()


def endpoints(world: World) -> dict[str, object]:
    """Where everything is, and what opens it."""
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
        "log": str(world.cloud.folder / "host.log"),
    }


def main(  # noqa: PLR0913, PLR0917 # a command line names its options here
    port: Annotated[int, typer.Option(help="Port of the function app; 0 for a free one.")] = 7071,
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
    faults: Annotated[
        Path | None, typer.Option(help="JSON file: a list of fault rules, see emulator/faults.py.")
    ] = None,
) -> None:
    """Keep the emulator and the function app running."""
    rules = Faults()
    if faults is not None:
        for rule in json.loads(faults.read_text()):
            rules.add(**rule)
    circumstances = Circumstances(clock=Clock(speed or USUAL_SPEED[kubernetes]), faults=rules)
    world = World(
        port=port,
        circumstances=circumstances,
        kubernetes=kubernetes,
        keycloak=keycloak,
        helm=helm,
    )
    asyncio.run(_run(world))


app = typer.Typer(pretty_exceptions_enable=False)
app.command()(main)

if __name__ == "__main__":
    app()
