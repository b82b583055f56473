"""The emulated Keycloak as one web application under its context path."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from emulator.clock import Clock
from emulator.faults import Fault, Faults
from emulator.journal import CALLER, Journal
from emulator.keycloak.admin_api import AdminApi
from emulator.keycloak.answers import stopped
from emulator.keycloak.grants import Form, Grants
from emulator.keycloak.state import Realm, User, dash, master
from emulator.keycloak.tokens import Signer
from emulator.keycloak.versions import VERSIONS

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_NOT_FOUND, _METHOD_NOT_ALLOWED = 404, 405
_NO_PAGE = "<html><body><h1>Resource not found</h1></body></html>"
_USER_INFO = (
    "sub", "email_verified", "name", "preferred_username", "given_name", "family_name", "email",
)  # fmt: skip # one idea


class Keycloak:
    """One Keycloak with the realms ``master`` and ``dash``.

    Attributes:
        app: The web application; mount it at ``auth-<base domain>``.
        realms: Every realm by name; tests look at and change them.

    Args:
        admin_username: First administrator, in realm ``master``.
        admin_password: Their password.
        version: A key of ``VERSIONS``.
        context_path: Where the application lives; empty for the root.
    """

    def __init__(  # noqa: PLR0913 - three collaborators, three facts
        self,
        clock: Clock,
        faults: Faults,
        journal: Journal,
        *,
        admin_username: str,
        admin_password: str,
        version: str = "26.7.5",
        context_path: str = "/auth",
    ) -> None:
        self._clock = clock
        self._version = VERSIONS[version]
        self._signer = Signer()
        self._path = context_path
        self.realms: dict[str, Realm] = {
            "master": master(admin_username, admin_password),
            "dash": dash(),
        }
        self._admin_username = admin_username.lower()
        middlewares: list[Any] = [
            journal.middleware("keycloak"),
            faults.middleware("keycloak", _fault),
            self._json_errors,
            self._authorize,
        ]
        self.app = web.Application(middlewares=middlewares)
        self.app.add_routes([*self._open_routes(), *self._admin_routes()])

    @property
    def users(self) -> dict[str, User]:
        """Users of realm ``dash`` by name."""
        return self.realms["dash"].users

    @property
    def mappings(self) -> dict[str, set[str]]:
        """Roles of client ``dash`` that were given directly, by user name."""
        realm = self.realms["dash"]
        uid = realm.clients["dash"].uid
        return {
            user.username: set(realm.mappings.get((user.user_id, uid), set()))
            for user in realm.users.values()
        }

    def end_sessions(self) -> None:
        """End every session of every realm, as a restart without a database does."""
        for realm in self.realms.values():
            realm.sessions.clear()

    def claims(self, token: str, realm: str) -> dict[str, Any] | None:
        """The claims of a realm's access token that is alive, its session too; else None."""
        claims = self._signer.claims(token, now=self._clock.now())
        if claims is None or claims.get("typ") != "Bearer":
            return None
        issued_here = str(claims["iss"]).endswith(f"/realms/{realm}")
        session = self.realms[realm].sessions.get(claims["sid"])
        if not issued_here or session is None or claims["iat"] < self.realms[realm].not_before:
            return None
        user = self.realms[realm].users.get(session.username)
        return claims if user is not None and user.enabled else None

    async def authenticate(self, token: str) -> dict[str, Any] | None:
        """Claims of an access token of realm ``dash`` that is alive; else None."""
        return self.claims(token, "dash")

    async def stop(self) -> None:
        """Nothing runs besides the application; here because a true server must be ended."""

    def _open_routes(self) -> list[web.RouteDef]:
        realm = self._path + "/realms/{realm}"
        protocol = realm + "/protocol/openid-connect"
        return [
            web.get(realm, self._info),
            web.get(realm + "/.well-known/openid-configuration", self._discovery),
            web.post(protocol + "/token", self._token),
            web.post(protocol + "/logout", self._logout),
            web.get(protocol + "/userinfo", self._userinfo),
            web.get(protocol + "/certs", self._certs),
        ]

    def _admin_routes(self) -> list[web.RouteDef]:
        return [
            web.route(route.method, self._path + route.path, route.handler)
            for route in AdminApi(self.realms, self._version, self._clock).routes()
        ]

    async def _info(self, request: web.Request) -> web.Response:
        realm, url = self._realm(request), self._issuer(request)
        return web.json_response(
            {
                "realm": realm.name,
                "public_key": self._signer.public_key,
                "token-service": f"{url}/protocol/openid-connect",
                "account-service": f"{url}/account",
                "tokens-not-before": realm.not_before,
            }
        )

    async def _discovery(self, request: web.Request) -> web.Response:
        self._realm(request)
        url = self._issuer(request)
        protocol = f"{url}/protocol/openid-connect"
        return web.json_response(
            {
                "issuer": url,
                "token_endpoint": f"{protocol}/token",
                "userinfo_endpoint": f"{protocol}/userinfo",
                "jwks_uri": f"{protocol}/certs",
                "end_session_endpoint": f"{protocol}/logout",
                "grant_types_supported": ["client_credentials", "password", "refresh_token"],
            }
        )

    async def _token(self, request: web.Request) -> web.Response:
        form = await _form(request)
        request[CALLER] = form.get("client_id", "")
        return self._grants(request).token(form)

    async def _logout(self, request: web.Request) -> web.Response:
        form = await _form(request)
        request[CALLER] = form.get("client_id", "")
        return self._grants(request).logout(form)

    async def _userinfo(self, request: web.Request) -> web.Response:
        claims = self.claims(_bearer(request), self._realm(request).name)
        if claims is None:
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        if "openid" not in claims["scope"].split():
            return web.Response(status=403, headers={"WWW-Authenticate": "Bearer"})
        realm = self._realm(request)
        roles = realm.mapped_roles(realm.users[claims["preferred_username"]])
        told = {key: claims[key] for key in _USER_INFO if key in claims}
        return web.json_response({**told, "resource_access": roles})

    async def _certs(self, request: web.Request) -> web.Response:
        self._realm(request)
        return web.json_response(self._signer.key_set)

    def _grants(self, request: web.Request) -> Grants:
        return Grants(
            realm=self._realm(request),
            signer=self._signer,
            version=self._version,
            issuer=self._issuer(request),
            now=self._clock.now(),
        )

    def _realm(self, request: web.Request) -> Realm:
        realm = self.realms.get(request.match_info["realm"])
        if realm is None:
            raise stopped(404, "error", "Realm does not exist")
        return realm

    def _issuer(self, request: web.Request) -> str:
        return f"https://{request.host}{self._path}/realms/{request.match_info['realm']}"

    @web.middleware
    async def _authorize(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Open the admin API to the administrator of ``master`` alone."""
        if not request.path.startswith(f"{self._path}/admin/"):
            return await handler(request)
        token = _bearer(request)
        for name in self.realms:
            claims = self.claims(token, name)
            if claims is not None:
                request[CALLER] = claims["azp"]
                administers = self.realms[name].administers
                if administers and claims["preferred_username"] == self._admin_username:
                    return await handler(request)
                raise stopped(403, "error", self._version.forbidden)
        raise stopped(401, "error", "HTTP 401 Unauthorized")

    @web.middleware
    async def _json_errors(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Keycloak's body for paths and methods that it does not know."""
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.content_type == "application/json":
                raise
            if error.status == _NOT_FOUND and not request.path.startswith(f"{self._path}/"):
                error.text, error.content_type = _NO_PAGE, "text/html"
                raise
            error.text = json.dumps({"error": self._complaint(request, error)})
            error.content_type = "application/json"
            raise

    def _complaint(self, request: web.Request, error: web.HTTPException) -> str:
        inside = request.path.startswith((f"{self._path}/realms/", f"{self._path}/admin/"))
        if error.status == _NOT_FOUND and not inside:
            return self._version.no_path.format(url=f"https://{request.host}{request.path_qs}")
        if error.status == _METHOD_NOT_ALLOWED:
            return self._version.no_method.format(method=request.method)
        return f"HTTP {error.status} {error.reason}"


def _bearer(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


async def _form(request: web.Request) -> Form:
    return {key: str(value) for key, value in (await request.post()).items()}


def _fault(fault: Fault) -> web.Response:
    return web.json_response({"error": "unknown_error"}, status=fault.status or 500)
