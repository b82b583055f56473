"""The tenant's principals, and the tokens that they get."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import Caller
from emulator.clock import Clock

_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A service principal or managed identity.

    Attributes:
        secret: Client secret; empty when it has none.
        certificate: PEM of the certificate that signs its client assertions; None when it has none.
    """

    name: str
    object_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    secret: str = field(default="", repr=False)
    certificate: bytes | None = field(default=None, repr=False)


class Directory:
    """Entra ID of one tenant.

    Attributes:
        token_lifetime: Real time: clients keep tokens by the machine's clock, at every speed.
        app: The managed identity of the function app, system-assigned.
        open: Whether anyone gets a token: an unknown client id is registered at its first request,
            and who has neither secret nor certificate is believed.
    """

    def __init__(self, tenant_id: str, clock: Clock) -> None:
        self.tenant_id = tenant_id
        self.token_lifetime = timedelta(hours=1)
        self.open = False
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._by_client: dict[str, Principal] = {}
        self.managed: dict[str, Principal] = {}
        self.app = self.add_principal("function-app")

    def add_principal(
        self, name: str, *, client_id: str = "", secret: str = "", certificate: bytes | None = None
    ) -> Principal:
        """Register an application; its object id is what roles are given to."""
        principal = Principal(
            name=name,
            client_id=client_id or str(uuid.uuid4()),
            secret=secret,
            certificate=certificate,
        )
        self._by_client[principal.client_id.lower()] = principal
        return principal

    def add_managed_identity(self, name: str, resource_id: str) -> Principal:
        """The principal of a user-assigned identity; once per resource."""
        key = resource_id.lower()
        if key not in self.managed:
            self.managed[key] = self.add_principal(name)
        return self.managed[key]

    def remove_managed_identity(self, resource_id: str) -> None:
        """The identity's resource is gone; so is its principal."""
        gone = self.managed.pop(resource_id.lower(), None)
        if gone is not None:
            self._by_client.pop(gone.client_id.lower(), None)

    def expires(self) -> datetime:
        """When a token that is given out now ends."""
        return self._clock.now() + self.token_lifetime

    def find(self, client_id: str) -> Principal | None:
        """The principal with this client id."""
        return self._by_client.get(client_id.lower())

    def principals(self) -> list[Principal]:
        """Everyone, in the order of registration."""
        return list(self._by_client.values())

    def token(
        self, principal: Principal, audience: str, *, lifetime: timedelta | None = None
    ) -> str:
        """A bearer token for ``audience``, such as ``https://management.azure.com``."""
        now = self._clock.now()
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{self.tenant_id}/",
            "iat": now,
            "nbf": now - _SKEW,
            "exp": now + (self.token_lifetime if lifetime is None else lifetime),
            "appid": principal.client_id,
            "idtyp": "app",
            "oid": principal.object_id,
            "sub": principal.object_id,
            "tid": self.tenant_id,
            "ver": "1.0",
        }
        return jwt.encode(claims, self._key, algorithm="HS256")

    def caller(self, authorization: str, audiences: tuple[str, ...], challenge: str) -> Caller:
        """Whose token an ``Authorization`` header carries.

        Raises:
            ArmError: 401, with ``challenge`` in ``WWW-Authenticate``.
        """
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise _denied(
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is missing.",
                challenge,
            )
        claims = self._claims(token, challenge)
        if claims["aud"].rstrip("/") not in {a.rstrip("/") for a in audiences}:
            raise _denied(
                "InvalidAuthenticationTokenAudience",
                "The access token has been obtained for wrong audience or resource "
                f"'{claims['aud']}'. It should exactly match with one of the allowed audiences "
                f"'{','.join(audiences)}'.",
                challenge,
            )
        return Caller(object_id=claims["oid"], client_id=claims["appid"], tenant_id=claims["tid"])

    def _claims(self, token: str, challenge: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token, self._key, algorithms=["HS256"], options={"verify_aud": False}
            )
        except jwt.ExpiredSignatureError as expired:
            raise _denied(
                "ExpiredAuthenticationToken",
                "The access token expiry UTC time is earlier than current UTC time "
                f"'{self._clock.now():%m/%d/%Y %I:%M:%S %p}'.",
                challenge,
            ) from expired
        except jwt.InvalidTokenError as invalid:
            raise self._foreign(token, challenge) from invalid
        return claims

    def _foreign(self, token: str, challenge: str) -> ArmError:
        """What is wrong with a token that this tenant did not sign."""
        try:
            claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        except jwt.InvalidTokenError:
            claims = {}
        if claims.get("tid") in (None, self.tenant_id):
            return _denied("InvalidAuthenticationToken", "The access token is invalid.", challenge)
        mine = f"https://sts.windows.net/{self.tenant_id}/"
        return _denied(
            "InvalidAuthenticationTokenTenant",
            f"The access token is from the wrong issuer '{claims.get('iss')}'. It must match the "
            f"tenant '{mine}' associated with this subscription. Please use the authority (URL) "
            f"'https://login.windows.net/{self.tenant_id}' to get the token.",
            challenge,
        )


def _denied(code: str, message: str, challenge: str) -> ArmError:
    described = f'{challenge}, error="invalid_token", error_description="{message}"'
    missing = code == "AuthenticationFailed"
    return ArmError(
        401, code, message, headers={"WWW-Authenticate": challenge if missing else described}
    )
