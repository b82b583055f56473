"""The key pair by which an API server signs and checks the tokens of service accounts."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def write_service_account_keys(folder: Path) -> None:
    """Write ``accounts.key`` and ``accounts.pub``, PEM, the first for this user alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = folder / "accounts.key"
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    (folder / "accounts.pub").write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
