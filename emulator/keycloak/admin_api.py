"""The admin REST API: realms, clients, roles, users and who has which role.

Errors carry Keycloak's own bodies: ``error`` for what is missing, ``errorMessage`` for conflicts.
"""

import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from emulator.keycloak.state import Client, Realm, Role, User
from emulator.keycloak.versions import Version

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def stopped(status: int, key: str, text: str) -> web.HTTPException:
    """An exception that aiohttp turns into a JSON answer ``{key: text}``."""
    kinds: dict[int, type[web.HTTPException]] = {
        400: web.HTTPBadRequest,
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        409: web.HTTPConflict,
    }
    return kinds[status](text=json.dumps({key: text}), content_type="application/json")


class AdminApi:
    """Handlers of ``/admin/realms/{realm}/…``; the caller's token was checked before.

    Args:
        realms: Every realm, by name; changed in place.
        version: Whose manners to imitate.
    """

    def __init__(self, realms: dict[str, Realm], version: Version) -> None:
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
            web.get(realm + "/clients", self._list_clients),
            web.get(realm + "/clients/{client}", self._get_client),
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

    async def _list_clients(self, request: web.Request) -> web.Response:
        wanted = request.query.get("clientId")
        clients = self._realm(request).clients.values()
        return web.json_response(
            [c.representation() for c in clients if wanted in (None, c.client_id)]
        )

    async def _get_client(self, request: web.Request) -> web.Response:
        return web.json_response(self._client(request).representation())

    async def _list_roles(self, request: web.Request) -> web.Response:
        return _roles(self._client(request).roles.values())

    async def _get_role(self, request: web.Request) -> web.Response:
        role = self._client(request).roles.get(request.match_info["role"])
        if role is None:
            raise stopped(404, "error", "Could not find role")
        return web.json_response(role.representation())

    async def _list_users(self, request: web.Request) -> web.Response:
        found = self._search(request)
        first = int(request.query.get("first", "0"))
        last = first + int(request.query.get("max", "100"))
        return web.json_response([user.representation() for user in found[first:last]])

    async def _count_users(self, request: web.Request) -> web.Response:
        return web.json_response(len(self._search(request)))

    async def _create_user(self, request: web.Request) -> web.Response:
        realm = self._realm(request)
        wanted = await _json(request)
        username = str(wanted.get("username") or "").lower()
        if not username:
            raise stopped(400, "errorMessage", "User name is missing")
        email = str(wanted.get("email") or "")
        if self._version.profile_required and email and "@" not in email:
            raise stopped(400, "errorMessage", "error-invalid-email")
        self._refuse_conflicts(realm, username, email)
        user = User(username=username)
        user.accept(wanted)
        realm.users[username] = user
        location = request.url.with_query(None) / user.user_id
        return web.Response(status=201, headers={"Location": str(location)})

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
        return web.json_response(self._user(request).representation())

    async def _update_user(self, request: web.Request) -> web.Response:
        user = self._user(request)
        wanted = await _json(request)
        owner = self._realm(request).user_by_email(str(wanted.get("email") or ""))
        if owner is not None and owner is not user:
            raise stopped(409, "errorMessage", "User exists with same email")
        user.accept(wanted)
        return web.Response(status=204)

    async def _delete_user(self, request: web.Request) -> web.Response:
        realm, user = self._realm(request), self._user(request)
        del realm.users[user.username]
        for key in [key for key in realm.mappings if key[0] == user.user_id]:
            del realm.mappings[key]
        return web.Response(status=204)

    async def _reset_password(self, request: web.Request) -> web.Response:
        user = self._user(request)
        credential = await _json(request)
        if not credential.get("value"):
            raise stopped(400, "error", "No password provided")
        user.accept_password(credential)
        return web.Response(status=204)

    async def _logout_user(self, request: web.Request) -> web.Response:
        realm, user = self._realm(request), self._user(request)
        for session in [s for s in realm.sessions.values() if s.username == user.username]:
            del realm.sessions[session.session_id]
        return web.Response(status=204)

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
        users = list(self._realm(request).users.values())
        for key in ("username", "email"):
            sought = request.query.get(key, "").lower()
            if sought:
                users = [u for u in users if _matches(str(getattr(u, key)), sought, exact=exact)]
        sought = request.query.get("search", "").lower()
        return [u for u in users if sought in u.username or sought in u.email]

    def _realm(self, request: web.Request) -> Realm:
        realm = self._realms.get(request.match_info["realm"])
        if realm is None:
            raise stopped(404, "error", "Realm not found.")
        return realm

    def _client(self, request: web.Request) -> Client:
        client = self._realm(request).client_by_uid(request.match_info["client"])
        if client is None:
            raise stopped(404, "error", "Could not find client")
        return client

    def _user(self, request: web.Request) -> User:
        user = self._realm(request).user_by_id(request.match_info["user"])
        if user is None:
            raise stopped(404, "error", "User not found")
        return user

    def _mapped(self, request: web.Request) -> set[str]:
        key = (self._user(request).user_id, self._client(request).uid)
        return self._realm(request).mappings.setdefault(key, set())

    async def _named_roles(self, request: web.Request) -> list[Role]:
        """The roles that the body lists; Keycloak finds them by name and compares the id."""
        known = self._client(request).roles
        roles: list[Role] = []
        for wanted in await _json(request):
            role = known.get(wanted["name"])
            if role is None or role.role_id != wanted["id"]:
                raise stopped(404, "error", "Role not found")
            roles.append(role)
        return roles


def _matches(value: str, sought: str, *, exact: bool) -> bool:
    return value == sought if exact else sought in value


def _roles(roles: Any) -> web.Response:
    """Roles in no stable order, as Keycloak gives them."""
    shuffled = sorted(roles, key=lambda role: uuid.uuid5(uuid.NAMESPACE_OID, role.role_id))
    return web.json_response([role.representation() for role in shuffled])


async def _json(request: web.Request) -> Any:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(
            text=json.dumps({"error": "HTTP 415 Unsupported Media Type"}),
            content_type="application/json",
        )
    try:
        return await request.json()
    except ValueError as malformed:
        told = {"error": "invalid_request", "error_description": "Cannot parse the JSON"}
        raise web.HTTPBadRequest(
            text=json.dumps(told), content_type="application/json"
        ) from malformed
