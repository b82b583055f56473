"""Secrets of a vault, which has an address here instead of a name below vault.azure.net."""

import secrets

import pytest

from emulator.world import VAULT, Cloud
from tests.clients.programs import AzureCli


@pytest.fixture
def vault(cloud: Cloud) -> str:
    """What stands for the vault's name on the command line."""
    return f"--vault-name {cloud.azure.vault_url(VAULT).removeprefix('https://')}"


def test_a_secret_is_set_and_shown(az: AzureCli, vault: str) -> None:
    """A second value is a second version; lists tell names and no values."""
    first, second = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
    az(f"keyvault secret set {vault} --name mine --value=x{first}")
    made = az.ask(f"keyvault secret set {vault} --name mine --value=x{second} --tags owner=me")

    shown = az.ask(f"keyvault secret show {vault} --name mine")
    listed = az.ask(f"keyvault secret list {vault}")
    versions = az.ask(f"keyvault secret list-versions {vault} --name mine")

    assert shown["value"] == f"x{second}"
    assert shown["id"] == made["id"]
    assert shown["tags"]["owner"] == "me"
    assert {"mine", "dash-license"} <= {row["name"] for row in listed}
    assert all(row.get("value") is None for row in listed)
    assert len(versions) == 2


def test_a_deleted_secret_comes_back_until_it_is_purged(az: AzureCli, vault: str) -> None:
    """Deletion is soft, as every vault's has been since 2025."""
    az(f"keyvault secret set {vault} --name gone --value=x")
    az(f"keyvault secret delete {vault} --name gone")
    assert "(SecretNotFound)" in az.refused(f"keyvault secret show {vault} --name gone")
    assert az.ask(f"keyvault secret list-deleted {vault} --query [].name") == ["gone"]
    conflict = az.refused(f"keyvault secret set {vault} --name gone --value=y")
    assert "currently in a deleted but recoverable state" in conflict

    az(f"keyvault secret recover {vault} --name gone")
    assert az.ask(f"keyvault secret show {vault} --name gone")["value"] == "x"

    az(f"keyvault secret delete {vault} --name gone")
    az(f"keyvault secret purge {vault} --name gone")
    assert az.ask(f"keyvault secret list-deleted {vault}") == []


def test_a_disabled_secret_is_not_handed_out(az: AzureCli, vault: str) -> None:
    """Its attributes can be changed back."""
    az(f"keyvault secret set {vault} --name off --value=x")
    az(f"keyvault secret set-attributes {vault} --name off --enabled false")
    assert "(Forbidden)" in az.refused(f"keyvault secret show {vault} --name off")

    az(f"keyvault secret set-attributes {vault} --name off --enabled true")
    assert az.ask(f"keyvault secret show {vault} --name off")["value"] == "x"


def test_a_missing_secret_is_told(az: AzureCli, vault: str) -> None:
    """Code and message are Key Vault's."""
    said = az.refused(f"keyvault secret show {vault} --name nothing")

    assert "(SecretNotFound) A secret with (name/id) nothing was not found" in said


def test_vaults_are_resources(az: AzureCli, cloud: Cloud) -> None:
    """``keyvault show`` finds the group by itself and tells where the vault answers."""
    assert VAULT in az.ask("keyvault list --query [].name")

    shown = az.ask(f"keyvault show --name {VAULT}")

    assert shown["properties"]["vaultUri"].rstrip("/") == cloud.azure.vault_url(VAULT)
