"""JSON Web Tokens as Keycloak's look, signed with a key that lives as long as the server."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs and checks tokens with HMAC-SHA256 (RFC 7515, ``HS256``)."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def sign(self, claims: dict[str, Any], *, now: datetime, lifespan: timedelta) -> str:
        """A compact token with ``iat`` and ``exp`` added to the claims."""
        whole = {"exp": int((now + lifespan).timestamp()), "iat": int(now.timestamp()), **claims}
        head = _encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "emulator"}).encode())
        body = _encode(json.dumps(whole).encode())
        return f"{head}.{body}.{self._signature(f'{head}.{body}')}"

    def claims(self, token: str, *, now: datetime) -> dict[str, Any] | None:
        """The claims of a token of ours that has not expired; None for any other text."""
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._signature(signed).encode(), signature.encode()):
            return None
        body = signed.partition(".")[2]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return claims if claims["exp"] > now.timestamp() else None

    def _signature(self, signed: str) -> str:
        return _encode(hmac.new(self.key, signed.encode(), hashlib.sha256).digest())


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
