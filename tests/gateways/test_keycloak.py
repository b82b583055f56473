"""The Keycloak gateway keeps its contract on every version, however the server words its answers.

Every test runs on the emulated server and on true ones with the same realm. Faults strike at the
ingress before them, and states are prepared by the admin API alone.
"""

import logging
import secrets
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from gateways.keycloak import Keycloak, KeycloakFault
from model.endpoint import Endpoint
from model.errors import Busy, Refusal
from model.identity import LoginStatus, NewUser
from model.ownership import MANAGED_BY
from tests.emulator_keycloak.backends import BACKENDS, Backend, server_of
from tests.emulator_keycloak.operator import Operator
from tests.emulator_keycloak.world import BASE, World, running


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where a Keycloak answers and who administers it."""

    endpoint: Endpoint
    admin_username: str
    admin_password: str = field(repr=False)

    def connect(
        self, *, realm: str = "dash", client_id: str = "dash", context_path: str = "/auth"
    ) -> Keycloak:
        """Connect as the administrator."""
        return Keycloak.connect(
            self.endpoint,
            realm=realm,
            client_id=client_id,
            admin_username=self.admin_username,
            admin_password=self.admin_password,
            context_path=context_path,
        )


@pytest.fixture(params=BACKENDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A Keycloak behind the ingress: emulated in every version's manners, and every true one."""
    backend: Backend = request.param
    with running(tmp_path, backend.version, server_of(backend, request.config)) as made:
        yield made


@pytest.fixture
def server(world: World) -> Server:
    """The server under test."""
    return Server(
        endpoint=world.endpoint(f"auth-{BASE}"),
        admin_username=world.admin_username,
        admin_password=world.admin_password,
    )


@pytest.fixture
def operator(world: World) -> Operator:
    """Somebody else who administers the same server."""
    return Operator(world)


@pytest.fixture
def keycloak(server: Server) -> Iterator[Keycloak]:
    """A connection that is logged out at the end."""
    connected = server.connect()
    yield connected
    connected.logout()


@pytest.fixture
def password() -> str:
    """A password made up for this test."""
    return secrets.token_urlsafe(16)


@pytest.fixture
def ada() -> NewUser:
    """A user whom no other test has."""
    name = f"Ada-{secrets.token_hex(4)}"
    return NewUser(
        username=name, email=f"{name}@example.test", first_name="Ada", last_name="Lovelace"
    )


def test_a_created_user_is_found_by_name_and_address_in_any_case(
    keycloak: Keycloak, ada: NewUser, password: str
) -> None:
    """Keycloak stores names and addresses in lower case and finds them however they are written."""
    created = keycloak.create_user(ada, password)

    assert created.username == ada.username.lower()
    assert created.email == ada.email.lower()
    assert (created.first_name, created.last_name, created.enabled) == ("Ada", "Lovelace", True)
    assert keycloak.find_user(ada.username.upper()) == created
    assert keycloak.find_user_by_email(ada.email.upper()) == created


def test_a_name_that_only_begins_alike_is_not_found(
    keycloak: Keycloak, ada: NewUser, password: str
) -> None:
    """The search is exact: a prefix of a name is nobody's name."""
    keycloak.create_user(ada, password)

    assert keycloak.find_user(ada.username[:-1]) is None
    assert keycloak.find_user_by_email(ada.email[:-1]) is None


def test_a_created_user_can_log_in_at_once_and_has_the_inherited_role(
    keycloak: Keycloak, ada: NewUser, password: str
) -> None:
    """A complete profile and a lasting password need no visit to the browser."""
    keycloak.create_user(ada, password)

    login = keycloak.verify_login(ada.username, password)

    assert login.verified
    assert login.roles == {"viewer"}
    assert login.token not in repr(login)


def test_creating_the_same_user_again_ends_in_one_user_with_the_new_facts(
    keycloak: Keycloak, ada: NewUser, password: str
) -> None:
    """A conflict with the same name converges, password included."""
    first = keycloak.create_user(ada, secrets.token_urlsafe(16))

    again = keycloak.create_user(replace(ada, last_name="King"), password)

    assert again.user_id == first.user_id
    assert again.last_name == "King"
    assert keycloak.verify_login(ada.username, password).verified


