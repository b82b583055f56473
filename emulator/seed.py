"""What a customer prepares: certificate, license, passwords; new for each run."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from emulator.public_authority import PublicAuthority

ZONES = ("example.com", "example.org")
"""Public DNS zones of the emulated subscription; both names are reserved by RFC 2606."""

WILDCARDS = tuple(f"*.{zone}" for zone in ZONES)
"""A wildcard of the parent zone covers a base domain and its six siblings."""

APP_SLUG = "dash-enterprise"
"""Slug of the emulated release; the true one is in the customer's license."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSecrets:
    """Values for the vault; kept out of ``repr``.

    Attributes:
        certificate: PEM chain: server, intermediate, root.
        certificate_key: PEM, unencrypted.
        smtp_password: What a configuration may name besides, here the mail server's password.
        license: A ``kots.io/v1beta1`` License document.
    """

    certificate: str = field(repr=False)
    certificate_key: str = field(repr=False)
    license: str = field(repr=False)
    admin_console_password: str = field(repr=False)
    administrator_password: str = field(repr=False)
    smtp_password: str = field(repr=False)


def customer_secrets(
    authority: PublicAuthority, hosts: tuple[str, ...] = WILDCARDS
) -> CustomerSecrets:
    """Secrets of a customer whose certificate covers ``hosts``."""
    issued = authority.issue(*hosts)
    return CustomerSecrets(
        certificate=issued.chain,
        certificate_key=issued.key_pem,
        license=license_document(datetime.now(UTC) + timedelta(days=365)),
        admin_console_password=secrets.token_urlsafe(18),
        administrator_password=secrets.token_urlsafe(18),
        smtp_password=secrets.token_urlsafe(18),
    )


def license_document(
    expires_at: datetime | None, *, channels: tuple[str, ...] = ("stable",)
) -> str:
    """A license; ``expires_at`` None means that it never expires."""
    expiry = expires_at.strftime("%Y-%m-%dT00:00:00Z") if expires_at else ""
    document: dict[str, Any] = {
        "apiVersion": "kots.io/v1beta1",
        "kind": "License",
        "metadata": {"name": "emulated-customer"},
        "spec": {
            "appSlug": APP_SLUG,
            "licenseID": secrets.token_hex(16),
            "licenseType": "dev",
            "licenseSequence": 1,
            "customerName": "Emulated Customer",
            "endpoint": "https://replicated.app",
            "replicatedProxyDomain": "proxy.replicated.com",
            "channelID": "stable-id",
            "channelName": channels[0],
            "channels": [
                {
                    "channelID": f"{slug}-id",
                    "channelSlug": slug,
                    "channelName": slug.title(),
                    "isDefault": slug == channels[0],
                    "endpoint": "https://replicated.app",
                    "replicatedProxyDomain": "proxy.replicated.com",
                }
                for slug in channels
            ],
            "entitlements": {
                "expires_at": {
                    "title": "Expiration",
                    "value": expiry,
                    "valueType": "String",
                    "signature": {},
                }
            },
            "signature": secrets.token_urlsafe(64),
        },
    }
    return yaml.safe_dump(document, sort_keys=False)
