"""AKS managed clusters."""

from typing import TYPE_CHECKING, Any

from gateways._arm import client_options, is_status, present, translated
from model.errors import Busy, Refusal
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_PRECONDITION_FAILED = 412


class Clusters:
    """Managed clusters of one subscription; safe to share between threads."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def connect(
        cls, settings: Settings, credential: "TokenCredential", subscription_id: str
    ) -> "Clusters":
        """Connect lazily."""
        from azure.mgmt.containerservice import ContainerServiceClient

        return cls(
            ContainerServiceClient(
                credential, subscription_id, **client_options(settings, credential)
            )
        )

    def find(self, group: str, name: str) -> dict[str, Any] | None:
        """A cluster as REST JSON; None when there is none."""
        with translated(f"look at cluster {name}"):
            found = present(lambda: self._client.managed_clusters.get(group, name))
        return None if found is None else dict(found.as_dict())

    def create(self, group: str, name: str, body: dict[str, Any]) -> bool:
        """Ask for a cluster that must not exist; False when a twin was quicker. Does not wait."""
        from azure.core import MatchConditions

        condition = {"match_condition": MatchConditions.IfMissing}
        with translated(f"create cluster {name}"):
            return self._put(group, name, body, condition)

    def repair(self, group: str, name: str, body: dict[str, Any], etag: str | None) -> bool:
        """Ask again for a cluster that ended Failed; False when it changed since. Does not wait.

        Args:
            group: Its resource group.
            name: Its name.
            body: As for its creation.
            etag: Of the look that found it Failed; None to ask whatever it is now.
        """
        from azure.core import MatchConditions

        same = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
        condition = same if etag else {}
        with translated(f"repair cluster {name}"):
            return self._put(group, name, body, condition)

    def _put(self, group: str, name: str, body: dict[str, Any], condition: dict[str, Any]) -> bool:
        from azure.core.exceptions import HttpResponseError

        clusters = self._client.managed_clusters
        try:
            clusters.begin_create_or_update(group, name, body, polling=False, **condition)
        except HttpResponseError as error:  # a 409 tells of quota and registration too
            if is_status(error, _PRECONDITION_FAILED):
                return False
            raise
        return True

    def delete(self, group: str, name: str) -> None:
        """Ask for a cluster's deletion; does not wait."""
        with translated(f"delete cluster {name}"):
            self._client.managed_clusters.begin_delete(group, name, polling=False)

    def kubeconfig(self, group: str, name: str) -> bytes:
        """The user's kubeconfig: a secret, for immediate use only.

        Raises:
            Refusal: cluster-missing.
            Busy: The cluster has no credential yet.
        """
        listed = self._client.managed_clusters.list_cluster_user_credentials
        with translated(f"read the user credential of cluster {name}"):
            found = present(lambda: listed(group, name))
        if found is None:
            raise Refusal("cluster-missing", f"Cluster {name} does not exist.", passing=True)
        if not found.kubeconfigs:
            raise Busy(f"cluster {name} has no credential yet")
        return bytes(found.kubeconfigs[0].value)

    def versions(self, location: str) -> list[dict[str, Any]]:
        """Kubernetes versions that a region offers, as REST JSON."""
        with translated(f"list Kubernetes versions of {location}"):
            listed = self._client.managed_clusters.list_kubernetes_versions(location)
            return [dict(version) for version in listed.as_dict().get("values", [])]
