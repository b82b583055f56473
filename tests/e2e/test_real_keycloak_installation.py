"""A whole installation whose Keycloak is a true one, behind the emulated ingress."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from emulator.real.keycloak import VERSIONS, find
from emulator.real.keycloak_deployment import RealKeycloak
from gateways.keycloak import Keycloak
from model.endpoint import Endpoint
from tests.e2e.driver import Driver
from tests.real.requirements import require

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

NAME = "true-keycloak"
BASE = f"{NAME}.example.com"


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    """A world that brings a true Keycloak with the release."""
    require(partial(find, VERSIONS[-1]), f"Keycloak {VERSIONS[-1]}")
    driver = Driver(speed=600, keycloak="real")
    yield driver
    driver.close()


@pytest.fixture(scope="module")
def installed(driver: Driver) -> dict[str, Any]:
    """The status of one finished installation."""
    return driver.install(driver.request(NAME), 180)


@pytest.fixture
def server(driver: Driver, installed: dict[str, Any]) -> RealKeycloak:
    """The true server of that installation."""
    assert installed["state"] == "Succeeded", installed.get("failure")
    [console] = driver.world.cloud.clusters.consoles.values()
    deployed = console.deployed_keycloaks[BASE]
    assert isinstance(deployed, RealKeycloak)
    return deployed


@pytest.fixture
def keycloak(driver: Driver, server: RealKeycloak) -> Iterator[Keycloak]:
    """The true server as its first administrator sees it, through the published name."""
    cloud = driver.world.cloud
    endpoint = Endpoint(
        host=f"auth-{BASE}",
        address="127.0.0.1",
        port=cloud.ingress.port,
        ca_file=str(cloud.public_ca_file),
    )
    connected = Keycloak.connect(
        endpoint,
        realm="dash",
        client_id="dash",
        admin_username=server.server.admin_username,
        admin_password=server.server.admin_password,
    )
    yield connected
    connected.logout()


def test_it_succeeds_with_the_administrators_roles(installed: dict[str, Any]) -> None:
    """The status says what the true server was asked and answered."""
    assert installed["state"] == "Succeeded", installed.get("failure")
    assert installed["administratorRoles"] == ["admin", "licensed_user"]


def test_the_administrator_logs_in_at_the_true_server_with_the_roles(
    driver: Driver, keycloak: Keycloak
) -> None:
    """The password is the vault's; the token carries what was given and what is inherited."""
    secrets = driver.world.cloud.secrets

    login = keycloak.verify_login("ada", secrets.administrator_password)

    assert login.verified
    assert login.roles == {"admin", "licensed_user", "viewer"}


def test_the_true_server_has_the_administrator_as_asked(driver: Driver, keycloak: Keycloak) -> None:
    """One enabled user with name and address of the request; given roles without inherited ones."""
    asked = driver.request(NAME)["administrator"]

    user = keycloak.find_user("ada")

    assert user is not None
    assert (user.email, user.enabled) == (asked["email"], True)
    assert keycloak.client_roles_of(user.user_id) == {"admin", "licensed_user"}


def test_the_true_servers_token_opens_the_products_api(
    driver: Driver, server: RealKeycloak, keycloak: Keycloak
) -> None:
    """The stand-in of the GraphQL API asks the true server whose token it is."""
    login = keycloak.verify_login("ada", driver.world.cloud.secrets.administrator_password)

    claims = driver.do(server.authenticate(login.token))

    assert claims is not None
    assert claims["preferred_username"] == "ada"
    assert set(claims["resource_access"]["dash"]["roles"]) >= {"admin", "licensed_user"}
    assert driver.do(server.authenticate(f"{login.token}x")) is None
