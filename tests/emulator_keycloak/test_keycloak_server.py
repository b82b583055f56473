"""The emulated Keycloak answers as the true versions were seen to, good and bad."""

import base64
import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.keycloak import VERSIONS
from emulator.keycloak.state import Client
from tests.emulator_keycloak.world import Answer, World, running

USERS = "/auth/admin/realms/dash/users"
CLIENTS = "/auth/admin/realms/dash/clients"
ADA = {
    "username": "Ada",
    "email": "Ada@Example.test",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "enabled": True,
}


@pytest.fixture(params=sorted(VERSIONS))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The emulator, in every version's manners."""
    with running(tmp_path, str(request.param)) as made:
        yield made


@pytest.fixture
def password() -> str:
    """A password made up for this test."""
    return secrets.token_urlsafe(16)


def grant(world: World, realm: str, **form: str) -> Answer:
    """Ask a realm's token endpoint."""
    return world.ask("POST", f"/auth/realms/{realm}/protocol/openid-connect/token", form=form)


def login(world: World, username: str, password: str, realm: str = "dash") -> Answer:
    """A direct grant on the realm's usual client."""
    client_id = "admin-cli" if realm == "master" else "dash"
    return grant(
        world,
        realm,
        grant_type="password",
        client_id=client_id,
        username=username,
        password=password,
    )


@pytest.fixture
def admin(world: World) -> str:
    """An administrator's access token."""
    status, answer = login(world, world.admin_username, world.admin_password, "master")
    assert status == 200
    return str(answer["access_token"])


def create(world: World, admin: str, password: str, **changes: Any) -> Answer:
    """Create a user with a lasting password."""
    credential = {"type": "password", "value": password, "temporary": False}
    return world.ask(
        "POST", USERS, token=admin, body={**ADA, "credentials": [credential], **changes}
    )


def claims(token: str) -> dict[str, Any]:
    """What a token says, unchecked."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def test_the_admin_api_wants_a_token(world: World) -> None:
    """No token, a foreign text and a forged token are all 401."""
    for token in ("", "nonsense", "a.b.c"):
        assert world.ask("GET", USERS, token=token)[0] == 401


def test_a_users_token_does_not_open_the_admin_api(world: World, admin: str, password: str) -> None:
    """A token of realm dash is good, and forbidden."""
    create(world, admin, password)
    token = login(world, "ada", password)[1]["access_token"]

    assert world.ask("GET", USERS, token=token) == (403, {"error": "HTTP 403 Forbidden"})


def test_an_access_token_ends_after_its_lifespan_and_is_refreshed(world: World) -> None:
    """An administrator's token lives 60 seconds; after its end only a refreshed one opens doors."""
    master = world.keycloak.realms["master"]
    assert master.lifespan == timedelta(seconds=60)
    master.lifespan = timedelta(seconds=0)
    answer = login(world, world.admin_username, world.admin_password, "master")[1]
    assert world.ask("GET", USERS, token=answer["access_token"])[0] == 401

    master.lifespan = timedelta(seconds=60)
    refresh = {"client_id": "admin-cli", "refresh_token": answer["refresh_token"]}
    status, renewed = grant(world, "master", grant_type="refresh_token", **refresh)

    assert (status, renewed["expires_in"]) == (200, 60)
    assert world.ask("GET", USERS, token=renewed["access_token"]) == (200, [])


def test_a_refresh_after_logout_names_the_session(world: World) -> None:
    """The text is one that python-keycloak looks for before it logs in again."""
    answer = login(world, world.admin_username, world.admin_password, "master")[1]
    form = {"client_id": "admin-cli", "refresh_token": str(answer["refresh_token"])}
    path = "/auth/realms/master/protocol/openid-connect/logout"

    assert world.ask("POST", path, form=form) == (204, None)

    status, refused = grant(world, "master", grant_type="refresh_token", **form)
    assert (status, refused["error_description"]) == (400, "Session not active")
    assert world.ask("GET", USERS, token=answer["access_token"])[0] == 401


def test_a_token_says_who_from_where_and_which_roles(
    world: World, admin: str, password: str
) -> None:
    """Claims are Keycloak's; the inherited role is in them without being mapped."""
    create(world, admin, password)

    said = claims(login(world, "ADA", password)[1]["access_token"])

    assert said["iss"] == "https://auth-dash.example.test/auth/realms/dash"
    assert said["preferred_username"] == "ada"
    assert said["azp"] == "dash"
    assert said["resource_access"]["dash"]["roles"] == ["viewer"]
    assert said["exp"] - said["iat"] == 300
    assert world.keycloak.mappings == {"ada": set()}


def test_a_wrong_password_has_the_versions_status(world: World, admin: str, password: str) -> None:
    """22 says 401, 26 says 400; the words are the same."""
    create(world, admin, password)

    status, refused = login(world, "ada", "wrong")

    assert status == {"22.0.5": 401, "26.7.5": 400}[world.version]
    assert refused == {"error": "invalid_grant", "error_description": "Invalid user credentials"}


