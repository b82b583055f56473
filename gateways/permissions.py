"""The app's own rights at a scope."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateways._arm import PUBLIC_CLOUD, client_options, is_status, translated
from gateways._principal import object_id
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_API_VERSION = "2022-04-01"
_UNREADABLE = (400, 403, 404)
"""403: the right to read rights is missing; 404: there is no such group; 400: nor such a scope."""
_FAILED = 400


@dataclass(frozen=True, slots=True)
class Permission:
    """One grant: its actions, minus its notActions."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...]


class Permissions:
    """Own permissions in one subscription; safe to share between threads.

    The SDK has no call for a subscription's scope, so the same REST operation is called here for
    both scopes: https://learn.microsoft.com/rest/api/authorization/permissions
    """

    def __init__(
        self, client: Any, subscription_id: str, principal_id: Callable[[], str] = str
    ) -> None:
        self._client = client
        self._subscription = f"/subscriptions/{subscription_id}"
        self._principal_id = principal_id

    @classmethod
    def connect(
        cls, settings: Settings, credential: "TokenCredential", subscription_id: str
    ) -> "Permissions":
        """Connect lazily."""
        from azure.mgmt.core import ARMPipelineClient

        options = {"base_url": PUBLIC_CLOUD} | client_options(settings, credential)
        scope = settings.arm_scope or f"{PUBLIC_CLOUD}/.default"
        return cls(
            ARMPipelineClient(**options), subscription_id, lambda: object_id(credential, scope)
        )

    def principal_id(self) -> str:
        """Object id of the app's own identity; empty when its token does not tell."""
        return self._principal_id()

    def of_group(self, group: str) -> list[Permission] | None:
        """Permissions at a resource group; None when they may not be read, or there is no group."""
        return self.at(f"{self._subscription}/resourcegroups/{group}")

    def of_subscription(self) -> list[Permission] | None:
        """Permissions at the subscription; None when they may not be read."""
        return self.at(self._subscription)

    def at(self, scope: str) -> list[Permission] | None:
        """Permissions at any scope, by its ARM id; None when they may not be read."""
        from azure.core.exceptions import HttpResponseError

        page = f"{scope}/providers/Microsoft.Authorization/permissions?api-version={_API_VERSION}"
        held: list[Permission] = []
        with translated("read own permissions"):
            while page:
                try:
                    answer = self._read(page)
                except HttpResponseError as error:
                    if is_status(error, *_UNREADABLE):
                        return None
                    raise
                held += [_permission(found) for found in answer.get("value", [])]
                page = answer.get("nextLink") or ""
        return held

    def _read(self, page: str) -> dict[str, Any]:
        from azure.core.exceptions import HttpResponseError
        from azure.core.rest import HttpRequest

        url = self._client.format_url(page)
        answer = self._client.send_request(HttpRequest("GET", url))
        if answer.status_code >= _FAILED:
            raise HttpResponseError(response=answer)
        return dict(answer.json())


def _permission(found: dict[str, Any]) -> Permission:
    return Permission(tuple(found.get("actions") or ()), tuple(found.get("notActions") or ()))
