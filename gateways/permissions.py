"""The app's own rights at a scope."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateways._arm import client_options, is_status, translated
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_NOT_FOUND, _FORBIDDEN = 404, 403


@dataclass(frozen=True, slots=True)
class Permission:
    """One grant: its actions, minus its notActions."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...]


class Permissions:
    """Own permissions in one subscription; safe to share between threads."""

    def __init__(self, client: Any, subscription_id: str) -> None:
        self._client = client
        self._subscription_id = subscription_id

    @classmethod
    def connect(
        cls, settings: Settings, credential: "TokenCredential", subscription_id: str
    ) -> "Permissions":
        """Connect lazily."""
        from azure.mgmt.authorization import AuthorizationManagementClient

        options = client_options(settings)
        return cls(
            AuthorizationManagementClient(credential, subscription_id, **options), subscription_id
        )

    def of_group(self, group: str) -> list[Permission] | None:
        """Permissions at a resource group; None when they may not be read, or there is no group."""
        from azure.core.exceptions import HttpResponseError

        with translated(f"read own permissions on {group}"):
            try:
                listed = list(self._client.permissions.list_for_resource_group(group))
            except HttpResponseError as error:
                if is_status(error, _NOT_FOUND, _FORBIDDEN):
                    return None
                raise
        return [Permission(tuple(p.actions or ()), tuple(p.not_actions or ())) for p in listed]
