"""The proof of a principal that holds a certificate: a JWT signed with the certificate's key.

Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
"""

import base64
from collections.abc import Collection
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes

_NUMBER = 700027
_UNKNOWN = "The certificate used to sign the client assertion is not registered on application."


class Unproven(Exception):
    """Why an assertion proves nothing, in Entra ID's words."""

    def __init__(self, number: int, message: str) -> None:
        self.number = number
        self.message = message
        super().__init__(message)


def check(assertion: str, certificate: bytes, client_id: str, audiences: Collection[str]) -> None:
    """Whether ``assertion`` is signed with the key of ``certificate``, by and for the right ones.

    Args:
        assertion: The JWT.
        certificate: PEM, as registered for the application.
        client_id: Who must be issuer and subject.
        audiences: Addresses of this login server that it may be made for.

    Raises:
        Unproven: Another key or certificate, another client, another audience, or too old.
    """
    known = x509.load_pem_x509_certificate(certificate)
    key: Any = known.public_key()
    try:
        header = jwt.get_unverified_header(assertion)
        claims: dict[str, Any] = jwt.decode(
            assertion,
            key,
            algorithms=["RS256", "PS256"],
            options={"verify_aud": False, "require": ["exp", "iss", "sub", "aud", "jti"]},
        )
    except jwt.ExpiredSignatureError as expired:
        raise Unproven(700024, "Client assertion is not within its valid time range.") from expired
    except jwt.InvalidTokenError as invalid:
        raise Unproven(_NUMBER, _UNKNOWN) from invalid
    if not _names(header, known):
        raise Unproven(_NUMBER, _UNKNOWN)
    if not claims["iss"] == claims["sub"] == client_id:
        raise Unproven(
            700021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        )
    if claims["aud"] not in audiences:
        raise Unproven(700023, "Client assertion audience claim does not match Realm issuer.")


def _names(header: dict[str, Any], certificate: x509.Certificate) -> bool:
    """Whether the header tells the certificate's thumbprint."""
    told = {"x5t": hashes.SHA1(), "x5t#S256": hashes.SHA256()}  # noqa: S303 # the protocol's own
    present = [(header[name], kind) for name, kind in told.items() if name in header]
    return bool(present) and all(
        value == base64.urlsafe_b64encode(certificate.fingerprint(kind)).decode().rstrip("=")
        or value == base64.urlsafe_b64encode(certificate.fingerprint(kind)).decode()
        for value, kind in present
    )
