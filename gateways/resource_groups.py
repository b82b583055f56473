"""Resource groups, the resources in them, and the state of resource providers."""

from typing import TYPE_CHECKING, Any

from gateways._arm import client_options, present, translated
from model.orphans import Marked
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


class ResourceGroups:
    """Resource groups of one subscription; safe to share between threads."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def connect(
        cls, settings: Settings, credential: "TokenCredential", subscription_id: str
    ) -> "ResourceGroups":
        """Connect lazily."""
        from azure.mgmt.resource.resources import ResourceManagementClient

        return cls(
            ResourceManagementClient(
                credential, subscription_id, **client_options(settings, credential)
            )
        )

    def find(self, name: str) -> dict[str, Any] | None:
        """A group as REST JSON; None when there is none."""
        with translated(f"look at resource group {name}"):
            found = present(lambda: self._client.resource_groups.get(name))
        return None if found is None else dict(found.as_dict())

    def create(self, name: str, location: str, tags: dict[str, str]) -> str:
        """Create the group, or overwrite the tags of one that just appeared; its id."""
        with translated(f"create resource group {name}"):
            made = self._client.resource_groups.create_or_update(
                name, {"location": location, "tags": tags}
            )
        return str(made.id)

    def delete(self, name: str) -> None:
        """Ask for the group's deletion with all in it; does not wait."""
        with translated(f"delete resource group {name}"):
            present(lambda: self._client.resource_groups.begin_delete(name, polling=False))

    def marked(self, name: str, tag: str) -> list[Marked]:
        """All resources of a group that carry a tag; none when there is no group."""
        listed = self._client.resources.list_by_resource_group
        with translated(f"list tagged resources of {name}"):
            found = present(
                lambda: list(listed(name, filter=f"tagName eq '{tag}'", expand="createdTime"))
            )
        return [_marked(resource) for resource in found or ()]

    def all_marked(self, tag: str) -> list[Marked]:
        """All groups and resources of the subscription that carry a tag, groups first."""
        wanted = f"tagName eq '{tag}'"
        with translated("list tagged resource groups"):
            groups = list(self._client.resource_groups.list(filter=wanted))
        with translated("list tagged resources"):
            inside = list(self._client.resources.list(filter=wanted, expand="createdTime"))
        return [_marked(found) for found in (*groups, *inside)]

    def registration(self, namespace: str) -> str:
        """``Registered`` or another state of a resource provider."""
        with translated(f"look at resource provider {namespace}"):
            return str(self._client.providers.get(namespace).registration_state)


def _marked(found: Any) -> Marked:
    return Marked(
        resource_id=str(found.id),
        tags=dict(found.tags or {}),
        created=getattr(found, "created_time", None),
        managed=bool(found.managed_by),
    )
