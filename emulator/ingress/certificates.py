"""Server-side TLS contexts, and the certificate that ingress-nginx shows for unknown names."""

import ssl
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_FAKE_NAME = "Kubernetes Ingress Controller Fake Certificate"
"""Subject of the default certificate
(https://kubernetes.github.io/ingress-nginx/user-guide/tls/#default-ssl-certificate)."""


def server_context(chain_pem: bytes, key_pem: bytes) -> ssl.SSLContext:
    """A context that shows the chain; the key touches the disk for a moment, readable by us alone.

    Raises:
        ssl.SSLError: The key does not fit the chain, or is encrypted.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        chain, key = Path(folder, "tls.crt"), Path(folder, "tls.key")
        chain.write_bytes(chain_pem)
        key.write_bytes(key_pem)
        context.load_cert_chain(chain, key, password="")
    return context


def fake_context(now: datetime) -> ssl.SSLContext:
    """A context with the controller's self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme Co"),
            x509.NameAttribute(NameOID.COMMON_NAME, _FAKE_NAME),
        ]
    )
    names = x509.SubjectAlternativeName([x509.DNSName("ingress.local")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    return server_context(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
