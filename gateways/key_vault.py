"""One Key Vault's secrets: read at the last moment, never kept."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateways._principal import object_id
from model.actions import VAULT_SECRETS, grant_command
from model.errors import Busy, Refusal
from model.ownership import MANAGED_BY
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.exceptions import HttpResponseError
    from azure.keyvault.secrets import SecretClient

_SCOPE = "https://vault.azure.net/.default"
_UNAUTHORIZED = "not authorized to perform action"
"""How a vault words a missing role:
https://learn.microsoft.com/azure/key-vault/general/common-error-codes"""


class VaultFault(Exception):
    """An answer that is no secret; what it says is left out, for it may quote the secret."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(f"Key Vault answers HTTP {status} to a read of secret {name}")


class KeyVault:
    """Reads secrets of one vault; safe to share between threads."""

    def __init__(self, client: "SecretClient", who: Callable[[], str] = str) -> None:
        self._client = client
        self._who = who

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
                "vault-not-allowed",
                f"The app may not send its token to {urlsplit(vault_uri).hostname}.",
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
        return cls(client, lambda: object_id(credential, _SCOPE))

    def get(self, name: str) -> str:
        """The current value of a secret; for immediate use only.

        Raises:
            Refusal: secret-missing, secret-forbidden.
            Busy: The vault throttles.
            VaultFault: It answers anything else.
        """
        from azure.core.exceptions import HttpResponseError

        try:
            value = self._client.get_secret(name).value
        except HttpResponseError as error:
            if error.status_code is None:  # no answer of the vault: nothing that could quote
                raise
            raise self._translated(name, error) or VaultFault(name, error.status_code) from None
        if not value:
            raise Refusal("secret-missing", f"Secret {name} has no value.")
        return value

    def _translated(self, name: str, error: "HttpResponseError") -> Exception | None:
        match error.status_code:
            case 404:
                return Refusal("secret-missing", f"Key Vault has no secret {name}.")
            case 403 if _UNAUTHORIZED in (error.message or ""):
                return self._denied(name)
            case 403:
                return Refusal(
                    "secret-forbidden", f"The app may not read secret {name}, or it is disabled."
                )
            case 429:
                return Busy("Key Vault throttles")
            case _:
                return None

    def _denied(self, name: str) -> Refusal:
        vault = (urlsplit(self._client.vault_url).hostname or "").partition(".")[0]
        scope = f"$(az keyvault show --name {vault} --query id --output tsv)"
        action = VAULT_SECRETS.data_actions[0]
        return Refusal(
            "secret-forbidden",
            f"The app may not do {action} on secret {name}.",
            grant_command(VAULT_SECRETS.name, scope, self._who()),
        )


def vault_allowed(vault_uri: str, settings: Settings) -> bool:
    """Whether our token may be sent to the host of ``vault_uri``."""
    parts = urlsplit(vault_uri)
    host = parts.hostname or ""
    suffixes = [suffix.strip() for suffix in settings.vault_suffix.split(",") if suffix.strip()]
    return parts.scheme == "https" and any(
        host == suffix or (suffix.startswith(".") and host.endswith(suffix)) for suffix in suffixes
    )
