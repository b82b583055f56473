"""Everything that one emulated Azure remembers, and what tests may do to it directly."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from emulator.azure.api_versions import API_VERSIONS, UNSERVED_PROVIDERS
from emulator.azure.arm_error import ArmError
from emulator.azure.calls import JsonObject
from emulator.azure.directory import Directory, Principal
from emulator.azure.locations import normalized
from emulator.azure.operations import Operation, Operations
from emulator.azure.published_zone import PublishedZone, record_data
from emulator.azure.quota import Quota, Restriction, set_limit
from emulator.azure.resources import Group, Resource, Resources
from emulator.azure.vault import Vault
from emulator.clock import Clock
from emulator.dns import ZoneData
from emulator.durations import Durations

if TYPE_CHECKING:
    from emulator.azure.throttling import Throttle

VNET = "Microsoft.Network/virtualNetworks"
SUBNET = "Microsoft.Network/virtualNetworks/subnets"
ZONE = "Microsoft.Network/dnsZones"
CLUSTER = "Microsoft.ContainerService/managedClusters"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
VAULT = "Microsoft.KeyVault/vaults"
_NO_TARGET: JsonObject = {"provisioningState": "Succeeded", "targetResource": {}}
_RETRY_AFTER = timedelta(seconds=15)
"""What ARM tells callers who wait for the deletion of a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription of the emulated tenant."""

    subscription_id: str
    tenant_id: str
    name: str

    def document(self) -> JsonObject:
        """As ARM shows it."""
        return {
            "id": f"/subscriptions/{self.subscription_id}",
            "subscriptionId": self.subscription_id,
            "tenantId": self.tenant_id,
            "displayName": self.name,
            "state": "Enabled",
            "authorizationSource": "RoleBased",
            "managedByTenants": [],
            "subscriptionPolicies": {
                "locationPlacementId": "Public_2014-09-01",
                "quotaId": "PayAsYouGo_2014-09-01",
                "spendingLimit": "Off",
            },
        }


class State:
    """The stores of one emulated Azure.

    Attributes:
        resources: Groups and resources as ARM documents.
        page_size: Rows per page of every list.
        vaults: Data planes by lower-case name.
        zones: Published zones by lower-case ARM id.
        throttle: What answers 429; None while nobody is throttled.
    """

    def __init__(
        self, subscriptions: Sequence[Subscription], clock: Clock, durations: Durations
    ) -> None:
        self.clock = clock
        self.durations = durations
        self.subscriptions = {s.subscription_id.lower(): s for s in subscriptions}
        self.home = subscriptions[0]
        self.directory = Directory(self.home.tenant_id, clock)
        self.resources = Resources()
        self.operations = Operations(clock)
        self.quota = Quota()
        self.vaults: dict[str, Vault] = {}
        self.zones: dict[str, PublishedZone] = {}
        self.page_size = 100
        self.throttle: Throttle | None = None
        self._unregistered = {name.lower(): "NotRegistered" for name in UNSERVED_PROVIDERS}

    # Subscriptions and providers

    def subscription(self, subscription_id: str) -> Subscription:
        """A subscription.

        Raises:
            ArmError: 404.
        """
        found = self.subscriptions.get(subscription_id.lower())
        if found is None:
            raise ArmError(
                404,
                "SubscriptionNotFound",
                f"The subscription '{subscription_id}' could not be found.",
            )
        return found

    @property
    def providers(self) -> list[str]:
        """Every resource provider namespace."""
        return sorted({*(name.partition("/")[0] for name in API_VERSIONS), *UNSERVED_PROVIDERS})

    def resource_types(self, namespace: str) -> list[tuple[str, tuple[str, ...]]]:
        """Resource types of a namespace with their api-versions."""
        special = {
            name.partition("/")[2]: versions
            for name, versions in API_VERSIONS.items()
            if name.startswith(f"{namespace}/")
        }
        kinds = {
            "Microsoft.ContainerService": ("managedClusters", "managedClusters/agentPools"),
            "Microsoft.Network": ("virtualNetworks", "virtualNetworks/subnets"),
            "Microsoft.Compute": ("virtualMachineScaleSets", "locations/usages"),
            "Microsoft.ManagedIdentity": ("userAssignedIdentities",),
            "Microsoft.KeyVault": ("vaults",),
            "Microsoft.DurableTask": ("schedulers", "schedulers/taskHubs"),
            "Microsoft.Resources": ("resourceGroups", "subscriptions"),
            "Microsoft.Authorization": ("roleAssignments", "roleDefinitions", "permissions"),
        }
        plain = dict.fromkeys(kinds.get(namespace, ()), API_VERSIONS.get(namespace, ()))
        return [(k, tuple(reversed(v))) for k, v in (plain | special).items()]

    def registered(self, namespace: str) -> bool:
        """Whether the subscription may use a resource provider."""
        return namespace.lower() not in self._unregistered

    def register(self, namespace: str) -> None:
        """Register a resource provider; all that are served are at first."""
        self._unregistered.pop(namespace.lower(), None)

    def unregister(self, namespace: str, *, ever_used: bool = False) -> None:
        """Have writes to a provider refused with ``MissingSubscriptionRegistration``."""
        self._unregistered[namespace.lower()] = "Unregistered" if ever_used else "NotRegistered"

    def registration(self, namespace: str) -> str:
        """``Registered``, ``NotRegistered`` at first, ``Unregistered`` when somebody did that."""
        return self._unregistered.get(namespace.lower(), "Registered")

    # The next operations

    def fail_next_operation(
        self, resource_type: str, code: str, message: str, name: str = ""
    ) -> None:
        """Let the next operation on a type (``Microsoft.Network/virtualNetworks``) fail late.

        With ``name``, the next one on the resource of that name.
        """
        self.operations.foretell(resource_type, name, error=ArmError(400, code, message))

    def stick_next_operation(self, resource_type: str, name: str = "") -> None:
        """Let the next operation on a type never end, until ``operations.release``."""
        self.operations.foretell(resource_type, name, stuck=True)

    def lose_next_operation(self, resource_type: str) -> None:
        """Let the status URL of the next operation answer 404, although the work goes on."""
        self.operations.foretell(resource_type, lost=True)

    def retry_after(self) -> dict[str, str]:
        """A ``Retry-After`` header in this run's time; none when that is less than a second."""
        seconds = round(self.clock.real(_RETRY_AFTER))
        return {"Retry-After": str(seconds)} if seconds else {}

    # Groups

    def add_group(
        self, name: str, location: str = "eastus", tags: dict[str, str] | None = None
    ) -> Group:
        """A resource group that is there; the existing one when there is one."""
        key = (self.home.subscription_id.lower(), name.lower())
        if key in self.resources.groups:
            return self.resources.groups[key]
        return self.resources.put_group(
            Group(
                subscription=self.home.subscription_id,
                name=name,
                location=normalized(location),
                tags=tags or {},
            )
        )

    def begin_group_delete(self, group: Group) -> Operation:
        """Delete a group with everything in it, in its time."""
        group.state = "Deleting"

        async def finish(error: ArmError | None) -> None:
            if error is not None:
                group.state = "Succeeded"
                return
            inside = f"{group.resource_id}/".lower()
            for resource_id in [key for key in self.resources.all if key.startswith(inside)]:
                await self.operations.abandon(resource_id)
            await self.resources.remove_group(group)

        holds_cluster = bool(self.resources.of(CLUSTER, group.subscription, group.name))
        whole = self.durations.resource_group_delete
        lasts = whole if holds_cluster else whole / 10
        return self.operations.begin(
            "Microsoft.Resources/resourceGroups", group.resource_id, "Deleting", lasts, finish
        )

    # Networks

    def add_vnet(  # noqa: PLR0913 # all but two by name
        self,
        name: str,
        resource_group: str,
        *,
        location: str = "eastus",
        address_space: Sequence[str] = ("10.224.0.0/12",),
        subnets: dict[str, str] | None = None,
        tags: dict[str, str] | None = None,
    ) -> Resource:
        """A virtual network that is there, with subnets by name and prefix."""
        group = self.add_group(resource_group, location)
        network = self.resources.put(
            Resource(
                subscription=group.subscription,
                group=group.name,
                kind=VNET,
                name=name,
                location=normalized(location),
                tags=tags,
                properties={
                    "provisioningState": "Succeeded",
                    "resourceGuid": str(uuid.uuid4()),
                    "addressSpace": {"addressPrefixes": list(address_space)},
                },
                created=self.clock.now(),
            )
        )
        for subnet, prefix in (subnets or {}).items():
            self.resources.put(
                Resource(
                    subscription=group.subscription,
                    group=group.name,
                    kind=SUBNET,
                    name=f"{name}/{subnet}",
                    properties={"provisioningState": "Succeeded", "addressPrefix": prefix},
                )
            )
        return network

    def network_use(self, location: str) -> dict[str, int]:
        """Network resources of a region by the name of their limit."""
        clusters = [c for c in self.resources.of(CLUSTER) if c.location == location]
        networks = [n for n in self.resources.of(VNET) if n.location == location]
        return {
            "VirtualNetworks": len(networks) + len(clusters),
            "PublicIPAddresses": len(clusters),
            "StandardSkuPublicIpAddresses": len(clusters),
            "LoadBalancers": len(clusters),
            "StandardSkuLoadBalancers": len(clusters),
        } | {
            name: used
            for (place, name), used in self.quota.used.items()
            if place == location and name.startswith("network/")
        }

    # DNS

    def add_zone(
        self, name: str, resource_group: str, *, tags: dict[str, str] | None = None
    ) -> Resource:
        """A public DNS zone that is there, with its NS and SOA record sets."""
        group = self.add_group(resource_group)
        zone = Resource(
            subscription=group.subscription,
            group=group.name,
            kind=ZONE,
            name=name.lower(),
            location="global",
            tags=tags or {},
        )
        number = len(self.zones) % 20 + 1
        servers = [
            f"ns{n}-{number:02}.azure-dns.{top}."
            for n, top in enumerate(("com", "net", "org", "info"), start=1)
        ]
        zone.properties = {
            "maxNumberOfRecordSets": 10000,
            "maxNumberOfRecordsPerRecordSet": None,
            "nameServers": servers,
            "zoneType": "Public",
        }
        published = PublishedZone(zone.name, servers, self.clock.real(self.durations.dns_publish))
        self.zones[zone.resource_id.lower()] = published
        self.resources.put(zone)
        self.add_record(
            zone, "NS", "@", {"TTL": 172800, "NSRecords": [{"nsdname": s} for s in servers]}
        )
        soa = {
            "host": servers[0],
            "email": "azuredns-hostmaster.microsoft.com",
            "serialNumber": 1,
            "refreshTime": 3600,
            "retryTime": 300,
            "expireTime": 2419200,
            "minimumTTL": 300,
        }
        self.add_record(zone, "SOA", "@", {"TTL": 3600, "SOARecord": soa})
        return zone

    def add_record(self, zone: Resource, kind: str, name: str, properties: JsonObject) -> Resource:
        """Write a record set, as somebody else would have; ``properties`` in REST names."""
        record = Resource(
            subscription=zone.subscription,
            group=zone.group,
            kind=f"{ZONE}/{kind}",
            name=f"{zone.name}/{name}",
            properties=_NO_TARGET | properties,
        )
        record.properties["fqdn"] = f"{zone.name}." if name == "@" else f"{name}.{zone.name}."
        self.resources.put(record)
        self.publish(zone, record, deleted=False)
        return record

    def publish(self, zone: Resource, record: Resource, *, deleted: bool) -> None:
        """Let the name servers know of a change, in their time."""
        kind = record.kind.rpartition("/")[2]
        data = None if deleted else record_data(kind, record.properties)
        self.zones[zone.resource_id.lower()].change((record.own_name.lower(), kind), data)

    def dns_zones(self) -> list[ZoneData]:
        """Every zone as its name servers answer now; give it to ``DnsServer``."""
        return [zone.data() for zone in self.zones.values()]

    # Quota

    def set_quota(self, location: str, family: str, limit: int, used: int = 0) -> None:
        """Set limit and others' use of a family, or of ``cores`` for the whole region."""
        set_limit(self.quota, location, family, limit, used)

    def restrict_sku(
        self,
        size: str,
        location: str,
        *,
        zones: Sequence[str] = (),
        reason: str = "NotAvailableForSubscription",
    ) -> None:
        """Forbid a VM size in a region, or only in some of its zones."""
        self.quota.restrictions.append(
            Restriction(size=size, location=normalized(location), zones=tuple(zones), reason=reason)
        )

    # Clusters, identities, vaults

    def add_cluster(
        self,
        name: str,
        resource_group: str,
        *,
        location: str = "eastus",
        tags: dict[str, str] | None = None,
        state: str = "Succeeded",
    ) -> Resource:
        """A cluster that somebody else made; it has no API server."""
        group = self.add_group(resource_group, location)
        pool: JsonObject = {
            "name": "nodepool1",
            "count": 1,
            "vmSize": "Standard_D4ds_v5",
            "maxPods": 110,
            "osType": "Linux",
            "mode": "System",
            "type": "VirtualMachineScaleSets",
            "provisioningState": state,
        }
        return self.resources.put(
            Resource(
                subscription=group.subscription,
                group=group.name,
                kind=CLUSTER,
                name=name,
                location=normalized(location),
                tags=tags,
                properties={
                    "provisioningState": state,
                    "kubernetesVersion": "1.35",
                    "currentKubernetesVersion": "1.35.4",
                    "dnsPrefix": name,
                    "fqdn": f"{name}-{secrets.token_hex(4)}.hcp.{normalized(location)}.azmk8s.io",
                    "agentPoolProfiles": [pool],
                    "nodeResourceGroup": f"MC_{group.name}_{name}_{normalized(location)}",
                    "networkProfile": {"networkPlugin": "azure", "serviceCidr": "10.0.0.0/16"},
                },
                created=self.clock.now(),
            )
        )

    def add_identity(
        self, name: str, resource_group: str, *, location: str = "eastus"
    ) -> tuple[Resource, Principal]:
        """A user-assigned managed identity; its client id works at the identity endpoint."""
        group = self.add_group(resource_group, location)
        resource = Resource(
            subscription=group.subscription,
            group=group.name,
            kind=IDENTITY,
            name=name,
            location=normalized(location),
            tags={},
            created=self.clock.now(),
        )
        principal = self.directory.add_managed_identity(name, resource.resource_id)
        resource.properties = {
            "tenantId": self.directory.tenant_id,
            "principalId": principal.object_id,
            "clientId": principal.client_id,
        }
        return self.resources.put(resource), principal

    def add_vault(
        self, name: str, resource_group: str = "vaults", *, location: str = "eastus"
    ) -> Vault:
        """A Key Vault that is there, in RBAC mode; it listens once the emulator runs."""
        group = self.add_group(resource_group, location)
        resource = Resource(
            subscription=group.subscription,
            group=group.name,
            kind=VAULT,
            name=name,
            location=normalized(location),
            tags={},
            created=self.clock.now(),
        )
        vault = Vault(name=name, resource_id=resource.resource_id, clock=self.clock)
        resource.properties = {
            "tenantId": self.directory.tenant_id,
            "sku": {"family": "A", "name": "standard"},
            "accessPolicies": [],
            "enableRbacAuthorization": True,
            "enableSoftDelete": True,
            "softDeleteRetentionInDays": 90,
            "vaultUri": "",
            "provisioningState": "Succeeded",
            "publicNetworkAccess": "Enabled",
        }
        self.resources.put(resource)
        self.vaults[name.lower()] = vault
        return vault
