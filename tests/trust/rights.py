"""Ways to install, each with the published roles that it needs and where they are assigned."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.azure import Rbac, Role
from emulator.azure.rbac import Evaluation
from emulator.world import SUBSCRIPTION, VAULT
from tests.e2e.driver import Driver

ROLES = Path(__file__).resolve().parents[2] / "infra" / "roles"
SUBSCRIPTION_SCOPE = f"/subscriptions/{SUBSCRIPTION.subscription_id}"
_BASE = "example.com"
_ADDRESSES = f"{SUBSCRIPTION_SCOPE}/resourceGroups/addresses"
_EGRESS = f"{_ADDRESSES}/providers/Microsoft.Network"


type Scopes = dict[str, tuple[str, ...]]
"""Where each role is assigned, by its file."""


def published(file: str) -> Role:
    """A role as its file defines it."""
    told = json.loads((ROLES / f"{file}.json").read_text())
    return Role(
        name=told["name"],
        actions=tuple(told["actions"]),
        not_actions=tuple(told["notActions"]),
        data_actions=tuple(told["dataActions"]),
        not_data_actions=tuple(told["notDataActions"]),
    )


@dataclass(frozen=True)
class Way:
    """One way to install.

    Attributes:
        roles: Files of the roles that it takes.
        prepare: Makes what the customer has ready; gives the request and the scope of each role.
    """

    name: str
    roles: tuple[str, ...]
    prepare: Callable[[Driver, str], tuple[dict[str, Any], Scopes]]

    @property
    def actions(self) -> list[str]:
        """All that the roles allow."""
        roles = [published(file) for file in self.roles]
        return sorted({a for role in roles for a in (*role.actions, *role.data_actions)})


_USUAL = ("checks", "resource-group", "cluster", "cluster-access", "dns-records", "vault-secrets")


def _made(driver: Driver, name: str) -> tuple[dict[str, Any], Scopes]:
    """Nothing is prepared: the app makes the group and searches for the zone."""
    everywhere = ("checks", "resource-group", "cluster", "cluster-access", "dns-search")
    return driver.request(name), dict.fromkeys(everywhere, (SUBSCRIPTION_SCOPE,))


def _prepared(driver: Driver, name: str) -> tuple[dict[str, Any], Scopes]:
    """The customer's group; our network in it; records that are in the way may be overwritten."""
    zone = zone_id(driver)
    state = driver.world.cloud.azure.state
    request = driver.request(
        name,
        cluster__network__addressSpace="10.60.0.0/16",
        cluster__network__subnetPrefix="10.60.0.0/20",
        cluster__network__outboundIpPrefixIds=[f"{_EGRESS}/publicIPPrefixes/egress"],
        domain__dns__zoneId=zone,
        domain__dns__overwrite=True,
    )
    group = state.add_group(request["azure"]["resourceGroup"], "eastus").resource_id
    resource = state.resources.by_id(zone)
    assert resource is not None
    state.add_record(resource, "CNAME", name, {"TTL": 60, "CNAMERecord": {"cname": "old.test"}})
    old = {"TTL": 60, "ARecords": [{"ipv4Address": "192.0.2.7"}]}
    state.add_record(resource, "A", f"api-{name}", old)
    within = ("resource-group", "cluster", "cluster-access", "network", "subnet-grant")
    return request, {
        **dict.fromkeys(within, (group,)),
        "outbound-addresses": (_ADDRESSES,),
    }


def _theirs(driver: Driver, name: str) -> tuple[dict[str, Any], Scopes]:
    """Everything is the customer's: group, subnet, the cluster's identity, zone by its id."""
    state = driver.world.cloud.azure.state
    network = state.add_vnet(
        f"vnet-{name}",
        f"net-{name}",
        address_space="10.40.0.0/16",
        subnets={"aks": "10.40.0.0/20", "pods": "10.40.16.0/20", "api": "10.40.32.0/28"},
    )
    subnet, pods, api = (f"{network.resource_id}/subnets/{n}" for n in ("aks", "pods", "api"))
    identity, _ = state.add_identity(f"id-{name}", f"net-{name}")
    request = driver.request(
        name,
        cluster__network={
            "subnetId": subnet,
            "podSubnetId": pods,
            "mode": "flat",
            "apiServerVnetIntegration": True,
            "apiServerSubnetId": api,
            "outboundIpIds": [f"{_EGRESS}/publicIPAddresses/egress"],
        },
        cluster__identity={"type": "userAssigned", "resourceId": identity.resource_id},
        domain__dns__zoneId=zone_id(driver),
    )
    group = state.add_group(request["azure"]["resourceGroup"], "eastus").resource_id
    return request, {
        **dict.fromkeys(("resource-group", "cluster", "cluster-access"), (group,)),
        "subnet": (subnet, pods, api),
        "outbound-addresses": (_ADDRESSES,),
        "cluster-identity": (identity.resource_id,),
    }


WAYS = (
    Way("made", (*_USUAL, "dns-search"), _made),
    Way("prepared", (*_USUAL, "network", "subnet-grant", "outbound-addresses"), _prepared),
    Way("theirs", (*_USUAL, "subnet", "outbound-addresses", "cluster-identity"), _theirs),
)


def zone_id(driver: Driver) -> str:
    """The zone of every installation of a driver."""
    zones = driver.world.cloud.azure.state.resources.of("Microsoft.Network/dnsZones")
    return next(zone.resource_id for zone in zones if zone.name == _BASE)


def grant(driver: Driver, roles: Iterable[str], scopes: Scopes, *, without: str = "") -> Rbac:
    """Enforce exactly these published roles, one action left out of all of them."""
    cloud = driver.world.cloud.azure
    everywhere = {
        "checks": (SUBSCRIPTION_SCOPE,),
        "dns-records": (zone_id(driver),),
        "vault-secrets": (cloud.state.vaults[VAULT].resource_id,),
        **scopes,
    }
    rbac = Rbac()
    for file in roles:
        role = lacking(published(file), without)
        for scope in everywhere[file]:
            rbac.grant(cloud.directory.app.object_id, role, scope)
    cloud.rbac = rbac
    return rbac


def lacking(role: Role, action: str) -> Role:
    """The role without one action."""
    return Role(
        name=role.name,
        actions=tuple(a for a in role.actions if a != action),
        data_actions=tuple(a for a in role.data_actions if a != action),
    )


def take(driver: Driver, action: str) -> None:
    """Take one action away while everything runs: out of every role, for everyone."""
    rbac = driver.world.cloud.azure.rbac
    assert rbac is not None
    app = driver.world.cloud.azure.directory.app.object_id
    mine = [a for a in rbac.assignments if a.principal_id == app]
    rbac.revoke(app)
    for assignment in mine:
        rbac.grant(app, lacking(assignment.role, action), assignment.scope)


def used(driver: Driver, evaluations: Iterable[Evaluation]) -> set[str]:
    """Actions that the app itself was judged by."""
    app = driver.world.cloud.azure.directory.app.object_id
    return {e.action for e in evaluations if e.principal_id == app}


def denied(driver: Driver, evaluations: Iterable[Evaluation]) -> set[str]:
    """Actions that the app asked for in vain."""
    app = driver.world.cloud.azure.directory.app.object_id
    return {e.action for e in evaluations if e.principal_id == app and not e.allowed}