def test_an_address_of_another_user_is_a_refusal_at_creation(
    keycloak: Keycloak, ada: NewUser, password: str
) -> None:
    """The address of somebody else is never taken over."""
    keycloak.create_user(ada, password)
    other = replace(ada, username=f"other-{ada.username}")

    with pytest.raises(Refusal) as refused:
        keycloak.create_user(other, password)

    assert refused.value.code == "keycloak-email-taken"
    assert keycloak.find_user(other.username) is None


def test_an_address_of_another_user_is_a_refusal_although_the_name_exists_too(
    keycloak: Keycloak, ada: NewUser, password: str
) -> None:
    """Whatever the conflict's words, a third person's address decides."""
    bob = replace(ada, username=f"bob-{ada.username}", email=f"bob-{ada.email}")
    keycloak.create_user(ada, password)
    keycloak.create_user(bob, password)

    with pytest.raises(Refusal) as refused:
        keycloak.create_user(replace(bob, email=ada.email), password)

    assert refused.value.code == "keycloak-email-taken"
    unchanged = keycloak.find_user(bob.username)
    assert unchanged is not None
    assert unchanged.email == bob.email.lower()


def test_an_address_of_another_user_is_a_refusal_at_an_update(
    keycloak: Keycloak, ada: NewUser, password: str
) -> None:
    """The same holds when an existing user is changed."""
    bob = replace(ada, username=f"bob-{ada.username}", email=f"bob-{ada.email}")
    keycloak.create_user(ada, password)
    created = keycloak.create_user(bob, password)

    with pytest.raises(Refusal) as refused:
        keycloak.update_user(created.user_id, replace(bob, email=ada.email))

    assert refused.value.code == "keycloak-email-taken"


def test_roles_are_given_once_and_seen_in_the_token(
    keycloak: Keycloak, ada: NewUser, password: str
) -> None:
    """Assigning looks first; what is there stays, what is asked twice is given once."""
    user = keycloak.create_user(ada, password)

    keycloak.assign_client_roles(user.user_id, {"licensed_user"})
    keycloak.assign_client_roles(user.user_id, {"admin", "licensed_user"})
    keycloak.assign_client_roles(user.user_id, {"admin"})

    assert keycloak.client_roles_of(user.user_id) == {"admin", "licensed_user"}
    login = keycloak.verify_login(ada.username, password)
    assert login.roles == {"admin", "licensed_user", "viewer"}


def test_an_unknown_role_is_a_refusal_and_nothing_is_assigned(
    keycloak: Keycloak, ada: NewUser, password: str
) -> None:
    """All roles or none: a wrong name leaves the user as they were."""
    user = keycloak.create_user(ada, password)

    with pytest.raises(Refusal, match="emperor") as refused:
        keycloak.assign_client_roles(user.user_id, {"admin", "emperor"})

    assert refused.value.code == "keycloak-role-missing"
    assert keycloak.client_roles_of(user.user_id) == frozenset()


def test_a_wrong_password_is_told_and_is_not_an_error(
    keycloak: Keycloak, ada: NewUser, password: str
) -> None:
    """Versions answer 400 or 401; both mean the password is wrong."""
    keycloak.create_user(ada, password)

    login = keycloak.verify_login(ada.username, secrets.token_urlsafe(16))

    assert login.status is LoginStatus.WRONG_PASSWORD
    assert (login.roles, login.token) == (frozenset(), "")


def test_a_temporary_password_does_not_verify(
    keycloak: Keycloak, ada: NewUser, password: str
) -> None:
    """Who must change the password first is incomplete, not refused; a lasting one mends it."""
    user = keycloak.create_user(ada, secrets.token_urlsafe(16))

    keycloak.set_password(user.user_id, password, temporary=True)
    assert keycloak.verify_login(ada.username, password).status is LoginStatus.INCOMPLETE

    keycloak.set_password(user.user_id, password)
    assert keycloak.verify_login(ada.username, password).verified


@pytest.mark.parametrize("context_path", ["/auth", "/auth/", "/", "/identity"])
def test_the_context_path_is_found_by_asking(server: Server, context_path: str) -> None:
    """A wrong path costs a question; the server is found under the usual ones."""
    connected = server.connect(context_path=context_path)

    assert connected.find_user("nobody-of-this-name") is None
    connected.logout()


def test_a_wrong_administrator_password_is_a_refusal_without_the_password(server: Server) -> None:
    """The refusal, its cause and its traceback tell no password, neither true nor tried."""
    wrong = secrets.token_urlsafe(16)

    with pytest.raises(Refusal) as refused:
        replace(server, admin_password=wrong).connect()

    assert refused.value.code == "keycloak-credentials-refused"
    told = "".join(traceback.format_exception(refused.value))
    assert wrong not in told
    assert server.admin_password not in told


