"""The emulated Keycloak answers as the true versions do, good and bad: each test runs on both."""

import base64
import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from emulator.keycloak import VERSIONS
from tests.emulator_keycloak.backends import BACKENDS, Backend, server_of
from tests.emulator_keycloak.operator import Operator
from tests.emulator_keycloak.world import Answer, World, running

USERS = "/auth/admin/realms/dash/users"
CLIENTS = "/auth/admin/realms/dash/clients"


@pytest.fixture(params=BACKENDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A Keycloak behind the ingress: emulated in every version's manners, and every true one."""
    backend: Backend = request.param
    with running(tmp_path, backend.version, server_of(backend, request.config)) as made:
        yield made


@pytest.fixture
def operator(world: World) -> Operator:
    """Who brings the server into the states that tests need."""
    return Operator(world)


@pytest.fixture
def ada() -> dict[str, Any]:
    """A user whom no other test has, in mixed case."""
    name = f"Ada-{secrets.token_hex(4)}"
    return {
        "username": name,
        "email": f"{name}@Example.test",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "enabled": True,
    }


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


def create(world: World, admin: str, password: str, user: dict[str, Any]) -> Answer:
    """Create a user with a lasting password."""
    credential = {"type": "password", "value": password, "temporary": False}
    return world.ask("POST", USERS, token=admin, body={**user, "credentials": [credential]})


def id_of(world: World, admin: str, user: dict[str, Any]) -> str:
    """Keycloak's own id of a user that is there."""
    query = f"username={user['username'].lower()}&exact=true"
    [found] = world.ask("GET", f"{USERS}?{query}", token=admin)[1]
    return str(found["id"])


def claims(token: str) -> dict[str, Any]:
    """What a token says, unchecked."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def test_the_admin_api_wants_a_token(world: World) -> None:
    """No token, a foreign text and a forged token are all 401."""
    for token in ("", "nonsense", "a.b.c"):
        assert world.ask("GET", USERS, token=token)[0] == 401


def test_a_users_token_does_not_open_the_admin_api(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """A token of realm dash is good, and forbidden."""
    create(world, admin, password, ada)
    token = login(world, ada["username"], password)[1]["access_token"]

    told = {"22.0.5": "unknown_error", "26.7.5": "HTTP 403 Forbidden"}[world.version]
    assert world.ask("GET", USERS, token=token) == (403, {"error": told})


def test_an_access_token_ends_after_its_lifespan_and_is_refreshed(
    world: World, operator: Operator
) -> None:
    """An administrator's token lives 60 seconds; after its end only a refreshed one opens doors."""
    assert operator.look("master")["accessTokenLifespan"] == 60
    with operator.changed("master", accessTokenLifespan=1):
        answer = login(world, world.admin_username, world.admin_password, "master")[1]
        assert answer["expires_in"] == 1
    deadline = time.monotonic() + 10
    while world.ask("GET", USERS, token=answer["access_token"])[0] != 401:
        assert time.monotonic() < deadline
    refresh = {"client_id": "admin-cli", "refresh_token": answer["refresh_token"]}

    status, renewed = grant(world, "master", grant_type="refresh_token", **refresh)

    assert (status, renewed["expires_in"]) == (200, 60)
    assert world.ask("GET", USERS, token=renewed["access_token"])[0] == 200


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
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """Claims are Keycloak's; the inherited role is in them without being mapped."""
    create(world, admin, password, ada)

    said = claims(login(world, ada["username"].upper(), password)[1]["access_token"])

    assert said["iss"] == "https://auth-dash.example.test/auth/realms/dash"
    assert said["preferred_username"] == ada["username"].lower()
    assert said["azp"] == "dash"
    assert said["resource_access"]["dash"]["roles"] == ["viewer"]
    assert said["exp"] - said["iat"] == 300
    [client] = world.ask("GET", f"{CLIENTS}?clientId=dash", token=admin)[1]
    mapped = f"{USERS}/{id_of(world, admin, ada)}/role-mappings/clients/{client['id']}"
    assert world.ask("GET", mapped, token=admin) == (200, [])
    [inherited] = world.ask("GET", f"{mapped}/composite", token=admin)[1]
    assert inherited["name"] == "viewer"


def test_a_grant_tells_what_clients_read(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """The members of a token answer, and what the user info adds for its bearer."""
    create(world, admin, password, ada)

    status, answer = login(world, ada["username"], password)

    assert status == 200
    assert set(answer) == {
        "access_token", "expires_in", "refresh_expires_in", "refresh_token", "token_type",
        "not-before-policy", "session_state", "scope",
    }  # fmt: skip # one idea
    assert set(answer["scope"].split()) == {"profile", "email"}
    assert (answer["expires_in"], answer["refresh_expires_in"]) == (300, 1800)
    assert answer["token_type"] == "Bearer"


def test_user_info_wants_an_openid_token(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """With the scope it tells who and which roles; without it is 403, without a token 401."""
    create(world, admin, password, ada)
    path = "/auth/realms/dash/protocol/openid-connect/userinfo"
    who = {"client_id": "dash", "username": ada["username"], "password": password}
    granted = grant(world, "dash", grant_type="password", scope="openid", **who)[1]
    plain = grant(world, "dash", grant_type="password", **who)[1]

    status, said = world.ask("GET", path, token=granted["access_token"])

    assert status == 200
    assert said | {"sub": ""} == {
        "sub": "",
        "email": ada["email"].lower(),
        "email_verified": False,
        "family_name": "Lovelace",
        "given_name": "Ada",
        "name": "Ada Lovelace",
        "preferred_username": ada["username"].lower(),
        "resource_access": {"dash": {"roles": ["viewer"]}},
    }
    assert world.ask("GET", path, token=plain["access_token"]) == (403, None)
    assert world.ask("GET", path, token="nonsense") == (401, None)


def test_tokens_have_these_claims(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """Those of the access token and of the ID token; the old version names the session twice."""
    create(world, admin, password, ada)
    who = {"client_id": "dash", "username": ada["username"], "password": password}
    granted = grant(world, "dash", grant_type="password", scope="openid", **who)[1]
    twice = {"session_state"} if world.version == "22.0.5" else set[str]()
    user = {
        "email", "email_verified", "family_name", "given_name", "name", "preferred_username",
    }  # fmt: skip # one idea
    every = {"acr", "aud", "azp", "exp", "iat", "iss", "jti", "sid", "sub", "typ"} | twice
    more = {"allowed-origins", "realm_access", "resource_access", "scope"}

    access, known = claims(granted["access_token"]), claims(granted["id_token"])

    assert set(access) == every | user | more
    assert set(known) - {"auth_time"} == every | user | {"at_hash", "resource_access"}
    assert (access["typ"], access["aud"], known["typ"], known["aud"]) == (
        "Bearer", "account", "ID", "dash",
    )  # fmt: skip # one idea
    assert set(access["scope"].split()) == {"openid", "profile", "email"}
    assert set(access["resource_access"]["account"]["roles"]) == {
        "manage-account", "manage-account-links", "view-profile",
    }  # fmt: skip # one idea
    assert set(access["realm_access"]["roles"]) == {
        "default-roles-dash", "offline_access", "uma_authorization",
    }  # fmt: skip # one idea
    assert known["resource_access"] == {"dash": {"roles": ["viewer"]}}


def test_the_realms_own_key_signs_its_tokens(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """RS256, with the public key that the realm shows."""
    create(world, admin, password, ada)
    token = login(world, ada["username"], password)[1]["access_token"]
    shown = world.ask("GET", "/auth/realms/dash")[1]["public_key"]
    key = serialization.load_der_public_key(base64.b64decode(shown))
    assert isinstance(key, rsa.RSAPublicKey)
    signed, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))

    key.verify(raw, signed.encode(), padding.PKCS1v15(), hashes.SHA256())

    keys = world.ask("GET", "/auth/realms/dash/protocol/openid-connect/certs")[1]["keys"]
    assert ("RSA", "RS256") in {(each["kty"], each["alg"]) for each in keys}


def test_a_wrong_password_has_the_versions_status(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """22 says 401, 26 says 400; the words are the same."""
    create(world, admin, password, ada)

    status, refused = login(world, ada["username"], "wrong")

    assert status == {"22.0.5": 401, "26.7.5": 400}[world.version]
    assert refused == {"error": "invalid_grant", "error_description": "Invalid user credentials"}


def test_conflicts_have_the_versions_words(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """When name and address are both taken, versions name one or the other."""
    assert create(world, admin, password, ada)[0] == 201
    other = f"other-{ada['username']}"

    both = create(world, admin, password, ada)
    name = create(world, admin, password, ada | {"email": f"{other}@example.test"})
    email = create(world, admin, password, ada | {"username": other})

    told = {"22.0.5": "username", "26.7.5": "email"}[world.version]
    assert both == (409, {"errorMessage": f"User exists with same {told}"})
    assert name == (409, {"errorMessage": "User exists with same username"})
    assert email == (409, {"errorMessage": "User exists with same email"})


def test_an_update_to_anothers_address_is_a_conflict(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """One version names the address alone, the other leaves open which it is."""
    bob = ada | {"username": f"bob-{ada['username']}", "email": f"bob-{ada['email']}"}
    create(world, admin, password, ada)
    create(world, admin, password, bob)
    path = f"{USERS}/{id_of(world, admin, bob)}"

    said = world.ask("PUT", path, token=admin, body=bob | {"email": ada["email"]})

    told = {"22.0.5": "username or email", "26.7.5": "email"}[world.version]
    assert said == (409, {"errorMessage": f"User exists with same {told}"})


def test_a_user_without_a_name_is_refused(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """In the same words everywhere."""
    nobody = create(world, admin, password, ada | {"username": ""})

    assert nobody == (400, {"errorMessage": "User name is missing"})


def test_an_address_that_is_none_is_refused_in_the_versions_words(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """At a creation and at an update; the profile names the field."""
    told = {
        "22.0.5": {"errorMessage": "Invalid email address."},
        "26.7.5": {
            "field": "email",
            "errorMessage": "error-invalid-email",
            "params": ["email", "none"],
        },
    }[world.version]

    assert create(world, admin, password, ada | {"email": "none"}) == (400, told)
    create(world, admin, password, ada)
    path = f"{USERS}/{id_of(world, admin, ada)}"
    assert world.ask("PUT", path, token=admin, body=ada | {"email": "none"}) == (400, told)


ADDRESSES = {
    "a@b": True, "a.b+c@d.example": True, "a@[192.0.2.1]": True, "ä@c.example": True,
    "a@": False, "@b.example": False, "a b@c.example": False, "a@b@c": False,
    "a..b@c.example": False, ".a@c.example": False, "a@c..example": False,
    "a@-c.example": False, "a@c.example ": False, f"{'x' * 65}@c.example": False,
}  # fmt: skip # a table


def test_both_agree_on_what_an_address_is(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """The same rule in both versions; what is good here is good there."""
    accepted: dict[str, bool] = {}
    for number, text in enumerate(ADDRESSES):
        where, _, rest = text.rpartition("@")
        mine = (
            f"{where}@{secrets.token_hex(4)}.{rest}"
            if ADDRESSES[text] and "[" not in text
            else text
        )
        user = ada | {"username": f"{number}-{ada['username']}", "email": mine}
        accepted[text] = create(world, admin, password, user)[0] in (201, 409)

    assert accepted == ADDRESSES


@pytest.mark.parametrize("odd", [*"!\"#$%&'()*,/:;<=>?[\\]^`{|}~ §"])
def test_odd_letters_in_a_name_are_refused_since_24(
    world: World, admin: str, password: str, ada: dict[str, Any], odd: str
) -> None:
    """The profile's rule for user names."""
    said = create(world, admin, password, ada | {"username": f"{ada['username']}{odd}x"})

    if world.version == "22.0.5":
        assert said == (201, None)
    else:
        assert said[0] == 400
        assert said[1]["errorMessage"] == "error-username-invalid-character"


def test_the_profile_tells_all_that_is_wrong_at_once(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """Several faults are a list; the old version looks at none of these."""
    wrong = {"username": f"u{secrets.token_hex(1)[:1]}", "firstName": "<a>"}

    said = create(world, admin, password, ada | wrong)

    if world.version == "22.0.5":
        assert said[0] in (201, 409)
    else:
        assert said[0] == 400
        assert [(each["field"], each["errorMessage"]) for each in said[1]["errors"]] == [
            ("username", "error-invalid-length"),
            ("firstName", "error-person-name-invalid-character"),
        ]


def test_a_changed_user_name_is_ignored_or_refused(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """The realm allows nobody to; the name stays either way."""
    create(world, admin, password, ada)
    path = f"{USERS}/{id_of(world, admin, ada)}"

    status, said = world.ask("PUT", path, token=admin, body=ada | {"username": "somebody-else"})

    if world.version == "22.0.5":
        assert status == 204
    else:
        assert (status, said["errorMessage"]) == (400, "error-user-attribute-read-only")
    assert world.ask("GET", path, token=admin)[1]["username"] == ada["username"].lower()


def test_bodies_that_are_not_understood_are_refused(
    world: World, admin: str, ada: dict[str, Any]
) -> None:
    """No body, no object, an unknown field: each has its status."""
    assert world.ask("POST", USERS, token=admin)[0] == 415
    assert world.ask("POST", USERS, token=admin, body=[1])[0] == 400
    status, said = world.ask("POST", USERS, token=admin, body=ada | {"nonsense": 1})
    assert status == 400
    assert 'Unrecognized field "nonsense"' in said["error"]


def test_no_password_is_refused_where_one_is_set(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """A missing one is told apart from an empty one; at a creation it is a failure."""
    create(world, admin, password, ada)
    path = f"{USERS}/{id_of(world, admin, ada)}/reset-password"
    other = ada | {"username": f"other-{ada['username']}", "email": f"other-{ada['email']}"}
    without = other | {"credentials": [{"type": "password"}]}

    missing = world.ask("PUT", path, token=admin, body={"type": "password"})
    empty = world.ask("PUT", path, token=admin, body={"type": "password", "value": ""})

    assert missing == (400, {"error": "No password provided"})
    assert empty == (400, {"error": "Empty password not allowed"})
    assert world.ask("POST", USERS, token=admin, body=without)[0] == 500


def test_a_user_is_represented_with_these_members(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """No more, no less; never a credential."""
    create(world, admin, password, ada)

    user = world.ask("GET", f"{USERS}/{id_of(world, admin, ada)}", token=admin)[1]

    assert set(user) == {
        "access", "createdTimestamp", "disableableCredentialTypes", "email", "emailVerified",
        "enabled", "firstName", "id", "lastName", "notBefore", "requiredActions", "totp",
        "username",
    }  # fmt: skip # one idea
    assert user["access"]["manage"] is True


def test_an_incomplete_profile_stops_the_login_since_24(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """The declarative user profile asks for address and both names."""
    create(world, admin, password, ada | {"lastName": ""})

    status, answer = login(world, ada["username"], password)

    if world.version == "22.0.5":
        assert status == 200
    else:
        assert status == 400
        assert answer["error_description"] == "Account is not fully set up"


def test_a_disabled_account_is_told_apart(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """With the right password everywhere; with a wrong one by the old version alone."""
    create(world, admin, password, ada | {"enabled": False})
    told = {"error": "invalid_grant", "error_description": "Account disabled"}

    assert login(world, ada["username"], password) == (400, told)
    wrong = login(world, ada["username"], "wrong")
    assert (wrong == (400, told)) == (world.version == "22.0.5")


def test_disabling_a_user_ends_their_tokens(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """The access token opens nothing more, the refresh token says why."""
    create(world, admin, password, ada)
    who = {"client_id": "dash", "username": ada["username"], "password": password}
    granted = grant(world, "dash", grant_type="password", scope="openid", **who)[1]
    path = f"{USERS}/{id_of(world, admin, ada)}"
    assert world.ask("PUT", path, token=admin, body=ada | {"enabled": False})[0] == 204

    refresh = {"client_id": "dash", "refresh_token": granted["refresh_token"]}
    refused = grant(world, "dash", grant_type="refresh_token", **refresh)

    assert (refused[0], refused[1]["error_description"]) == (400, "User disabled")
    info = "/auth/realms/dash/protocol/openid-connect/userinfo"
    assert world.ask("GET", info, token=granted["access_token"]) == (401, None)


def test_a_refresh_token_is_for_its_client_alone(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """Another client gets nothing for it."""
    create(world, admin, password, ada)
    granted = login(world, ada["username"], password)[1]
    refresh = {"client_id": "admin-cli", "refresh_token": granted["refresh_token"]}

    refused = grant(world, "dash", grant_type="refresh_token", **refresh)

    told = "Invalid refresh token. Token client and authorized client don't match"
    assert (refused[0], refused[1]["error_description"]) == (400, told)


def test_a_temporary_password_stops_the_login(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """The user must change it in the browser first."""
    create(world, admin, password, ada)
    user_id = id_of(world, admin, ada)
    body = {"type": "password", "value": password, "temporary": True}

    assert world.ask("PUT", f"{USERS}/{user_id}/reset-password", token=admin, body=body)[0] == 204

    refused = login(world, ada["username"], password)
    assert (refused[0], refused[1]["error_description"]) == (400, "Account is not fully set up")
    user = world.ask("GET", f"{USERS}/{user_id}", token=admin)[1]
    assert user["requiredActions"] == ["UPDATE_PASSWORD"]


def test_searches_are_exact_only_when_asked(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """``exact`` in any case means equality; without it a part is enough."""
    create(world, admin, password, ada)
    name = ada["username"].lower()

    def found(query: str) -> list[str]:
        listed = world.ask("GET", f"{USERS}?{query}", token=admin)[1]
        return [user["username"] for user in listed]

    assert found(f"username={name[:-1]}") == [name]
    assert found(f"username={name[:-1]}&exact=True") == []
    assert found(f"username={name.upper()}&exact=true") == [name]
    assert found(f"email={name}@example.test&exact=true") == [name]
    assert found(f"username={name}&first=1&max=5") == []
    assert found(f"search={name}") == [name]
    assert found(f"search={name[:-1]}") == [name]
    assert found(f"search={name[1:]}") == []
    assert found(f"search=*{name[1:-1]}*") == [name]
    assert found(f"search=%22{name[:-1]}%22") == []


def test_a_deleted_user_is_gone(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """Neither found nor able to log in."""
    create(world, admin, password, ada)
    path = f"{USERS}/{id_of(world, admin, ada)}"

    assert world.ask("DELETE", path, token=admin) == (204, None)

    assert world.ask("GET", path, token=admin) == (404, {"error": "User not found"})
    assert login(world, ada["username"], password)[1]["error"] == "invalid_grant"


def test_a_client_with_a_secret_has_a_service_account(world: World, operator: Operator) -> None:
    """Client credentials need secret and permission; the robot is no administrator."""
    robot, secret = f"robot-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    wanted = {"clientId": robot, "secret": secret, "serviceAccountsEnabled": True}
    assert operator.ask("POST", "master/clients", {**wanted, "publicClient": False})[0] == 201

    wrong = grant(world, "master", grant_type="client_credentials", client_id=robot)
    right = grant(
        world, "master", grant_type="client_credentials", client_id=robot, client_secret=secret
    )
    public = grant(world, "master", grant_type="client_credentials", client_id="admin-cli")

    assert (wrong[0], wrong[1]["error"]) == (401, "unauthorized_client")
    assert (right[0], "refresh_token" in right[1]) == (200, False)
    assert world.ask("GET", USERS, token=right[1]["access_token"])[0] == 403
    assert (public[0], public[1]["error"]) == (401, "unauthorized_client")


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        pytest.param({"grant_type": ""}, 400, "unsupported_grant_type", id="none"),
        pytest.param({"grant_type": "magic"}, 400, "unsupported_grant_type", id="unknown"),
        pytest.param({"client_id": "nobody"}, 401, "invalid_client", id="client"),
        pytest.param({"client_id": ""}, 401, "invalid_client", id="no-client"),
        pytest.param({"scope": "nonsense"}, 400, "invalid_scope", id="scope"),
        pytest.param({"grant_type": "refresh_token"}, 400, "invalid_request", id="no-token"),
        pytest.param({"username": "nobody-of-this-name"}, 0, "invalid_grant", id="user"),
        pytest.param(
            {"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant", id="token"
        ),
    ],
)
def test_refused_grants_have_keycloaks_words(
    world: World, password: str, changes: dict[str, str], status: int, error: str
) -> None:
    """What is wrong is told by status and error, as RFC 6749 and Keycloak have it."""
    form = {"grant_type": "password", "client_id": "dash", "username": "ada", "password": password}
    usual = {"22.0.5": 401, "26.7.5": 400}[world.version]

    refused = grant(world, "dash", **(form | changes))

    assert (refused[0], refused[1]["error"]) == (status or usual, error)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        pytest.param("/auth/realms/no", {"error": "Realm does not exist"}, id="open-realm"),
        pytest.param("/auth/admin/realms/no", {"error": "Realm not found."}, id="realm"),
        pytest.param(f"{USERS}/no", {"error": "User not found"}, id="user"),
        pytest.param(f"{CLIENTS}/no", {"error": "Could not find client"}, id="client"),
        pytest.param("/auth/realms/dash/no", {"error": "HTTP 404 Not Found"}, id="path"),
    ],
)
def test_what_is_missing_is_told_in_keycloaks_words(
    world: World, admin: str, path: str, told: dict[str, str]
) -> None:
    """Clients tell a missing realm from a missing user by these bodies."""
    assert world.ask("GET", path, token=admin) == (404, told)


def test_an_unknown_role_is_missing_in_lists_and_mappings(
    world: World, admin: str, password: str, ada: dict[str, Any]
) -> None:
    """A role is found by its name in its client, and mapped only with its own id."""
    create(world, admin, password, ada)
    client = world.ask("GET", f"{CLIENTS}?clientId=dash", token=admin)[1][0]
    roles = f"{CLIENTS}/{client['id']}/roles"
    mappings = f"{USERS}/{id_of(world, admin, ada)}/role-mappings/clients/{client['id']}"
    role = world.ask("GET", f"{roles}/admin", token=admin)[1]

    assert world.ask("GET", f"{roles}/no", token=admin) == (404, {"error": "Could not find role"})
    nowhere = mappings.replace(client["id"], "no")
    assert world.ask("GET", nowhere, token=admin) == (404, {"error": "Client not found"})
    forged = [{**role, "id": "no"}]
    assert world.ask("POST", mappings, token=admin, body=forged)[0] == 404
    assert world.ask("POST", mappings, token=admin, body=[role])[0] == 204
    assert world.ask("POST", mappings, token=admin, body=[role])[0] == 204
    mapped = world.ask("GET", mappings, token=admin)[1]
    assert [each["name"] for each in mapped] == ["admin"]
    assert world.ask("DELETE", mappings, token=admin, body=[role])[0] == 204
    assert world.ask("GET", mappings, token=admin) == (200, [])


def test_a_path_of_nobody_and_a_method_of_nobody_have_the_versions_words(
    world: World, admin: str
) -> None:
    """JSON below the context path."""
    if world.version == "22.0.5":
        url = "https://auth-dash.example.test/auth/nothing"
        path = f"RESTEASY003210: Could not find resource for full path: {url}"
        method = "RESTEASY003650: No resource method found for DELETE, return 405 with Allow header"
    else:
        path = "Unable to find matching target resource method"
        method = "HTTP 405 Method Not Allowed"

    assert world.ask("GET", "/auth/nothing", token=admin) == (404, {"error": path})
    assert world.ask("DELETE", USERS, token=admin) == (405, {"error": method})


def test_roles_have_the_members_that_mapping_needs(world: World, admin: str) -> None:
    """A listed role is what the mapping takes; the roles of the realm file are all there."""
    [client] = world.ask("GET", f"{CLIENTS}?clientId=dash", token=admin)[1]

    listed = world.ask("GET", f"{CLIENTS}/{client['id']}/roles", token=admin)[1]

    assert {role["name"] for role in listed} == {"admin", "licensed_user", "viewer"}
    for role in listed:
        assert set(role) == {"id", "name", "description", "composite", "clientRole", "containerId"}
        assert role["containerId"] == client["id"]
        assert (role["composite"], role["clientRole"]) == (False, True)


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_the_journal_names_clients_and_never_a_password(
    tmp_path: Path, version: str, ada: dict[str, Any], password: str
) -> None:
    """What the emulated one records is method, path, client and status."""
    with running(tmp_path, version) as world:
        granted = login(world, world.admin_username, world.admin_password, "master")[1]
        create(world, granted["access_token"], password, ada)
        login(world, ada["username"], password)

        callers = [(e.method, e.caller, e.status) for e in world.journal.of("keycloak")]
        assert callers == [
            ("POST", "admin-cli", 200),
            ("POST", "admin-cli", 201),
            ("POST", "dash", 200),
        ]
        assert password not in repr(world.journal)
        assert password not in repr(world.keycloak.users)
