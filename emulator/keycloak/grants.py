"""The token endpoint: password, refresh and client-credentials grants, and the end of a session.

Texts and statuses are those of Keycloak's OpenID Connect endpoints.
"""

import base64
import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from emulator.keycloak.state import Client, Realm, Session, User
from emulator.keycloak.tokens import Signer
from emulator.keycloak.versions import Version

_SCOPES = frozenset(
    {
        "openid", "profile", "email", "address", "phone", "roles", "web-origins", "acr",
        "offline_access", "microprofile-jwt",
    }
)  # fmt: skip # one idea
"""Scopes of every realm."""
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
        grant = form.get("grant_type")
        if grant is None:
            return denied(400, "invalid_request", "Missing form parameter: grant_type")
        client = self._client(form)
        if client is None:
            return self._no_client(form)
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
            return self._no_client(form)
        claims = self.signer.claims(form.get("refresh_token", ""), now=self.now)
        if claims is None:
            return denied(400, "invalid_grant", "Invalid refresh token")
        self.realm.sessions.pop(claims["sid"], None)
        return web.Response(status=204)

    def _client(self, form: Form) -> Client | None:
        client = self.realm.clients.get(form.get("client_id", ""))
        matches = client is not None and client.secret in ("", form.get("client_secret", ""))
        return client if matches else None

    def _no_client(self, form: Form) -> web.Response:
        known = form.get("client_id", "") in self.realm.clients
        error = "unauthorized_client" if known else "invalid_client"
        return denied(401, error, "Invalid client or Invalid client credentials")

    def _password(self, client: Client, form: Form) -> web.Response:
        if not client.direct_grants:
            return denied(400, "unauthorized_client", "Client not allowed for direct access grants")
        if "username" not in form:
            return denied(401, "invalid_request", "Missing parameter: username")
        if any(scope not in _SCOPES for scope in form.get("scope", "").split()):
            return denied(400, "invalid_scope", f"Invalid scopes: {form['scope']}")
        user = self.realm.user_by_login(form["username"])
        refused = self._login_refused(user, form.get("password", ""))
        if refused is not None or user is None:
            return refused or self._wrong_password()
        session = Session(
            session_id=str(uuid.uuid4()),
            username=user.username,
            client_id=client.client_id,
            scope=" ".join(_granted_scopes(form)),
        )
        self.realm.sessions[session.session_id] = session
        return self._granted(session, user)

    def _login_refused(self, user: User | None, password: str) -> web.Response | None:
        """Why the user may not log in; the order is the version's."""
        disabled = user is not None and not user.enabled
        if disabled and self.version.disabled_first:
            return denied(400, "invalid_grant", "Account disabled")
        if user is None or user.password is None or user.password != password:
            return self._wrong_password()
        if disabled:
            return denied(400, "invalid_grant", "Account disabled")
        if user.required_actions or self._profile_incomplete(user):
            return denied(400, "invalid_grant", "Account is not fully set up")
        return None

    def _wrong_password(self) -> web.Response:
        return denied(self.version.wrong_password, "invalid_grant", "Invalid user credentials")

    def _profile_incomplete(self, user: User) -> bool:
        """The first administrator, made by the server itself, is spared."""
        complete = user.email and user.first_name and user.last_name
        return self.version.profile and not self.realm.administers and not complete

    def _refresh(self, client: Client, form: Form) -> web.Response:
        if "refresh_token" not in form:
            return denied(400, "invalid_request", "No refresh token")
        claims = self.signer.claims(form["refresh_token"], now=self.now)
        session = self.realm.sessions.get(claims["sid"]) if claims is not None else None
        user = self.realm.users.get(session.username) if session is not None else None
        refused = self._refresh_refused(claims, client, user)
        if refused or session is None or user is None:
            return denied(400, "invalid_grant", refused or "Session not active")
        return self._granted(session, user)

    def _refresh_refused(
        self, claims: dict[str, Any] | None, client: Client, user: User | None
    ) -> str:
        """Why a refresh token is none any more; empty when it is one, or only its session ended."""
        if claims is None or claims.get("typ") != "Refresh" or claims["iss"] != self.issuer:
            return "Invalid refresh token"
        if claims["azp"] != client.client_id:
            return "Invalid refresh token. Token client and authorized client don't match"
        if claims["iat"] < self.realm.not_before:
            return "Stale token"
        return "User disabled" if user is not None and not user.enabled else ""

    def _client_credentials(self, client: Client) -> web.Response:
        if not client.secret:
            text = "Public client not allowed to retrieve service account"
            return denied(401, "unauthorized_client", text)
        if not client.service_account:
            text = "Client not enabled to retrieve service account"
            return denied(401, "unauthorized_client", text)
        name = f"service-account-{client.client_id}".lower()
        user = self.realm.users.setdefault(name, User(username=name))
        session = Session(
            session_id=str(uuid.uuid4()),
            username=name,
            client_id=client.client_id,
            scope="profile email",
        )
        self.realm.sessions[session.session_id] = session
        return self._granted(session, user, refreshable=False)

    def _granted(self, session: Session, user: User, *, refreshable: bool = True) -> web.Response:
        lifespan, openid = self.realm.lifespan, "openid" in session.scope.split()
        common = self._common_claims(session, user)
        access = {**common, **self._access_claims(session, user)}
        answer: dict[str, Any] = {
            "access_token": self.signer.sign(access, now=self.now, lifespan=lifespan),
            "expires_in": int(lifespan.total_seconds()),
            "refresh_expires_in": 0,
            "token_type": "Bearer",
            "not-before-policy": self.realm.not_before,
            "session_state": session.session_id,
            "scope": session.scope,
        }
        if openid:
            known = {**common, **self._id_claims(session, user, answer["access_token"])}
            answer["id_token"] = self.signer.sign(known, now=self.now, lifespan=lifespan)
        if refreshable:
            refresh = {**common, "typ": "Refresh", "aud": self.issuer, "scope": session.scope}
            answer["refresh_token"] = self.signer.sign(
                refresh, now=self.now, lifespan=_REFRESH_LIFESPAN
            )
            answer["refresh_expires_in"] = int(_REFRESH_LIFESPAN.total_seconds())
        return web.json_response(answer)

    def _common_claims(self, session: Session, user: User) -> dict[str, Any]:
        twice = {"session_state": session.session_id} if self.version.session_state else {}
        return {
            "jti": str(uuid.uuid4()),
            "iss": self.issuer,
            "sub": user.user_id,
            "azp": session.client_id,
            "sid": session.session_id,
            **twice,
        }

    def _id_claims(self, session: Session, user: User, access_token: str) -> dict[str, Any]:
        digest = hashlib.sha256(access_token.encode()).digest()
        half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
        return {
            "typ": "ID",
            "aud": session.client_id,
            "acr": "1",
            "at_hash": half,  # https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken
            "resource_access": self.realm.mapped_roles(user),
            **_profile_claims(user),
        }

    def _access_claims(self, session: Session, user: User) -> dict[str, Any]:
        roles = self.realm.effective_roles(user)
        client = self.realm.clients[session.client_id]
        realm = {"realm_access": {"roles": self.realm.realm_roles}}
        return {
            "typ": "Bearer",
            "aud": "account",
            "acr": "1",
            "allowed-origins": client.origins,
            **(realm if self.realm.realm_roles else {}),
            "resource_access": {
                client_id: {"roles": sorted(names)} for client_id, names in roles.items()
            },
            "scope": session.scope,
            **_profile_claims(user),
        }


def _granted_scopes(form: Form) -> list[str]:
    asked = form.get("scope", "").split()
    return [*(["openid"] if "openid" in asked else []), "profile", "email"]


def _profile_claims(user: User) -> dict[str, Any]:
    """What the scopes ``profile`` and ``email`` tell; empty values are left out."""
    told = {
        "name": user.full_name,
        "preferred_username": user.username,
        "given_name": user.first_name,
        "family_name": user.last_name,
        "email": user.email,
    }
    return {"email_verified": user.email_verified, **{k: v for k, v in told.items() if v}}
