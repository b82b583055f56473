"""Plans of Azure stages for an emulated Azure."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from model.actions import group_actions, subscription_actions
from model.plan import (
    ChecksSpec,
    ClusterSpec,
    DomainSpec,
    LeftoversSpec,
    NetworkSpec,
    RecordsSpec,
    SecretNames,
)
from tests.gateways.azure_world import World

ADDRESS = "20.0.0.1"
BASE = "de.example.com"


def cluster_spec(world: World, installation: str = "dash", **pool: Any) -> ClusterSpec:
    """A cluster of four nodes; ``pool`` changes its node pool."""
    wanted = {
        "name": "nodepool1",
        "mode": "System",
        "count": 4,
        "vmSize": "Standard_D8ds_v5",
        "availabilityZones": ["1"],
        "maxPods": 110,
    } | pool
    properties = {"dnsPrefix": "de", "kubernetesVersion": "1.35", "agentPoolProfiles": [wanted]}
    return ClusterSpec(
        group=world.spec(installation),
        name="de",
        body={"identity": {"type": "SystemAssigned"}, "properties": properties},
        subnet_id=pool.get("vnetSubnetID"),
    )


def network_spec(world: World, installation: str = "dash") -> NetworkSpec:
    """A network of our own."""
    return NetworkSpec(
        group=world.spec(installation),
        virtual_network="de-vnet",
        subnet="nodes",
        address_space="10.20.0.0/16",
        subnet_prefix="10.20.0.0/24",
    )


def leftovers_spec(world: World, **domain: Any) -> LeftoversSpec:
    """The group and, when ``domain`` says anything, the names."""
    group = world.spec()
    named = records_spec(world, **domain).domain if domain else None
    facts = {field.name: getattr(group, field.name) for field in fields(group)}
    return LeftoversSpec(**facts, domain=named)


def records_spec(world: World, **domain: Any) -> RecordsSpec:
    """Seven records to one address; the arguments change the domain."""
    group = world.spec()
    usual = DomainSpec(
        subscription_id=world.subscription_id,
        base_domain=BASE,
        mode="azure",
        zone_id=None,
        ttl=300,
        overwrite=False,
        owner=group.owner,
    )
    return RecordsSpec(domain=replace(usual, **domain), address=ADDRESS)


def checks_spec(world: World, **changes: Any) -> ChecksSpec:
    """What the checks of a standard installation are asked."""
    domain = changes.pop("domain", {})
    usual = ChecksSpec(
        group=world.spec(),
        cluster="de",
        domain=records_spec(world, **domain).domain,
        secrets=SecretNames(
            vault_uri="https://v.vault.azure.net",
            license="license",
            certificate="certificate",
            certificate_key="key",
            admin_console_password="console",
            administrator_password="administrator",
        ),
        zone="1",
        vm_size="Standard_D8ds_v5",
        nodes=4,
        spare_nodes=2,
        kubernetes_version="1.35",
        actions=group_actions(own_network=False, system_identity=True),
        subscription_actions=subscription_actions(azure_dns=True),
        subnet_id=None,
        max_pods=110,
        pods_needed=97,
        network_plugin="azure",
        network_plugin_mode="overlay",
        address_space=None,
        subnet_prefix=None,
        pod_cidr="10.244.0.0/16",
        service_cidr="10.0.0.0/16",
        outbound_type="loadBalancer",
        channel=None,
        certificate_margin=timedelta(days=14),
        allow_seed_role=False,
    )
    return replace(usual, **changes)
