"""A stand-in for a public certificate authority: root, intermediate and servers."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CA_YEARS = timedelta(days=3650)
_BACKDATED = timedelta(hours=1)
"""Clocks differ; public authorities back-date as well."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key.

    Attributes:
        chain: PEM, this certificate first, then its issuers up to the root.
    """

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: str

    @property
    def pem(self) -> str:
        """This certificate alone."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        """The key, PKCS 8, unencrypted."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()


class PublicAuthority:
    """Root and intermediate, made anew each time.

    Attributes:
        root: Trust this.
        intermediate: Issues the servers' certificates.
    """

    def __init__(self) -> None:
        self.root = _issue("Emulated Public Root", None, path_length=1)
        self.intermediate = _issue("Emulated Public Issuer", self.root, path_length=0)

    def issue(self, *hosts: str, lifetime: timedelta = timedelta(days=90)) -> Issued:
        """A server certificate for ``hosts``, wildcards allowed; its chain ends with the root."""
        return _issue(hosts[0], self.intermediate, hosts=hosts, lifetime=lifetime)


def _issue(
    common_name: str,
    issuer: Issued | None,
    *,
    hosts: tuple[str, ...] = (),
    path_length: int | None = None,
    lifetime: timedelta = _CA_YEARS,
) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])
    signer, parent = (key, subject) if issuer is None else (issuer.key, issuer.certificate.subject)
    start = datetime.now(UTC) - _BACKDATED
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(parent)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    builder = _server(builder, hosts) if hosts else _authority(builder, path_length)
    certificate = builder.sign(signer, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return Issued(certificate, key, pem + (issuer.chain if issuer else ""))


def _server(builder: x509.CertificateBuilder, hosts: tuple[str, ...]) -> x509.CertificateBuilder:
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    return (
        builder.add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_usage(server=True), critical=True)
    )


def _authority(
    builder: x509.CertificateBuilder, path_length: int | None
) -> x509.CertificateBuilder:
    return builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=path_length), critical=True
    ).add_extension(_usage(server=False), critical=True)


def _usage(*, server: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=server,
        key_cert_sign=not server,
        crl_sign=not server,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
