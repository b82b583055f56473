"""Virtual networks and subnets, and the cluster's role on them."""

from typing import TYPE_CHECKING, Any

from gateways._arm import client_options, is_status, present, translated
from model.resource_id import ResourceId
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_CONFLICT = 409

NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
"""Built-in role:
https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/networking"""


class Networks:
    """Networks of one subscription; safe to share between threads."""

    def __init__(self, client: Any, roles: Any) -> None:
        self._client = client
        self._roles = roles

    @classmethod
    def connect(
        cls, settings: Settings, credential: "TokenCredential", subscription_id: str
    ) -> "Networks":
        """Connect lazily."""
        from azure.mgmt.authorization import AuthorizationManagementClient
        from azure.mgmt.network import NetworkManagementClient

        options = client_options(settings, credential)
        roles = client_options(settings, credential)
        return cls(
            NetworkManagementClient(credential, subscription_id, **options),
            AuthorizationManagementClient(credential, subscription_id, **roles),
        )

    def find(self, group: str, name: str) -> dict[str, Any] | None:
        """A virtual network as REST JSON; None when there is none."""
        with translated(f"look at virtual network {name}"):
            found = present(lambda: self._client.virtual_networks.get(group, name))
        return None if found is None else dict(found.as_dict())

    def find_subnet(self, subnet: ResourceId) -> dict[str, Any] | None:
        """A subnet of this subscription as REST JSON; None when there is none."""
        network, name = subnet.names
        with translated(f"look at subnet {name} of {network}"):
            found = present(lambda: self._client.subnets.get(subnet.group, network, name))
        return None if found is None else dict(found.as_dict())

    def create(self, group: str, name: str, body: dict[str, Any]) -> str:
        """Ask for a virtual network with its subnets; its id. Does not wait."""
        networks = self._client.virtual_networks
        with translated(f"create virtual network {name}"):
            begun = networks.begin_create_or_update(group, name, body, polling=False)
        return str(begun.result().id)

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

        subscription = scope.strip("/").split("/")[1]
        properties = {
            "roleDefinitionId": f"/subscriptions/{subscription}/providers/Microsoft.Authorization"
            f"/roleDefinitions/{NETWORK_CONTRIBUTOR}",
            "principalId": principal_id,
            "principalType": "ServicePrincipal",
        }
        assignments = self._roles.role_assignments
        with translated("grant the cluster its role on the subnet"):
            if present(lambda: assignments.get(scope, assignment)) is not None:
                return False
            try:
                assignments.create(scope, assignment, {"properties": properties})
            except HttpResponseError as error:
                if is_status(error, _CONFLICT):  # somebody granted it under another name
                    return False
                raise
        return True
