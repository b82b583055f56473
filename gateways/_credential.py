"""Who we are to Azure: a managed identity, a service principal, or a developer's own login."""

import base64
import binascii
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from model.app_identity import AppIdentity, BadIdentity, Kind, chosen, platform_offers
from model.errors import Refusal
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_PEM = "-----BEGIN "
_SECRET_PATH_PARTS = 2
"""``/secrets/<name>``; a version may follow and is not looked at, so that a rotation counts."""


def identity(settings: Settings) -> AppIdentity:
    """Which identity the app uses here; sends nothing.

    Raises:
        Refusal: identity-unusable; the settings contradict each other.
    """
    try:
        return chosen(settings, platform_offers=platform_offers(os.environ))
    except BadIdentity as bad:
        raise _unusable(str(bad)) from bad


def _unusable(reason: str) -> Refusal:
    return Refusal("identity-unusable", reason)


def credential(settings: Settings) -> "TokenCredential":
    """The chosen identity's credential. No token is asked for before it is needed.

    A certificate in Key Vault is read here, by the managed identity; one that is renewed counts
    from the app's next start.

    Raises:
        Refusal: identity-unusable; the settings contradict each other, or the certificate cannot
            be used. Or its secret is missing or forbidden.
    """
    match identity(settings).kind:
        case Kind.SYSTEM | Kind.USER:
            return _managed(settings.client_id)
        case Kind.CERTIFICATE:
            return _certificate(settings)
        case Kind.DEVELOPER:
            from azure.identity import AzureCliCredential

            return AzureCliCredential(tenant_id=settings.tenant_id)


def _managed(client_id: str) -> "TokenCredential":
    from azure.identity import ManagedIdentityCredential

    return ManagedIdentityCredential(client_id=client_id or None)


def _certificate(settings: Settings) -> "TokenCredential":
    from azure.identity import CertificateCredential

    if settings.certificate_path:
        data = _read(Path(settings.certificate_path))
    else:
        data = _from_vault(settings)
    options: dict[str, Any] = {}
    if settings.authority_host:  # an authority that Microsoft's own list need not know
        options = {"authority": settings.authority_host, "disable_instance_discovery": True}
    if settings.arm_ca_file:
        options["connection_verify"] = settings.arm_ca_file
    try:
        return CertificateCredential(
            settings.tenant_id, settings.client_id, certificate_data=data, **options
        )
    except ValueError:
        raise _unusable(
            "The certificate is neither PEM nor PFX without a password, or it lacks its key."
        ) from None  # the cause may quote what it could not read


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unusable(
            f"AZURE_CLIENT_CERTIFICATE_PATH cannot be read: {error.strerror}."
        ) from error


def _from_vault(settings: Settings) -> bytes:
    """A certificate's secret is PEM as it is, or PFX in base64.

    https://learn.microsoft.com/azure/key-vault/certificates/about-certificates
    """
    from gateways.key_vault import KeyVault

    url = urlsplit(settings.certificate_secret)
    parts = url.path.strip("/").split("/")
    if len(parts) < _SECRET_PATH_PARTS or parts[0] != "secrets":
        raise _unusable("AZURE_CLIENT_CERTIFICATE_SECRET must be https://<vault>/secrets/<name>.")
    vault = KeyVault.connect(settings, _managed(""), f"{url.scheme}://{url.netloc}")
    value = vault.get(parts[1])
    if value.lstrip().startswith(_PEM):
        return value.encode()
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise _unusable("The certificate in Key Vault is neither PEM nor base64.") from None
