"""What was seen at a host of the installation: proofs, good and bad."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsEvidence:
    """One TLS handshake.

    Attributes:
        protocol: ``TLSv1.3`` or the like; empty when no handshake succeeded.
        not_after: End of the leaf's validity, UTC; None when no certificate was seen.
        issuer: Common name of the leaf's issuer, else its organization; empty when none was seen.
        verified: Whether chain, dates and host name are right for a client with the given trust.
        reason: Why not, in OpenSSL's words; empty when verified.
    """

    host: str
    protocol: str
    not_after: datetime | None
    issuer: str
    verified: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpEvidence:
    """One answer to a GET over a verified connection; redirects are not followed.

    Attributes:
        status: HTTP status.
        location: Target of a redirect; empty without one.
        content_type: Media type without parameters, in lower case; may be empty.
        excerpt: First 2,048 characters of the body.
    """

    host: str
    path: str
    status: int
    location: str
    content_type: str
    excerpt: str
