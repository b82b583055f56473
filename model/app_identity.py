"""Who the app is to Azure: decided by its settings and by what the platform offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from model.settings import Settings


class Kind(StrEnum):
    """Ways to prove who the app is; the first two hold no secret at all."""

    SYSTEM = "managed-system"
    USER = "managed-user"
    CERTIFICATE = "certificate"
    DEVELOPER = "developer"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppIdentity:
    """What may be shown to everyone.

    Attributes:
        client_id: Empty where Azure chooses it: the system-assigned identity, a developer's login.
    """

    kind: Kind
    client_id: str = ""


class BadIdentity(ValueError):
    """The settings contradict each other; the text names them."""


def platform_offers(environment: Mapping[str, str]) -> bool:
    """Whether App Service put the address of its endpoint for managed identities there."""
    return bool(environment.get("IDENTITY_ENDPOINT"))


def chosen(settings: Settings, *, platform_offers: bool) -> AppIdentity:
    """The identity that ``settings`` ask for.

    Args:
        settings: ``AZURE_IDENTITY`` decides; without it a managed identity is the first choice.
        platform_offers: Whether the platform has an endpoint for managed identities.

    Raises:
        BadIdentity: An unknown choice, or a certificate without what it takes.
    """
    match settings.identity or ("managed" if platform_offers else "developer"):
        case "managed":
            kind = Kind.USER if settings.client_id else Kind.SYSTEM
            return AppIdentity(kind=kind, client_id=settings.client_id)
        case "certificate":
            _check_certificate(settings)
            return AppIdentity(kind=Kind.CERTIFICATE, client_id=settings.client_id)
        case "developer":
            return AppIdentity(kind=Kind.DEVELOPER)
        case other:
            raise BadIdentity(
                f"AZURE_IDENTITY is {other}; it may be managed, certificate or developer."
            )


def _check_certificate(settings: Settings) -> None:
    if not settings.client_id or not settings.tenant_id:
        raise BadIdentity("A certificate needs AZURE_CLIENT_ID and AZURE_TENANT_ID.")
    if bool(settings.certificate_path) == bool(settings.certificate_secret):
        raise BadIdentity(
            "A certificate comes from AZURE_CLIENT_CERTIFICATE_PATH or from"
            " AZURE_CLIENT_CERTIFICATE_SECRET: exactly one of them."
        )
