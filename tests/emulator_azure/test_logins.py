"""Entra ID's endpoints as a person with the Azure CLI meets them."""

import uuid

import pytest
import requests

from tests.emulator_azure.conftest import World


@pytest.mark.parametrize(
    ("known", "secret", "said"),
    [
        pytest.param(False, "any", (400, "unauthorized_client", 700016), id="unknown"),
        pytest.param(True, "any", (401, "invalid_client", 7000215), id="without-secrets"),
        pytest.param(True, "", (401, "invalid_client", 7000216), id="without-proof"),
    ],
)
def test_nobody_gets_a_token_without_an_application_and_its_proof(
    world: World, known: bool, secret: str, said: tuple[int, str, int]
) -> None:
    """A managed identity is known, and still has no secret that could be right."""
    directory = world.azure.directory
    client = directory.app.client_id if known else str(uuid.uuid4())

    answer = _ask_token(world, client, secret)

    refused = answer.json()
    assert (answer.status_code, refused["error"], refused["error_codes"][0]) == said


def test_an_open_directory_lets_anyone_in(world: World) -> None:
    """For tests that are about something else, and only where they say so."""
    world.azure.directory.open = True

    assert "access_token" in _ask_token(world, str(uuid.uuid4()), "any").json()


def _ask_token(world: World, client: str, secret: str) -> requests.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": client,
        "client_secret": secret,
        "scope": "https://management.azure.com/.default",
    }
    url = f"{world.azure.url}/{world.azure.directory.tenant_id}/oauth2/v2.0/token"
    return requests.post(url, data=form, verify=str(world.ca_file), timeout=10)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("oauth2/v2.0/devicecode", 400, id="device-code"),
        pytest.param("oauth2/v2.0/logout", 404, id="not-served"),
    ],
)
def test_a_login_that_is_not_served_is_refused_in_json(
    world: World, path: str, status: int
) -> None:
    """Clients show ``error_description``; they cannot read anything else."""
    url = f"{world.azure.url}/{world.azure.directory.tenant_id}/{path}"

    answer = requests.post(
        url, data={"client_id": str(uuid.uuid4())}, verify=str(world.ca_file), timeout=10
    )

    assert answer.status_code == status
    assert answer.json()["error_description"]
