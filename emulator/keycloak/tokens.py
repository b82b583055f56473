"""JSON Web Tokens as Keycloak's look, signed with RSA as Keycloak's are."""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_BITS = 2048
_KEY_ID = "emulator"


@cache
def _process_key() -> rsa.RSAPrivateKey:
    """One for all servers of this process, because making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=_BITS)


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs and checks tokens (RFC 7515, ``RS256``)."""

    key: rsa.RSAPrivateKey = field(default_factory=_process_key, repr=False)

    @property
    def public_key(self) -> str:
        """As realms show it: base64 of the DER form."""
        encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        return base64.b64encode(self.key.public_key().public_bytes(encoding, form)).decode()

    @property
    def key_set(self) -> dict[str, Any]:
        """A JSON Web Key Set (RFC 7517)."""
        numbers = self.key.public_key().public_numbers()
        key = {
            "kid": _KEY_ID,
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "n": _encode(numbers.n.to_bytes(_BITS // 8)),
            "e": _encode(numbers.e.to_bytes(3)),
        }
        return {"keys": [key]}

    def sign(self, claims: dict[str, Any], *, now: datetime, lifespan: timedelta) -> str:
        """A compact token with ``iat`` and ``exp`` added to the claims."""
        whole = {"exp": int((now + lifespan).timestamp()), "iat": int(now.timestamp()), **claims}
        head = _encode(json.dumps({"alg": "RS256", "typ": "JWT", "kid": _KEY_ID}).encode())
        body = _encode(json.dumps(whole).encode())
        signed = f"{head}.{body}"
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_encode(signature)}"

    def claims(self, token: str, *, now: datetime) -> dict[str, Any] | None:
        """The claims of a token of ours that has not expired; None for any other text."""
        signed, _, signature = token.rpartition(".")
        try:
            self.key.public_key().verify(
                _decode(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except (InvalidSignature, ValueError):
            return None
        claims: dict[str, Any] = json.loads(_decode(signed.partition(".")[2]))
        return claims if claims["exp"] > now.timestamp() else None


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
