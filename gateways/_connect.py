"""Hands out connected gateways: one value per worker process, connected on first use."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from model.endpoint import Endpoint
from model.plan import ClusterTarget
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

    from gateways.clusters import Clusters
    from gateways.compute import Compute
    from gateways.dns_zones import DnsZones
    from gateways.key_vault import KeyVault
    from gateways.kubernetes import Kubernetes
    from gateways.networks import Networks
    from gateways.permissions import Permissions
    from gateways.resolver import Resolver
    from gateways.resource_groups import ResourceGroups

_HTTPS = 443


class Gateways:
    """Every outside system, connected on first use; safe to share between threads.

    Args:
        settings: Where the systems are and whom to trust.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._connected: dict[tuple[str, ...], object] = {}
        self._lock = threading.Lock()

    def resource_groups(self, subscription_id: str) -> "ResourceGroups":
        """Resource groups and the resources in them."""
        from gateways.resource_groups import ResourceGroups

        return self._once(
            lambda: ResourceGroups.connect(self.settings, self._credential(), subscription_id),
            "resource_groups",
            subscription_id,
        )

    def networks(self, subscription_id: str) -> "Networks":
        """Virtual networks, subnets and roles on them."""
        from gateways.networks import Networks

        return self._once(
            lambda: Networks.connect(self.settings, self._credential(), subscription_id),
            "networks",
            subscription_id,
        )

    def clusters(self, subscription_id: str) -> "Clusters":
        """AKS managed clusters."""
        from gateways.clusters import Clusters

        return self._once(
            lambda: Clusters.connect(self.settings, self._credential(), subscription_id),
            "clusters",
            subscription_id,
        )

    def compute(self, subscription_id: str) -> "Compute":
        """Quota and SKUs."""
        from gateways.compute import Compute

        return self._once(
            lambda: Compute.connect(self.settings, self._credential(), subscription_id),
            "compute",
            subscription_id,
        )

    def permissions(self, subscription_id: str) -> "Permissions":
        """The app's own rights."""
        from gateways.permissions import Permissions

        return self._once(
            lambda: Permissions.connect(self.settings, self._credential(), subscription_id),
            "permissions",
            subscription_id,
        )

    def dns_zones(self, subscription_id: str) -> "DnsZones":
        """Public DNS zones and their record sets."""
        from gateways.dns_zones import DnsZones

        return self._once(
            lambda: DnsZones.connect(self.settings, self._credential(), subscription_id),
            "dns_zones",
            subscription_id,
        )

    def key_vault(self, vault_uri: str) -> "KeyVault":
        """One Key Vault's secrets."""
        from gateways.key_vault import KeyVault

        return self._once(
            lambda: KeyVault.connect(self.settings, self._credential(), vault_uri),
            "key_vault",
            vault_uri,
        )

    def resolver(self) -> "Resolver":
        """DNS as the world sees it."""
        from gateways.resolver import Resolver

        return self._once(lambda: Resolver.connect(self.settings), "resolver")

    def kubernetes(self, target: ClusterTarget) -> "Kubernetes":
        """The Kubernetes API of one cluster, through its user credential.

        The connection is kept; ``forget`` drops it after the API server refused the credential.
        """
        from gateways.kubernetes import Kubernetes

        def connect() -> Kubernetes:
            clusters = self.clusters(target.subscription_id)
            kubeconfig = clusters.kubeconfig(target.resource_group, target.cluster)
            return Kubernetes.connect(kubeconfig, lambda: self.forget(target))

        return self._once(connect, *_kubernetes_key(target))

    def forget(self, target: ClusterTarget) -> None:
        """Drop the connection to a cluster's Kubernetes API."""
        with self._lock:
            self._connected.pop(_kubernetes_key(target), None)

    def endpoint(self, host: str, address: str) -> Endpoint:
        """Where a host name of the installation is reached before its DNS record resolves."""
        connect_to = self.settings.ingress_connect_to
        reached, _, port = connect_to.rpartition(":") if connect_to else (address, "", str(_HTTPS))
        return Endpoint(
            host=host, address=reached, port=int(port), ca_file=self.settings.tls_ca_file
        )

    def _credential(self) -> "TokenCredential":
        from gateways._credential import credential

        return self._once(lambda: credential(self.settings), "credential")

    def _once[T](self, connect: Callable[[], T], *key: str) -> T:
        """The kept connection; when several threads connect at once, the first one done is kept.

        Nobody waits for another thread: one slow answer must not hold up every other stage.
        """
        kept = self._connected.get(key)
        if kept is None:
            made = connect()
            with self._lock:
                kept = self._connected.setdefault(key, made)
        return cast("T", kept)


def _kubernetes_key(target: ClusterTarget) -> tuple[str, ...]:
    return ("kubernetes", target.subscription_id, target.resource_group, target.cluster)
