"""Virtual networks and subnets, and the cluster's role on them."""

from typing import TYPE_CHECKING, Any

from gateways._arm import client_options, is_status, translated
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_NOT_FOUND, _CONFLICT = 404, 409

NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
"""Built-in role:
https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/networking"""


class Networks:
    """Networks of one subscription; safe to share between threads."""

    def __init__(self, client: Any, roles: Any, subscription_id: str) -> None:
        self._client = client
        self._roles = roles
        self._subscription_id = subscription_id

    @classmethod
    def connect(
        cls, settings: Settings, credential: "TokenCredential", subscription_id: str
    ) -> "Networks":
        """Connect lazily."""
        from azure.mgmt.authorization import AuthorizationManagementClient
        from azure.mgmt.network import NetworkManagementClient

        options = client_options(settings)
        return cls(
            NetworkManagementClient(credential, subscription_id, **options),
            AuthorizationManagementClient(credential, subscription_id, **options),
            subscription_id,
        )

    def find(self, group: str, name: str) -> dict[str, Any] | None:
        """A virtual network as REST JSON; None when there is none."""
        from azure.core.exceptions import HttpResponseError

        with translated(f"look at virtual network {name}"):
            try:
                return dict(self._client.virtual_networks.get(group, name).as_dict())
            except HttpResponseError as error:
                if is_status(error, _NOT_FOUND):
                    return None
                raise

    def find_subnet(self, subnet_id: str) -> dict[str, Any] | None:
        """A subnet by its resource id; None when there is none."""
        from azure.core.exceptions import HttpResponseError

        parts = subnet_id.strip("/").split("/")
        group, network, subnet = parts[3], parts[7], parts[9]
        with translated(f"look at subnet {subnet}"):
            try:
                return dict(self._client.subnets.get(group, network, subnet).as_dict())
            except HttpResponseError as error:
                if is_status(error, _NOT_FOUND):
                    return None
                raise

    def create(self, group: str, name: str, body: dict[str, Any]) -> None:
        """Ask for a virtual network with its subnets; does not wait."""
        with translated(f"create virtual network {name}"):
            self._client.virtual_networks.begin_create_or_update(group, name, body, polling=False)

    def delete(self, group: str, name: str) -> None:
        """Ask for a network's deletion; does not wait."""
        with translated(f"delete virtual network {name}"):
            self._client.virtual_networks.begin_delete(group, name, polling=False)

    def grant(self, scope: str, assignment: str, principal_id: str) -> bool:
        """Give a principal Network Contributor on ``scope``; False when it has it already.

        Args:
            scope: Resource id.
            assignment: Name (a UUID) of the role assignment; the same one each time.
            principal_id: Object id of the principal.
        """
        from azure.core.exceptions import HttpResponseError

        definition = (
            f"/subscriptions/{self._subscription_id}/providers/Microsoft.Authorization"
            f"/roleDefinitions/{NETWORK_CONTRIBUTOR}"
        )
        properties = {
            "roleDefinitionId": definition,
            "principalId": principal_id,
            "principalType": "ServicePrincipal",
        }
        with translated("grant the cluster its role on the subnet"):
            try:
                self._roles.role_assignments.create(scope, assignment, {"properties": properties})
            except HttpResponseError as error:
                if is_status(error, _CONFLICT):
                    return False
                raise
        return True