@pytest.mark.parametrize(
    ("realm", "client_id", "code"),
    [
        pytest.param("nowhere", "dash", "keycloak-realm-missing", id="realm"),
        pytest.param("dash", "nobody", "keycloak-client-missing", id="client"),
    ],
)
def test_a_missing_realm_or_client_is_a_refusal(
    server: Server, realm: str, client_id: str, code: str
) -> None:
    """Names that do not exist are found out when connecting."""
    with pytest.raises(Refusal) as refused:
        server.connect(realm=realm, client_id=client_id)

    assert refused.value.code == code


def test_after_logout_tokens_are_dead(
    server: Server, keycloak: Keycloak, ada: NewUser, password: str, operator: Operator
) -> None:
    """Logging out ends the administrator's session and every verified login's."""
    keycloak.create_user(ada, password)
    connected = server.connect()
    token = connected.verify_login(ada.username, password).token
    world = operator.world
    assert world.do(world.deployed.authenticate(token)) is not None
    before = operator.sessions(server.admin_username)

    connected.logout()

    assert world.do(world.deployed.authenticate(token)) is None
    assert operator.sessions(server.admin_username) == before - 1


def test_a_client_without_direct_grants_is_no_failure(
    keycloak: Keycloak, operator: Operator, ada: NewUser, password: str
) -> None:
    """Nothing is known about the password then, and the installation goes on."""
    keycloak.create_user(ada, password)

    with operator.changed(operator.client(), directAccessGrantsEnabled=False):
        login = keycloak.verify_login(ada.username, password)

    assert login.status is LoginStatus.NOT_ALLOWED


def test_a_disabled_user_is_told_apart_and_enabled_by_an_update(
    keycloak: Keycloak, operator: Operator, ada: NewUser, password: str
) -> None:
    """Ensuring a user means that they can log in, whoever disabled them."""
    user = keycloak.create_user(ada, password)
    operator.change(f"dash/users/{user.user_id}", enabled=False)
    assert keycloak.verify_login(ada.username, password).status is LoginStatus.DISABLED

    keycloak.update_user(user.user_id, ada)

    assert keycloak.verify_login(ada.username, password).verified


def test_a_lost_reply_to_a_creation_is_a_fault_and_a_repeat_converges(
    keycloak: Keycloak, world: World, ada: NewUser, password: str
) -> None:
    """The request is not repeated behind our back; the next attempt meets a 409 and converges."""
    world.faults.add(server="keycloak", method="POST", path="/users$", drop="after")

    with pytest.raises(KeycloakFault) as fault:
        keycloak.create_user(ada, password)

    assert password not in "".join(traceback.format_exception(fault.value))
    assert fault.value.status is None
    again = keycloak.create_user(ada, password)
    assert Operator(world).users(ada.username) == [f"dash/users/{again.user_id}"]
    posts = [e.status for e in world.journal.of("keycloak", "POST") if e.path.endswith("/users")]
    assert posts == [0, 409]
    assert keycloak.verify_login(ada.username, password).verified


def test_a_lost_reply_to_a_role_assignment_is_mended_by_looking(
    keycloak: Keycloak, world: World, ada: NewUser, password: str
) -> None:
    """The repeat finds the role given and asks for nothing."""
    user = keycloak.create_user(ada, password)
    world.faults.add(server="keycloak", method="POST", path="role-mappings", drop="after")

    with pytest.raises(KeycloakFault):
        keycloak.assign_client_roles(user.user_id, {"admin"})
    keycloak.assign_client_roles(user.user_id, {"admin"})

    assert keycloak.client_roles_of(user.user_id) == {"admin"}
    posts = [e for e in world.journal.of("keycloak", "POST") if "role-mappings" in e.path]
    assert len(posts) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_overloaded_server_asks_to_come_back_later(
    keycloak: Keycloak, world: World, status: int
) -> None:
    """Statuses of a server that is coming up or overloaded are no faults."""
    world.faults.add(server="keycloak", path="/users", status=status)

    with pytest.raises(Busy, match=str(status)):
        keycloak.find_user("ada")


