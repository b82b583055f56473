"""Login, subscriptions, providers and plain requests."""

import os
from dataclasses import replace
from pathlib import Path

from emulator.world import SUBSCRIPTION, Cloud
from tests.clients.programs import AzureCli


def test_a_service_principal_logs_in(az: AzureCli) -> None:
    """Az shows the emulated subscription and who is logged in."""
    account = az.ask("account show")

    assert account["id"] == SUBSCRIPTION.subscription_id
    assert account["tenantId"] == SUBSCRIPTION.tenant_id
    assert account["state"] == "Enabled"
    assert account["user"]["type"] == "servicePrincipal"


def test_a_wrong_secret_is_refused(az: AzureCli, cloud: Cloud, tmp_path: Path) -> None:
    """Az repeats Entra's own number and advice."""
    for file in Path(az.environment["AZURE_CONFIG_DIR"]).glob("clouds.config"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    stranger = replace(az, environment={**az.environment, "AZURE_CONFIG_DIR": str(tmp_path)})
    stranger("cloud set --name emulated")
    client = cloud.service_principal["clientId"]

    said = stranger.refused(
        f"login --service-principal --username {client} --password={os.urandom(8).hex()} "
        f"--tenant {SUBSCRIPTION.tenant_id}"
    )

    assert "AADSTS7000215: Invalid client secret provided." in said
    assert "az login" in stranger.refused("account show")


def test_locations_are_listed(az: AzureCli) -> None:
    """Regions have short and display names."""
    places = {place["name"]: place["displayName"] for place in az.ask("account list-locations")}

    assert places["eastus"] == "East US"
    assert places["westeurope"] == "West Europe"


def test_an_unknown_subscription_is_refused(az: AzureCli) -> None:
    """Az knows the subscriptions from login, and says so before it asks."""
    said = az.refused("group list --subscription 11111111-2222-3333-4444-555555555555")

    assert "Subscription '11111111-2222-3333-4444-555555555555' not found." in said


def test_a_provider_is_unregistered_and_registered(az: AzureCli, group: str) -> None:
    """A write in between is refused, and az registers the provider as it does on Azure."""
    assert _state(az) == "Registered"

    az("provider unregister --namespace Microsoft.ManagedIdentity --wait")
    assert _state(az) == "Unregistered"
    az(f"identity create --resource-group {group} --name registers-its-provider")
    assert _state(az) == "Registered"

    az("provider register --namespace Microsoft.ManagedIdentity --wait")
    assert _state(az) == "Registered"


def _state(az: AzureCli) -> str:
    return az.ask("provider show --namespace Microsoft.ManagedIdentity")["registrationState"]


def test_an_unknown_provider_is_refused(az: AzureCli) -> None:
    """Code and message are ARM's."""
    said = az.refused("provider show --namespace Microsoft.Nothing")

    assert (
        "(InvalidResourceNamespace) The resource namespace 'Microsoft.Nothing' is invalid." in said
    )


def test_plain_requests_are_answered(az: AzureCli, group: str) -> None:
    """``az rest`` adds token and endpoint by itself, and shows a refusal's own body."""
    path = f"/subscriptions/{{subscriptionId}}/resourcegroups/{group}"

    shown = az.ask(f"rest --method get --url '{path}?api-version=2025-04-01'")
    body = '{"tags": {"a": "b"}}'
    tagged = az.ask(f"rest --method patch --url '{path}?api-version=2025-04-01' --body '{body}'")
    said = az.refused(f"rest --method get --url '{path}?api-version=1999-01-01'")

    assert shown["name"] == group
    assert tagged["tags"] == {"a": "b"}
    assert az.ask(f"group show --name {group}")["tags"] == {"a": "b"}
    assert "InvalidApiVersionParameter" in said
