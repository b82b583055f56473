"""Chains and keys that cannot be used, each with its own code."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from emulator.public_authority import PublicAuthority
from model.certificate import PEM_LIMIT, covers, inspect_chain, time_left
from model.domain_names import names

NOW = datetime.now(UTC) + timedelta(minutes=1)
NAMES = names("dash.example.com")
AUTHORITY = PublicAuthority()
ISSUED = AUTHORITY.issue(*NAMES)


def codes(chain: str, key: str, now: datetime = NOW) -> list[str | None]:
    """Of the findings."""
    trust = AUTHORITY.root.pem.encode()
    found = inspect_chain(chain, key, NAMES, trust, now, timedelta(days=14))
    return [finding.code for finding in found]


def signed(
    *extensions: x509.ExtensionType, key: ec.EllipticCurvePrivateKey | None = None
) -> x509.Certificate:
    """A leaf of nobody's, with these extensions."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(
        issuer_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody")]),
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "leaf")]),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=NOW - timedelta(days=1),
        not_valid_after=NOW + timedelta(days=60),
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256())


def test_a_good_chain_is_told_with_its_end() -> None:
    """One finding without a code."""
    assert codes(ISSUED.chain, ISSUED.key_pem) == [None]


@pytest.mark.parametrize(
    ("chain", "key", "code"),
    [
        ("x" * (PEM_LIMIT + 1), ISSUED.key_pem, "certificate-invalid"),
        ("no PEM", ISSUED.key_pem, "certificate-invalid"),
        (ISSUED.chain, "no PEM", "certificate-invalid"),
        (
            ISSUED.chain,
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "certificate-key-encrypted",
        ),
    ],
)
def test_what_cannot_be_read_is_one_error(chain: str, key: str, code: str) -> None:
    """Nothing else is said of it."""
    assert codes(chain, key) == [code]


def test_a_key_with_a_passphrase_is_told_as_such() -> None:
    """The product cannot ask for one."""
    key = serialization.load_pem_private_key(ISSUED.key_pem.encode(), None)
    encrypted = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"made up here"),
    ).decode()

    assert codes(ISSUED.chain, encrypted) == ["certificate-key-encrypted"]


def test_a_certificate_is_judged_at_the_time_given() -> None:
    """Not yet valid, and near its end."""
    assert "certificate-expiring" in codes(ISSUED.chain, ISSUED.key_pem, NOW - timedelta(days=400))
    assert "certificate-expiring" in codes(ISSUED.chain, ISSUED.key_pem, NOW + timedelta(days=85))


def test_another_authoritys_chain_is_not_trusted() -> None:
    """However well it is made."""
    private = PublicAuthority().issue(*NAMES)

    assert codes(private.chain, private.key_pem) == ["certificate-untrusted"]


def test_names_come_from_the_alternative_names_alone() -> None:
    """A wildcard stands for one label; a common name counts for nothing."""
    wild = signed(x509.SubjectAlternativeName([x509.DNSName("*.example.com")]))

    assert covers(wild, "dash.example.com")
    assert not covers(wild, "a.dash.example.com")
    assert not covers(signed(), "leaf")


def test_a_part_that_cannot_be_read_makes_the_chain_invalid() -> None:
    """Bytes under the object id of names that are no names."""
    key = ec.generate_private_key(ec.SECP256R1())
    garbage = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), b"\xff\xff")
    leaf = signed(garbage, key=key)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    chain = leaf.public_bytes(serialization.Encoding.PEM).decode()

    assert codes(chain, pem.decode()) == ["certificate-invalid"]


@pytest.mark.parametrize("days", [-30, 0.5, 30])
def test_the_time_that_is_left_is_that_of_the_first_certificate(days: float) -> None:
    """Negative after its end."""
    leaf = x509.load_pem_x509_certificates(ISSUED.chain.encode())[0]
    left = timedelta(days=days)

    assert time_left(ISSUED.chain, leaf.not_valid_after_utc - left) == left


@pytest.mark.parametrize("chain", ["x" * (PEM_LIMIT + 1), "no PEM"])
def test_of_a_chain_that_cannot_be_read_no_end_is_known(chain: str) -> None:
    """The finding says what is wrong with it."""
    assert time_left(chain, NOW) is None