def test_conflicts_have_the_versions_words(world: World, admin: str, password: str) -> None:
    """When name and address are both taken, versions name one or the other."""
    assert create(world, admin, password)[0] == 201

    both = create(world, admin, password)
    name = create(world, admin, password, email="other@example.test")
    email = create(world, admin, password, username="other")

    told = {"22.0.5": "username", "26.7.5": "email"}[world.version]
    assert both == (409, {"errorMessage": f"User exists with same {told}"})
    assert name == (409, {"errorMessage": "User exists with same username"})
    assert email == (409, {"errorMessage": "User exists with same email"})
    assert list(world.keycloak.users) == ["ada"]


def test_an_incomplete_profile_stops_the_login_since_24(
    world: World, admin: str, password: str
) -> None:
    """The declarative user profile asks for address and both names."""
    create(world, admin, password, lastName="")

    status, answer = login(world, "ada", password)

    if world.version == "22.0.5":
        assert status == 200
    else:
        assert status == 400
        assert answer["error_description"] == "Account is not fully set up"


def test_a_temporary_password_stops_the_login(world: World, admin: str, password: str) -> None:
    """The user must change it in the browser first."""
    create(world, admin, password)
    user_id = world.keycloak.users["ada"].user_id
    body = {"type": "password", "value": password, "temporary": True}

    assert world.ask("PUT", f"{USERS}/{user_id}/reset-password", token=admin, body=body)[0] == 204

    assert login(world, "ada", password)[1]["error_description"] == "Account is not fully set up"


def test_searches_are_exact_only_when_asked(world: World, admin: str, password: str) -> None:
    """``exact`` in any case means equality; without it a part is enough."""
    create(world, admin, password)

    def found(query: str) -> list[str]:
        listed = world.ask("GET", f"{USERS}?{query}", token=admin)[1]
        return [user["username"] for user in listed]

    assert found("username=ad") == ["ada"]
    assert found("username=ad&exact=True") == []
    assert found("username=ADA&exact=true") == ["ada"]
    assert found("email=ada@example.test&exact=true") == ["ada"]
    assert found("first=1&max=5") == []


def test_a_client_with_a_secret_has_a_service_account(world: World) -> None:
    """Client credentials need secret and permission; the robot is no administrator."""
    secret = secrets.token_urlsafe(16)
    robot = Client(client_id="robot", secret=secret, service_account=True)
    world.keycloak.realms["master"].clients["robot"] = robot

    wrong = grant(world, "master", grant_type="client_credentials", client_id="robot")
    right = grant(
        world,
        "master",
        grant_type="client_credentials",
        client_id="robot",
        client_secret=secret,
    )
    public = grant(world, "master", grant_type="client_credentials", client_id="admin-cli")

    assert (wrong[0], wrong[1]["error"]) == (401, "invalid_client")
    assert (right[0], "refresh_token" in right[1]) == (200, False)
    assert world.ask("GET", USERS, token=right[1]["access_token"])[0] == 403
    assert (public[0], public[1]["error"]) == (401, "unauthorized_client")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        pytest.param("/auth/realms/no", {"error": "Realm does not exist"}, id="open-realm"),
        pytest.param("/auth/admin/realms/no", {"error": "Realm not found."}, id="realm"),
        pytest.param(f"{USERS}/no", {"error": "User not found"}, id="user"),
        pytest.param(f"{CLIENTS}/no", {"error": "Could not find client"}, id="client"),
        pytest.param(
            "/auth/nothing",
            {"error": "Unable to find matching target resource method"},
            id="path",
        ),
    ],
)
def test_what_is_missing_is_told_in_keycloaks_words(
    world: World, admin: str, path: str, told: dict[str, str]
) -> None:
    """Clients tell a missing realm from a missing user by these bodies."""
    assert world.ask("GET", path, token=admin) == (404, told)


def test_an_unknown_role_is_missing_in_lists_and_mappings(
    world: World, admin: str, password: str
) -> None:
    """A role is found by its name in its client, and mapped only with its own id."""
    create(world, admin, password)
    user_id = world.keycloak.users["ada"].user_id
    client = world.ask("GET", f"{CLIENTS}?clientId=dash", token=admin)[1][0]
    roles = f"{CLIENTS}/{client['id']}/roles"
    mappings = f"{USERS}/{user_id}/role-mappings/clients/{client['id']}"
    role = world.ask("GET", f"{roles}/admin", token=admin)[1]

    assert world.ask("GET", f"{roles}/no", token=admin) == (404, {"error": "Could not find role"})
    forged = [{**role, "id": "no"}]
    assert world.ask("POST", mappings, token=admin, body=forged)[0] == 404
    assert world.ask("POST", mappings, token=admin, body=[role])[0] == 204
    assert world.ask("POST", mappings, token=admin, body=[role])[0] == 204
    assert world.keycloak.mappings == {"ada": {"admin"}}


def test_the_journal_names_clients_and_never_a_password(
    world: World, admin: str, password: str
) -> None:
    """What is recorded is method, path, client and status."""
    create(world, admin, password)
    login(world, "ada", password)

    callers = [(e.method, e.caller, e.status) for e in world.journal.of("keycloak")]
    assert callers == [
        ("POST", "admin-cli", 200),
        ("POST", "admin-cli", 201),
        ("POST", "dash", 200),
    ]
    assert password not in repr(world.journal)
    assert password not in repr(world.keycloak.users)
