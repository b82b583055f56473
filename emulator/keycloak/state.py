"""What the emulated Keycloak keeps: realms, clients, roles, users, sessions."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

REALM_FILE = Path(__file__).with_name("realm.json")
"""A realm export that a true Keycloak imports as well."""

_BUILT_IN = (
    "account", "account-console", "admin-cli", "broker", "realm-management",
    "security-admin-console",
)  # fmt: skip # one idea
"""Clients of every realm."""
_MAPPED = ("dash",)
_ACCOUNT_ROLES = ("manage-account", "manage-account-links", "view-profile")


@dataclass(slots=True, kw_only=True)
class Role:
    """A role of one client."""

    name: str
    container_id: str
    description: str = ""
    role_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def representation(self) -> dict[str, Any]:
        """Keycloak's RoleRepresentation."""
        return {
            "id": self.role_id,
            "name": self.name,
            "description": self.description,
            "composite": False,
            "clientRole": True,
            "containerId": self.container_id,
        }

    def full_representation(self) -> dict[str, Any]:
        """With what a list leaves out."""
        return {**self.representation(), "attributes": {}}


@dataclass(slots=True, kw_only=True)
class Client:
    """An OpenID Connect client.

    Attributes:
        secret: Empty for a public one.
        origins: Who may call from a browser; in its tokens.
    """

    client_id: str
    uid: str = field(default_factory=lambda: str(uuid.uuid4()))
    secret: str = field(default="", repr=False)
    direct_grants: bool = True
    service_account: bool = False
    origins: list[str] = field(default_factory=list[str])
    roles: dict[str, Role] = field(default_factory=dict[str, Role])

    def representation(self) -> dict[str, Any]:
        """The part of Keycloak's ClientRepresentation that an installer reads."""
        return {
            "id": self.uid,
            "clientId": self.client_id,
            "enabled": True,
            "protocol": "openid-connect",
            "publicClient": not self.secret,
            "directAccessGrantsEnabled": self.direct_grants,
            "serviceAccountsEnabled": self.service_account,
        }


