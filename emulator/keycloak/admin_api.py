"""The admin REST API: realms, clients, roles, users and who has which role.

Errors carry Keycloak's own bodies: ``error`` for what is missing, ``errorMessage`` for conflicts.
"""

import json
import re
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiohttp import web

from emulator.clock import Clock
from emulator.keycloak import user_profile
from emulator.keycloak.answers import read_json, stopped, unforeseen
from emulator.keycloak.state import Client, Realm, Role, User
from emulator.keycloak.versions import Version

_NO_CLIENT, _NO_MAPPED_CLIENT = "Could not find client", "Client not found"

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class AdminApi:
    """Handlers of ``/admin/realms/{realm}/…``; the caller's token was checked before.

    Args:
        realms: Every realm, by name; changed in place.
        version: Whose manners to imitate.
        clock: When users were made and sessions ended.
    """

    def __init__(self, realms: dict[str, Realm], version: Version, clock: Clock) -> None:
        self._clock = clock
        self._realms = realms
        self._version = version

    def routes(self) -> list[web.RouteDef]:
        """The routes, without the context path."""
        realm = "/admin/realms/{realm}"
        user = realm + "/users/{user}"
        mappings = user + "/role-mappings/clients/{client}"
        roles = realm + "/clients/{client}/roles"
        return [
            web.get(realm, self._get_realm),
            web.put(realm, self._update_realm),
            web.post(realm + "/logout-all", self._logout_all),
            web.get(realm + "/clients", self._list_clients),
            web.post(realm + "/clients", self._create_client),
            web.get(realm + "/clients/{client}", self._get_client),
            web.put(realm + "/clients/{client}", self._update_client),
            web.get(roles, self._list_roles),
            web.get(roles + "/{role}", self._get_role),
            web.get(realm + "/users", self._list_users),
            web.get(realm + "/users/count", self._count_users),
            web.post(realm + "/users", self._create_user),
            web.get(user, self._get_user),
            web.put(user, self._update_user),
            web.delete(user, self._delete_user),
            web.put(user + "/reset-password", self._reset_password),
            web.post(user + "/logout", self._logout_user),
            web.get(user + "/sessions", self._list_sessions),
            web.get(mappings, self._list_mappings),
            web.post(mappings, self._add_mappings),
            web.delete(mappings, self._delete_mappings),
            web.get(mappings + "/available", self._list_available),
            web.get(mappings + "/composite", self._list_effective),
        ]

    async def _get_realm(self, request: web.Request) -> web.Response:
        realm = self._realm(request)
        lifespan = int(realm.lifespan.total_seconds())
        return web.json_response(
            {"realm": realm.name, "enabled": True, "accessTokenLifespan": lifespan}
        )

    async def _update_realm(self, request: web.Request) -> web.Response:
        realm, wanted = self._realm(request), await self._json(request)
        if "accessTokenLifespan" in wanted:
            realm.lifespan = timedelta(seconds=wanted["accessTokenLifespan"])
        return web.Response(status=204)

    async def _logout_all(self, request: web.Request) -> web.Response:
        realm = self._realm(request)
        realm.sessions.clear()
        realm.not_before = int(self._clock.now().timestamp())
        return web.json_response({})

    async def _list_clients(self, request: web.Request) -> web.Response:
        wanted = request.query.get("clientId")
        clients = self._realm(request).clients.values()
        return web.json_response(
            [c.representation() for c in clients if wanted in (None, c.client_id)]
        )

    async def _create_client(self, request: web.Request) -> web.Response:
        clients, wanted = self._realm(request).clients, await self._json(request)
        if wanted["clientId"] in clients:
            told = f"Client {wanted['clientId']} already exists"
            raise stopped(409, "errorMessage", told)
        client = Client(
            client_id=wanted["clientId"],
            secret="" if wanted.get("publicClient", False) else wanted.get("secret", ""),
            direct_grants=wanted.get("directAccessGrantsEnabled", False),
            service_account=wanted.get("serviceAccountsEnabled", False),
        )
        clients[client.client_id] = client
        location = request.url.with_query(None) / client.uid
        return web.Response(status=201, headers={"Location": str(location)})

    async def _get_client(self, request: web.Request) -> web.Response:
        return web.json_response(self._client(request).representation())

    async def _update_client(self, request: web.Request) -> web.Response:
        client, wanted = self._client(request), await self._json(request)
        client.direct_grants = wanted.get("directAccessGrantsEnabled", client.direct_grants)
        client.service_account = wanted.get("serviceAccountsEnabled", client.service_account)
        return web.Response(status=204)

    async def _list_roles(self, request: web.Request) -> web.Response:
        brief = request.query.get("briefRepresentation", "true").lower() == "true"
        return _roles(self._client(request).roles.values(), brief=brief)

    async def _get_role(self, request: web.Request) -> web.Response:
        role = self._client(request).roles.get(request.match_info["role"])
        if role is None:
            raise stopped(404, "error", "Could not find role")
        return web.json_response(role.full_representation())

    async def _list_users(self, request: web.Request) -> web.Response:
        found = self._search(request)
        first = int(request.query.get("first", "0"))
        last = first + int(request.query.get("max", "100"))
        return web.json_response([user.representation() for user in found[first:last]])

    async def _count_users(self, request: web.Request) -> web.Response:
        return web.json_response(len(self._search(request)))

    async def _create_user(self, request: web.Request) -> web.Response:
        realm = self._realm(request)
        wanted = await self._json(request)
        username = str(wanted.get("username") or "").lower()
        if not username:
            raise stopped(400, "errorMessage", "User name is missing")
        self._refuse_oddities(wanted)
        self._refuse_conflicts(realm, username, str(wanted.get("email") or ""))
        self._refuse_credentials(wanted.get("credentials", []))
        user = User(username=username, created=int(self._clock.now().timestamp() * 1000))
        user.accept(wanted)
        realm.users[username] = user
        location = request.url.with_query(None) / user.user_id
        return web.Response(status=201, headers={"Location": str(location)})

    def _refuse_oddities(self, wanted: dict[str, Any]) -> None:
        refused = user_profile.refusal(self._version, wanted)
        if refused is not None:
            raise web.HTTPBadRequest(text=json.dumps(refused), content_type="application/json")

    def _refuse_credentials(self, credentials: list[dict[str, Any]]) -> None:
        """A password that is none is met too late to be refused in order."""
        for credential in credentials:
            missing = credential.get("value") is None
            if missing or (not credential["value"] and not self._version.profile):
                told = "For more on this error consult the server log."
                raise unforeseen(self._version, 500, told)

    def _refuse_conflicts(self, realm: Realm, username: str, email: str) -> None:
        conflicts: list[str] = []
        if username in realm.users:
            conflicts.append("username")
        if realm.user_by_email(email) is not None:
            conflicts.append("email")
        if conflicts:
            told = conflicts[-1] if self._version.email_first else conflicts[0]
            raise stopped(409, "errorMessage", f"User exists with same {told}")

    async def _get_user(self, request: web.Request) -> web.Response:
        user, details = (
            self._user(request),
            {"resetPassword": True} if self._version.profile else {},
        )
        rights = dict.fromkeys(("manageGroupMembership", "view", "mapRoles", "impersonate"), True)
        return web.json_response(
            {**user.representation(), "access": {**rights, "manage": True, **details}}
        )

    async def _update_user(self, request: web.Request) -> web.Response:
        realm, user = self._realm(request), self._user(request)
        wanted = await self._json(request)
        self._refuse_oddities(wanted)
        self._refuse_rename(realm, user, str(wanted.get("username") or user.username).lower())
        owner = realm.user_by_email(str(wanted.get("email") or ""))
        if owner is not None and owner is not user:
            raise stopped(409, "errorMessage", self._version.update_conflict)
        user.accept(wanted)
        return web.Response(status=204)

    def _refuse_rename(self, realm: Realm, user: User, name: str) -> None:
        """The realm lets nobody change names; versions differ in whether they say so."""
        if name == user.username or self._version.renames:
            return
        if name in realm.users:
            raise stopped(409, "errorMessage", "User exists with same username")
        told = {
            "field": "username",
            "errorMessage": "error-user-attribute-read-only",
            "params": ["username"],
        }
        raise web.HTTPBadRequest(text=json.dumps(told), content_type="application/json")

    async def _delete_user(self, request: web.Request) -> web.Response:
        realm, user = self._realm(request), self._user(request)
        del realm.users[user.username]
        for key in [key for key in realm.mappings if key[0] == user.user_id]:
            del realm.mappings[key]
        return web.Response(status=204)

    async def _reset_password(self, request: web.Request) -> web.Response:
        user = self._user(request)
        credential = await self._json(request)
        if not credential.get("value"):
            told = "Empty password not allowed" if "value" in credential else "No password provided"
            raise stopped(400, "error", told)
        user.accept_password(credential)
        return web.Response(status=204)

    async def _logout_user(self, request: web.Request) -> web.Response:
        realm, user = self._realm(request), self._user(request)
        for session in [s for s in realm.sessions.values() if s.username == user.username]:
            del realm.sessions[session.session_id]
        return web.Response(status=204)

    async def _list_sessions(self, request: web.Request) -> web.Response:
        realm, user = self._realm(request), self._user(request)
        return web.json_response(
            [
                {"id": session.session_id, "username": user.username, "userId": user.user_id}
                for session in realm.sessions.values()
                if session.username == user.username
            ]
        )

    async def _list_mappings(self, request: web.Request) -> web.Response:
        client = self._client(request)
        return _roles(client.roles[name] for name in self._mapped(request))

    async def _add_mappings(self, request: web.Request) -> web.Response:
        mapped, roles = self._mapped(request), await self._named_roles(request)
        mapped.update(role.name for role in roles)
        return web.Response(status=204)

    async def _delete_mappings(self, request: web.Request) -> web.Response:
        mapped, roles = self._mapped(request), await self._named_roles(request)
        mapped.difference_update(role.name for role in roles)
        return web.Response(status=204)

    async def _list_available(self, request: web.Request) -> web.Response:
        mapped = self._mapped(request)
        roles = self._client(request).roles.values()
        return _roles(role for role in roles if role.name not in mapped)

    async def _list_effective(self, request: web.Request) -> web.Response:
        realm, user, client = self._realm(request), self._user(request), self._client(request)
        names = realm.effective_roles(user).get(client.client_id, set())
        return _roles(role for role in client.roles.values() if role.name in names)

    def _search(self, request: web.Request) -> list[User]:
        exact = request.query.get("exact", "").lower() == "true"
        users = sorted(self._realm(request).users.values(), key=lambda user: user.username)
        for key in ("username", "email"):
            sought = request.query.get(key, "").lower()
            if sought:
                users = [u for u in users if _matches(str(getattr(u, key)), sought, exact=exact)]
        terms = request.query.get("search", "").lower().split()
        return [user for user in users if all(_is_found(user, term) for term in terms)]

    def _realm(self, request: web.Request) -> Realm:
        realm = self._realms.get(request.match_info["realm"])
        if realm is None:
            raise stopped(404, "error", "Realm not found.")
        return realm

    def _client(self, request: web.Request) -> Client:
        client = self._realm(request).client_by_uid(request.match_info["client"])
        if client is None:
            about_user = "user" in request.match_info
            raise stopped(404, "error", _NO_MAPPED_CLIENT if about_user else _NO_CLIENT)
        return client

    def _user(self, request: web.Request) -> User:
        user = self._realm(request).user_by_id(request.match_info["user"])
        if user is None:
            raise stopped(404, "error", "User not found")
        return user

    def _mapped(self, request: web.Request) -> set[str]:
        user = self._user(request)
        key = (user.user_id, self._client(request).uid)
        return self._realm(request).mappings.setdefault(key, set())

    async def _named_roles(self, request: web.Request) -> list[Role]:
        """The roles that the body lists; Keycloak finds them by name and compares the id."""
        known = self._client(request).roles
        roles: list[Role] = []
        for wanted in await self._json(request, kind=list):
            role = known.get(wanted["name"])
            if role is None or role.role_id != wanted.get("id"):
                raise stopped(404, "error", "Role not found")
            roles.append(role)
        return roles

    async def _json(self, request: web.Request, kind: type = dict) -> Any:
        return await read_json(request, self._version, kind)


def _matches(value: str, sought: str, *, exact: bool) -> bool:
    return value == sought if exact else sought in value


def _is_found(user: User, term: str) -> bool:
    """Whether a search term begins a name or the address; ``*`` is any text, quotes mean all."""
    values = (user.username, user.email, user.first_name.lower(), user.last_name.lower())
    if term.startswith('"') and term.endswith('"'):
        return term.strip('"') in values
    pattern = ".*".join(re.escape(part) for part in term.split("*"))
    return any(re.match(pattern, value) for value in values)


def _roles(roles: Any, *, brief: bool = True) -> web.Response:
    """Roles in no stable order, as Keycloak gives them."""
    shuffled = sorted(roles, key=lambda role: uuid.uuid5(uuid.NAMESPACE_OID, role.role_id))
    return web.json_response(
        [role.representation() if brief else role.full_representation() for role in shuffled]
    )
