"""The TLS chain and key of an installation, judged before anything is created.

Dash Enterprise 5 wants one PEM in the order server, intermediate, root, an unencrypted key, and a
certificate of a public authority; self-signed ones and those of private authorities are refused:
https://dash.plotly.com/dash-enterprise/install-multi-node-aks
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509 import verification

from model.finding import Finding, error, info

PEM_LIMIT = 64 * 1024
"""Characters; a Key Vault secret holds 25 KB:
https://learn.microsoft.com/azure/key-vault/secrets/about-secrets"""


_UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises for certificates and keys that it cannot read, at once or when asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A PEM chain that could be read, and its key; kept out of ``repr`` by holding objects only."""

    certificates: tuple[x509.Certificate, ...]
    key: PrivateKeyTypes

    @property
    def leaf(self) -> x509.Certificate:
        """The first certificate, which should be the server's."""
        return self.certificates[0]


def inspect_chain(  # noqa: PLR0913, PLR0917 # the six things a judgement rests on
    chain_pem: str,
    key_pem: str,
    names: tuple[str, ...],
    trust_pem: bytes,
    now: datetime,
    margin: timedelta,
) -> tuple[Finding, ...]:
    """Everything wrong with a chain and its key; one info finding when nothing is.

    Args:
        chain_pem: PEM blocks as stored.
        key_pem: PEM of the key.
        names: Names that must be covered.
        trust_pem: Roots to trust, PEM.
        now: Time of judgement, aware.
        margin: A certificate that ends sooner is an error.
    """
    read = _read(chain_pem, key_pem)
    if isinstance(read, Finding):
        return (read,)
    try:
        faults = tuple(_faults(read, names, trust_pem, now, margin))
    except (TypeError, *_UNREADABLE):
        found = (
            "A certificate of the chain has parts that cannot be read, or a key of no known kind."
        )
        return (error("certificate.chain", "certificate-invalid", found),)
    if faults:
        return faults
    ends = read.leaf.not_valid_after_utc
    found = f"The certificate covers all {len(names)} names and is valid until {ends:%Y-%m-%d}."
    return (info("certificate", found),)


def time_left(chain_pem: str, now: datetime) -> timedelta | None:
    """How long until the first certificate of a chain ends, negative after it.

    None when the chain cannot be read; ``inspect_chain`` says so.
    """
    if len(chain_pem) > PEM_LIMIT:
        return None
    try:
        leaf = x509.load_pem_x509_certificates(chain_pem.encode())[0]
    except _UNREADABLE:
        return None
    return leaf.not_valid_after_utc - now


def _read(chain_pem: str, key_pem: str) -> Chain | Finding:
    if max(len(chain_pem), len(key_pem)) > PEM_LIMIT:
        found = f"The chain or the key has more than {PEM_LIMIT} characters."
        return error("certificate.chain", "certificate-invalid", found)
    try:
        certificates = x509.load_pem_x509_certificates(chain_pem.encode())
    except _UNREADABLE:
        return error("certificate.chain", "certificate-invalid", "The chain is not PEM.")
    try:
        key = serialization.load_pem_private_key(key_pem.encode(), password=None)
    except TypeError:
        return error("certificate.key", "certificate-key-encrypted", "The key has a passphrase.")
    except _UNREADABLE:
        if "ENCRYPTED" in key_pem:
            found = "The key has a passphrase."
            return error("certificate.key", "certificate-key-encrypted", found)
        return error("certificate.key", "certificate-invalid", "The key is not PEM.")
    return Chain(certificates=tuple(certificates), key=key)


def _faults(
    chain: Chain, names: tuple[str, ...], trust_pem: bytes, now: datetime, margin: timedelta
) -> Iterator[Finding]:
    if chain.key.public_key() != chain.leaf.public_key():
        found = "The key does not belong to the first certificate of the chain."
        yield error("certificate.key", "certificate-key-mismatch", found)
    if chain.leaf.issuer == chain.leaf.subject:
        yield error(
            "certificate.issuer", "certificate-self-signed", "The first certificate is self-signed."
        )
        return
    disorder = _disorder(chain)
    if disorder:
        yield error("certificate.order", "certificate-order", disorder)
    yield from _validity(chain.leaf, now, margin)
    missing = [name for name in names if not covers(chain.leaf, name)]
    if missing:
        found = f"The certificate does not cover {', '.join(missing)}."
        yield error("certificate.names", "certificate-names-missing", found)
    elif not disorder and not _trusted(chain, names[0], trust_pem, now):
        found = f"The chain of {_name(chain.leaf)} does not verify against the trusted roots."
        yield error("certificate.trust", "certificate-untrusted", found)


def _disorder(chain: Chain) -> str:
    """Which certificate is out of order; empty when each is followed by its issuer."""
    for number, (issued, issuer) in enumerate(
        zip(chain.certificates, chain.certificates[1:], strict=False), start=1
    ):
        try:
            issued.verify_directly_issued_by(issuer)
        except (TypeError, InvalidSignature, *_UNREADABLE):
            return (
                f"Certificate {number} ({_name(issued)}) is not issued by certificate"
                f" {number + 1} ({_name(issuer)})."
            )
    return ""


def _validity(leaf: x509.Certificate, now: datetime, margin: timedelta) -> Iterator[Finding]:
    begins, ends = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if now < begins:
        found = f"The certificate is valid only from {begins:%Y-%m-%d %H:%M} UTC."
        yield error("certificate.validity", "certificate-expiring", found)
    if ends - now < margin:
        found = f"The certificate ends on {ends:%Y-%m-%d}; {margin.days} days must be left."
        yield error("certificate.validity", "certificate-expiring", found)


def covers(leaf: x509.Certificate, name: str) -> bool:
    """Whether a subject alternative name matches; a wildcard stands for one label (RFC 6125)."""
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return False
    alternatives = [n.lower() for n in extension.value.get_values_for_type(x509.DNSName)]
    _, _, parent = name.partition(".")
    return name in alternatives or f"*.{parent}" in alternatives


def _trusted(chain: Chain, name: str, trust_pem: bytes, now: datetime) -> bool:
    roots = x509.load_pem_x509_certificates(trust_pem)
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store(roots))
        .time(now)
        .build_server_verifier(x509.DNSName(name))
    )
    try:
        verifier.verify(chain.leaf, list(chain.certificates[1:]))
    except verification.VerificationError:
        return False
    return True


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or f"serial {certificate.serial_number:x}"
