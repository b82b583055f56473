"""The token endpoint: password, refresh and client-credentials grants, and the end of a session.

Texts and statuses are those of Keycloak's OpenID Connect endpoints.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from emulator.keycloak.state import Client, Realm, Session, User
from emulator.keycloak.tokens import Signer
from emulator.keycloak.versions import Version

_REFRESH_LIFESPAN = timedelta(minutes=30)
type Form = dict[str, str]


def denied(status: int, error: str, description: str = "") -> web.Response:
    """An error answer in the shape of RFC 6749."""
    body = {"error": error}
    if description:
        body["error_description"] = description
    return web.json_response(body, status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """Answers token requests of one realm.

    Attributes:
        issuer: URL of the realm as the caller sees it.
        now: When the request came, UTC.
    """

    realm: Realm
    signer: Signer
    version: Version
    issuer: str
    now: datetime

    def token(self, form: Form) -> web.Response:
        """Answer ``POST …/protocol/openid-connect/token``."""
        grant = form.get("grant_type", "")
        if not grant:
            return denied(400, "invalid_request", "Missing form parameter: grant_type")
        client = self._client(form)
        if client is None:
            return denied(401, "invalid_client", "Invalid client or Invalid client credentials")
        if grant == "password":
            return self._password(client, form)
        if grant == "refresh_token":
            return self._refresh(client, form)
        if grant == "client_credentials":
            return self._client_credentials(client)
        return denied(400, "unsupported_grant_type", "Unsupported grant_type")

    def logout(self, form: Form) -> web.Response:
        """Answer ``POST …/protocol/openid-connect/logout``: the session of a refresh token ends."""
        if self._client(form) is None:
            return denied(401, "invalid_client", "Invalid client or Invalid client credentials")
        claims = self.signer.claims(form.get("refresh_token", ""), now=self.now)
        if claims is None:
            return denied(400, "invalid_grant", "Invalid refresh token")
        self.realm.sessions.pop(claims["sid"], None)
        return web.Response(status=204)

    def _client(self, form: Form) -> Client | None:
        client = self.realm.clients.get(form.get("client_id", ""))
        matches = client is not None and client.secret in ("", form.get("client_secret", ""))
        return client if matches else None

    def _password(self, client: Client, form: Form) -> web.Response:
        if not client.direct_grants:
            return denied(400, "unauthorized_client", "Client not allowed for direct access grants")
        user = self.realm.user_by_login(form.get("username", ""))
        if user is None or user.password is None or user.password != form.get("password"):
            return denied(self.version.wrong_password, "invalid_grant", "Invalid user credentials")
        if not user.enabled:
            return denied(400, "invalid_grant", "Account disabled")
        if user.required_actions or self._profile_incomplete(user):
            return denied(400, "invalid_grant", "Account is not fully set up")
        session = Session(
            session_id=str(uuid.uuid4()), username=user.username, client_id=client.client_id
        )
        self.realm.sessions[session.session_id] = session
        return self._granted(session, user)

    def _profile_incomplete(self, user: User) -> bool:
        """The first administrator, made by the server itself, is spared."""
        complete = user.email and user.first_name and user.last_name
        return self.version.profile_required and not self.realm.administers and not complete

    def _refresh(self, client: Client, form: Form) -> web.Response:
        claims = self.signer.claims(form.get("refresh_token", ""), now=self.now)
        if claims is None or claims.get("typ") != "Refresh" or claims["iss"] != self.issuer:
            return denied(400, "invalid_grant", "Invalid refresh token")
        session = self.realm.sessions.get(claims["sid"])
        user = self.realm.users.get(session.username) if session is not None else None
        if session is None or user is None or session.client_id != client.client_id:
            return denied(400, "invalid_grant", "Session not active")
        return self._granted(session, user)

    def _client_credentials(self, client: Client) -> web.Response:
        if not client.secret:
            text = "Public client not allowed to retrieve service account"
            return denied(401, "unauthorized_client", text)
        if not client.service_account:
            text = "Client not enabled to retrieve service account"
            return denied(401, "unauthorized_client", text)
        name = f"service-account-{client.client_id}".lower()
        user = self.realm.users.setdefault(name, User(username=name))
        session = Session(session_id=str(uuid.uuid4()), username=name, client_id=client.client_id)
        self.realm.sessions[session.session_id] = session
        return self._granted(session, user, refreshable=False)

    def _granted(self, session: Session, user: User, *, refreshable: bool = True) -> web.Response:
        common = {
            "iss": self.issuer,
            "sub": user.user_id,
            "azp": session.client_id,
            "sid": session.session_id,
        }
        roles = self.realm.effective_roles(user)
        access = {
            **common,
            "typ": "Bearer",
            "jti": str(uuid.uuid4()),
            "scope": "openid profile email",
            "preferred_username": user.username,
            "email": user.email,
            "resource_access": {
                client: {"roles": sorted(names)} for client, names in roles.items()
            },
        }
        lifespan = self.realm.lifespan
        answer: dict[str, Any] = {
            "access_token": self.signer.sign(access, now=self.now, lifespan=lifespan),
            "expires_in": int(lifespan.total_seconds()),
            "refresh_expires_in": 0,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "session_state": session.session_id,
            "scope": "openid profile email",
        }
        if refreshable:
            refresh = {**common, "typ": "Refresh", "jti": str(uuid.uuid4())}
            answer["refresh_token"] = self.signer.sign(
                refresh, now=self.now, lifespan=_REFRESH_LIFESPAN
            )
            answer["refresh_expires_in"] = int(_REFRESH_LIFESPAN.total_seconds())
        return web.json_response(answer)