def test_a_broken_server_is_a_fault_with_its_status_and_little_text(
    keycloak: Keycloak, world: World, ada: NewUser, password: str
) -> None:
    """An answer that echoes the request leaks neither the password nor its bulk."""
    echo = {"error": f"cannot store {password} " + "x" * 5000}
    world.faults.add(server="keycloak", method="POST", path="/users$", status=500, body=echo)

    with pytest.raises(KeycloakFault, match="500") as fault:
        keycloak.create_user(ada, password)

    assert fault.value.status == 500
    told = "".join(traceback.format_exception(fault.value))
    assert password not in told
    assert "x" * 300 not in told


def test_a_profile_rule_is_a_refusal(
    keycloak: Keycloak, world: World, ada: NewUser, password: str
) -> None:
    """A 400 about the content stays a 400 however often it is sent."""
    told = {"field": "email", "errorMessage": "error-invalid-email", "params": ["email"]}
    world.faults.add(server="keycloak", method="POST", path="/users$", status=400, body=told)

    with pytest.raises(Refusal, match="error-invalid-email") as refused:
        keycloak.create_user(ada, password)

    assert refused.value.code == "request-invalid"


def test_an_administrator_without_rights_is_a_refusal(
    server: Server, operator: Operator, ada: NewUser, password: str
) -> None:
    """A user of master who may not administer gets 403, which no repeat changes."""
    credential = {"type": "password", "value": password, "temporary": False}
    guest = {"username": ada.username, "email": ada.email, "firstName": "A", "lastName": "Guest"}
    wanted = {**guest, "enabled": True, "credentials": [credential]}
    assert operator.ask("POST", "master/users", wanted)[0] == 201

    with pytest.raises(Refusal, match="403") as refused:
        replace(server, admin_username=ada.username, admin_password=password).connect()

    assert refused.value.code == "keycloak-credentials-refused"


def test_an_expired_token_is_renewed_without_notice(server: Server, operator: Operator) -> None:
    """A short-lived administrator token is refreshed before and after it ends."""
    journal = operator.world.journal
    with operator.changed("master", accessTokenLifespan=1):  # the SDK renews at 0.9 s
        connected = server.connect()
        before = len(journal.of("keycloak", "POST"))

        connected.find_user("ada")

    ours = [e for e in journal.of("keycloak", "POST")[before:] if e.agent == MANAGED_BY]
    assert {e.status for e in ours if "master" in e.path} == {200}
    connected.logout()


def test_ended_sessions_are_begun_anew(keycloak: Keycloak, operator: Operator) -> None:
    """The operator logs everybody out; the gateway logs in with the password again.

    Tokens of an earlier second are called stale then, which the SDK does not know to mend.
    """
    connected = int(time.time())
    while int(time.time()) == connected:
        time.sleep(0.05)
    assert operator.ask("POST", "master/logout-all")[0] in (200, 204)

    assert keycloak.find_user("nobody-of-this-name") is None


def test_no_keycloak_yet_is_busy(server: Server, world: World) -> None:
    """While the default backend or a gateway error answers, there is nothing to refuse."""
    world.faults.add(server="keycloak", path="/realms/dash$", status=503, times=None)
    with pytest.raises(Busy, match="503"):
        server.connect()

    world.faults.clear()
    world.do(world.ingress.withdraw(BASE))
    world.publish(BASE, world.deployed)
    other = replace(server.endpoint, host=f"git-{BASE}")
    with pytest.raises(Busy, match="404"):
        replace(server, endpoint=other).connect()


def test_nobody_at_the_address_is_a_fault(server: Server) -> None:
    """A refused connection is retried like any other fault."""
    nowhere = replace(server.endpoint, port=1)

    with pytest.raises(KeycloakFault, match="Keycloak"):
        replace(server, endpoint=nowhere).connect()


def test_an_untrusted_certificate_is_a_fault_and_no_password_is_sent(
    server: Server, world: World
) -> None:
    """Without trust in the certificate nothing is asked, let alone told."""
    untrusting = replace(server.endpoint, ca_file="")
    asked = len(world.journal.entries)

    with pytest.raises(KeycloakFault, match="certificate verify failed"):
        replace(server, endpoint=untrusting).connect()

    assert len(world.journal.entries) == asked


def test_nothing_is_logged_of_passwords(
    keycloak: Keycloak, ada: NewUser, password: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The SDK and its transport log at debug level; no line holds a password."""
    caplog.set_level(logging.DEBUG)

    keycloak.create_user(ada, password)
    keycloak.verify_login(ada.username, password)

    assert password not in caplog.text
