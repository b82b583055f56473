"""An administrator's view of one realm: users, their passwords and their client roles."""

import base64
import json
from typing import Any, cast

from gateways.keycloak.connection import find_server, pin
from gateways.keycloak.errors import KeycloakFault, login_status, translated
from model.endpoint import Endpoint
from model.errors import Refusal
from model.identity import LoginResult, LoginStatus, NewUser, User

_ADMIN_REALM = "master"
_ADMIN_CLIENT = "admin-cli"


class Keycloak:
    """An administrator's view of one realm. Made by ``connect``; ended by ``logout``.

    Not for use by several threads at once.
    """

    def __init__(self, admin: Any, login: Any, client_id: str, client_uid: str) -> None:
        self._admin = admin
        self._login = login
        self._client_id = client_id
        self._client_uid = client_uid
        self._logins: list[str] = []

    @classmethod
    def connect(  # noqa: PLR0913 - named facts of one connection
        cls,
        endpoint: Endpoint,
        *,
        realm: str,
        client_id: str,
        admin_username: str,
        admin_password: str,
        context_path: str = "/auth",
        timeout: float = 10.0,
    ) -> "Keycloak":
        """Find the server, log in to realm ``master`` and find realm and client.

        Args:
            endpoint: Where ``auth-<base domain>`` is.
            realm: The product's realm.
            client_id: The client that owns the product's roles.
            admin_username: Of realm ``master``.
            admin_password: Of that user.
            context_path: Tried first; ``/auth`` and ``/`` are tried as well.
            timeout: Seconds for connecting and for every read.

        Raises:
            Refusal: keycloak-realm-missing, keycloak-credentials-refused, keycloak-client-missing.
            Busy: No Keycloak answers there yet: a default backend, or a gateway error.
            KeycloakFault: No connection, or an unexpected answer.
        """
        from keycloak import KeycloakAdmin

        from gateways.keycloak.renewal import RenewingConnection

        login = find_server(endpoint, realm, client_id, context_path, timeout)
        connection = RenewingConnection(
            server_url=login.connection.base_url,
            realm_name=realm,
            user_realm_name=_ADMIN_REALM,
            client_id=_ADMIN_CLIENT,
            username=admin_username,
            password=admin_password,
            timeout=cast("int", timeout),
            max_retries=0,
        )
        pin(connection, endpoint)
        pin(connection.keycloak_openid.connection, endpoint)
        admin: Any = KeycloakAdmin(connection=connection)
        with translated("log in as administrator", admin_password):
            connection.get_token()
        with translated(f"look for realm {realm}", admin_password):
            admin.get_realm(realm)
        with translated(f"look for client {client_id}", admin_password):
            client_uid = admin.get_client_id(client_id)
        if client_uid is None:
            raise Refusal("keycloak-client-missing", f"realm {realm} has no client {client_id}")
        return cls(admin, login, client_id, client_uid)

    def find_user(self, username: str) -> User | None:
        """The user of that name, in any case; None when there is none."""
        with translated(f"look for user {username}"):
            found = self._admin.get_users({"username": username.lower(), "exact": True, "max": 2})
        return next(map(_user, cast("list[dict[str, Any]]", found)), None)

    def find_user_by_email(self, email: str) -> User | None:
        """The user who has the e-mail address, in any case; None when nobody has."""
        with translated("look for an e-mail address"):
            found = self._admin.get_users({"email": email.lower(), "exact": True, "max": 2})
        return next(map(_user, cast("list[dict[str, Any]]", found)), None)

    def create_user(self, user: NewUser, password: str) -> User:
        """Create an enabled user who can log in at once; an equal name converges to the same end.

        Keycloak's conflict does not say which user is in the way, and versions word it
        differently: so name and address are looked up.

        Raises:
            Refusal: keycloak-email-taken, or request-invalid when Keycloak's rules say no.
            KeycloakFault: Also for a conflict with a user who is not there any more.
        """
        from keycloak.exceptions import KeycloakPostError

        credential = {"type": "password", "value": password, "temporary": False}
        wanted = {**_representation(user), "credentials": [credential]}
        with translated(f"create user {user.username}", password):
            try:
                self._admin.create_user({"username": user.username, **wanted}, exist_ok=False)
            except KeycloakPostError as conflict:
                if conflict.response_code != 409:  # noqa: PLR2004 - HTTP's Conflict
                    raise
                return self._converge(user, password)
        return self._existing(user.username)

    def update_user(self, user_id: str, user: NewUser) -> None:
        """Make names, address and readiness to log in as wanted; the user name stays.

        Raises:
            Refusal: keycloak-email-taken, or request-invalid when Keycloak's rules say no.
        """
        from keycloak.exceptions import KeycloakPutError

        with translated(f"update user {user.username}"):
            try:
                self._admin.update_user(user_id, _representation(user))
            except KeycloakPutError as conflict:
                if conflict.response_code != 409:  # noqa: PLR2004 - HTTP's Conflict
                    raise
                raise _email_taken(user) from conflict

    def set_password(self, user_id: str, password: str, *, temporary: bool = False) -> None:
        """Replace the password; a temporary one must be changed at the next login.

        Raises:
            Refusal: request-invalid when the realm's password policy says no.
        """
        with translated("set a password", password):
            self._admin.set_user_password(user_id, password, temporary=temporary)

    def client_roles_of(self, user_id: str) -> frozenset[str]:
        """Names of the client's roles given to the user directly; inherited ones are not told."""
        with translated("read roles of a user"):
            found = self._admin.get_client_roles_of_user(user_id, self._client_uid)
        return frozenset(role["name"] for role in cast("list[dict[str, Any]]", found))

    def assign_client_roles(self, user_id: str, names: set[str]) -> None:
        """Give the roles that the user lacks; others stay.

        Raises:
            Refusal: keycloak-role-missing; then none is given.
        """
        missing = sorted(names - self.client_roles_of(user_id))
        if not missing:
            return
        with translated("read the client's roles"):
            listed = self._admin.get_client_roles(self._client_uid)
        known = {role["name"]: role for role in cast("list[dict[str, Any]]", listed)}
        unknown = [name for name in missing if name not in known]
        if unknown:
            raise Refusal(
                "keycloak-role-missing",
                f"client {self._client_id} has no role {', '.join(unknown)}",
            )
        with translated("assign roles"):
            self._admin.assign_client_role(
                user_id, self._client_uid, [known[name] for name in missing]
            )

    def verify_login(self, username: str, password: str) -> LoginResult:
        """Try the password with a direct grant on the client; the session lasts until ``logout``.

        A client that takes no direct grants is NOT_ALLOWED: nothing is known then, nothing failed.
        """
        from keycloak.exceptions import KeycloakError

        with translated(f"log in as {username}", password):
            try:
                granted = self._login.token(username, password)
            except KeycloakError as refused:
                status = login_status(refused)
                if status is None:
                    raise
                return LoginResult(status=status)
        self._logins.append(str(granted["refresh_token"]))
        token = str(granted["access_token"])
        roles = _claims(token).get("resource_access", {}).get(self._client_id, {}).get("roles", [])
        return LoginResult(status=LoginStatus.VERIFIED, roles=frozenset(roles), token=token)

    def logout(self) -> None:
        """End every session that this object began; tokens handed out are dead after it."""
        while self._logins:
            with translated("log out"):
                self._login.logout(self._logins.pop())
        connection = self._admin.connection
        if connection.token is not None:
            refresh_token = str(connection.token["refresh_token"])
            connection.token = None
            with translated("log out as administrator"):
                connection.keycloak_openid.logout(refresh_token)

    def _converge(self, user: NewUser, password: str) -> User:
        """After a conflict: the same name becomes what was wanted, the same address is a no."""
        named = self.find_user(user.username)
        owner = self.find_user_by_email(user.email)
        if owner is not None and (named is None or owner.user_id != named.user_id):
            raise _email_taken(user)
        if named is None:
            raise KeycloakFault(f"create user {user.username}: a conflict with nobody", 409)
        self.update_user(named.user_id, user)
        self.set_password(named.user_id, password)
        return self._existing(user.username)

    def _existing(self, username: str) -> User:
        found = self.find_user(username)
        if found is None:
            raise KeycloakFault(f"user {username} is gone again")
        return found


def _claims(token: str) -> dict[str, Any]:
    """Claims of a token that came over verified TLS from its issuer: nothing more to check."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def _representation(user: NewUser) -> dict[str, Any]:
    """A UserRepresentation without name; complete, so that the user can log in at once."""
    return {
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "enabled": True,
        "emailVerified": True,
        "requiredActions": [],
    }


def _user(found: dict[str, Any]) -> User:
    return User(
        user_id=found["id"],
        username=found["username"],
        email=found.get("email", ""),
        first_name=found.get("firstName", ""),
        last_name=found.get("lastName", ""),
        enabled=found.get("enabled", False),
    )


def _email_taken(user: NewUser) -> Refusal:
    return Refusal("keycloak-email-taken", f"another user than {user.username} has {user.email}")