@dataclass(slots=True, kw_only=True)
class User:
    """A user; names are stored in lower case, as is the address.

    Attributes:
        created: Milliseconds since 1970, UTC.
    """

    username: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    enabled: bool = True
    email_verified: bool = False
    required_actions: list[str] = field(default_factory=list[str])
    password: str | None = field(default=None, repr=False)
    user_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created: int = 0

    @property
    def full_name(self) -> str:
        """As tokens tell it."""
        return f"{self.first_name} {self.last_name}".strip()

    def representation(self) -> dict[str, Any]:
        """Keycloak's UserRepresentation; empty values are left out, credentials never appear."""
        optional = {"email": self.email, "firstName": self.first_name, "lastName": self.last_name}
        return {
            "id": self.user_id,
            "username": self.username,
            **{key: value for key, value in optional.items() if value},
            "enabled": self.enabled,
            "emailVerified": self.email_verified,
            "requiredActions": self.required_actions,
            "totp": False,
            "notBefore": 0,
            "createdTimestamp": self.created,
            "disableableCredentialTypes": [],
            "access": {"manage": True},
        }

    def accept(self, wanted: dict[str, Any]) -> None:
        """Take over what a UserRepresentation names; what it leaves out stays."""
        self.email = str(wanted.get("email", self.email)).lower()
        self.first_name = wanted.get("firstName", self.first_name)
        self.last_name = wanted.get("lastName", self.last_name)
        self.enabled = wanted.get("enabled", self.enabled)
        self.email_verified = wanted.get("emailVerified", self.email_verified)
        self.required_actions = list(wanted.get("requiredActions", self.required_actions))
        for credential in wanted.get("credentials", []):
            self.accept_password(credential)

    def accept_password(self, credential: dict[str, Any]) -> None:
        """Take over a CredentialRepresentation; a temporary one must be changed at the login."""
        self.password = str(credential["value"])
        temporary = "UPDATE_PASSWORD"
        self.required_actions = [a for a in self.required_actions if a != temporary]
        if credential.get("temporary", False):
            self.required_actions.append(temporary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A login that has not ended; tokens name it."""

    session_id: str
    username: str
    client_id: str
    scope: str


@dataclass(slots=True, kw_only=True)
class Realm:
    """A realm and everything in it.

    Attributes:
        users: By name in lower case.
        mappings: Names of the client roles given to a user directly, by user id and client uid.
        inherited: Names of the client roles that every user has, by client id.
        lifespan: Of access tokens; master's default is 60 seconds.
        administers: Whether this realm's tokens open the admin API.
        realm_roles: Names of the realm's own roles that every user has.
        not_before: Tokens issued earlier are dead; seconds since 1970, UTC.
    """

    name: str
    clients: dict[str, Client]
    users: dict[str, User] = field(default_factory=dict[str, User])
    mappings: dict[tuple[str, str], set[str]] = field(
        default_factory=dict[tuple[str, str], set[str]]
    )
    inherited: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    lifespan: timedelta = timedelta(seconds=60)
    administers: bool = False
    realm_roles: list[str] = field(default_factory=list[str])
    not_before: int = 0

    def user_by_id(self, user_id: str) -> User | None:
        """The user with Keycloak's own id."""
        return next((u for u in self.users.values() if u.user_id == user_id), None)

    def user_by_login(self, login: str) -> User | None:
        """The user whom a name or an e-mail address in any case stands for."""
        named = self.users.get(login.lower())
        return named or self.user_by_email(login)

    def user_by_email(self, email: str) -> User | None:
        """The user who has the address; an empty one is nobody's."""
        sought = email.lower()
        return next((u for u in self.users.values() if sought and u.email == sought), None)

    def client_by_uid(self, uid: str) -> Client | None:
        """The client with Keycloak's own id."""
        return next((c for c in self.clients.values() if c.uid == uid), None)

    def mapped_roles(self, user: User) -> dict[str, dict[str, list[str]]]:
        """What the realm file's mapper puts into ID tokens and user info."""
        mapped = {name: self.effective_roles(user).get(name) for name in _MAPPED}
        return {name: {"roles": sorted(roles)} for name, roles in mapped.items() if roles}

    def effective_roles(self, user: User) -> dict[str, set[str]]:
        """Role names per client id, inherited ones included, clients without any left out."""
        roles = {
            client.client_id: self.mappings.get((user.user_id, client.uid), set())
            | self.inherited.get(client.client_id, set())
            for client in self.clients.values()
        }
        return {client_id: names for client_id, names in roles.items() if names}


def master(admin_username: str, admin_password: str) -> Realm:
    """The realm of the one who administers all others."""
    admin = User(username=admin_username.lower(), password=admin_password)
    return Realm(
        name="master",
        clients={"admin-cli": Client(client_id="admin-cli")},
        users={admin.username: admin},
        administers=True,
    )


def dash() -> Realm:
    """The product's realm, from the export beside this file."""
    export = json.loads(REALM_FILE.read_text(encoding="utf-8"))
    clients = [Client(client_id=name) for name in _BUILT_IN]
    realm = Realm(
        name=export["realm"],
        clients={client.client_id: client for client in clients},
        lifespan=timedelta(seconds=export["accessTokenLifespan"]),
    )
    for exported in export["clients"]:
        client = Client(
            client_id=exported["clientId"],
            direct_grants=exported["directAccessGrantsEnabled"],
            service_account=exported["serviceAccountsEnabled"],
            origins=[uri.removesuffix("/*") for uri in exported["redirectUris"]],
        )
        for role in export["roles"]["client"].get(client.client_id, []):
            client.roles[role["name"]] = Role(
                name=role["name"], container_id=client.uid, description=role["description"]
            )
        realm.clients[client.client_id] = client
    for role in export["roles"]["realm"]:
        if role["name"] == export["defaultRole"]["name"]:
            inherited = role["composites"]["client"].items()
            realm.inherited = {client_id: set(names) for client_id, names in inherited}
            realm.realm_roles = [role["name"], *role["composites"]["realm"]]
    account = realm.clients["account"]
    for name in _ACCOUNT_ROLES:
        account.roles[name] = Role(name=name, container_id=account.uid)
    realm.inherited["account"].add("manage-account-links")  # part of manage-account
    return realm
