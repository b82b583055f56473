"""One Key Vault's secrets: read at the last moment, never kept."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from model.errors import Busy, Refusal
from model.ownership import MANAGED_BY
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.keyvault.secrets import SecretClient

_FORBIDDEN, _NOT_FOUND, _THROTTLED = 403, 404, 429


class KeyVault:
    """Reads secrets of one vault; safe to share between threads."""

    def __init__(self, client: "SecretClient") -> None:
        self._client = client

    @classmethod
    def connect(
        cls, settings: Settings, credential: "TokenCredential", vault_uri: str
    ) -> "KeyVault":
        """Connect lazily; the first ``get`` is the first request.

        Raises:
            Refusal: vault-not-allowed; the host has none of the allowed suffixes, so our token
                must not be sent there.
        """
        from azure.keyvault.secrets import SecretClient

        if not vault_allowed(vault_uri, settings):
            raise Refusal(
                "vault-not-allowed", f"{urlsplit(vault_uri).hostname} is no allowed vault."
            )
        trust = {"connection_verify": settings.arm_ca_file} if settings.arm_ca_file else {}
        client = SecretClient(
            vault_uri,
            credential,
            verify_challenge_resource=settings.vault_verify_challenge != "false",
            retry_total=2,
            connection_timeout=5,
            read_timeout=20,
            user_agent=MANAGED_BY,
            **trust,
        )
        return cls(client)

    def get(self, name: str) -> str:
        """The current value of a secret; for immediate use only.

        Raises:
            Refusal: secret-missing, secret-forbidden.
            Busy: The vault throttles.
        """
        from azure.core.exceptions import HttpResponseError

        try:
            value = self._client.get_secret(name).value
        except HttpResponseError as error:
            raise _translated(name, error) or error from error
        if not value:
            raise Refusal("secret-missing", f"Secret {name} has no value.")
        return value


def _translated(name: str, error: Exception) -> Exception | None:
    status = getattr(error, "status_code", None)
    if status == _NOT_FOUND:
        return Refusal("secret-missing", f"Key Vault has no secret {name}.")
    if status == _FORBIDDEN:
        return Refusal(
            "secret-forbidden", f"The app may not read secret {name}, or it is disabled."
        )
    if status == _THROTTLED:
        return Busy("Key Vault throttles")
    return None


def vault_allowed(vault_uri: str, settings: Settings) -> bool:
    """Whether our token may be sent to the host of ``vault_uri``."""
    parts = urlsplit(vault_uri)
    host = parts.hostname or ""
    suffixes = [suffix.strip() for suffix in settings.vault_suffix.split(",") if suffix.strip()]
    return parts.scheme == "https" and any(
        host == suffix or (suffix.startswith(".") and host.endswith(suffix)) for suffix in suffixes
    )
