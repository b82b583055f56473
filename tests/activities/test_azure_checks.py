"""The preflight checks of Azure: everything found at once, nothing refused, nothing written."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from activities.check_compute import check_compute
from activities.check_kubernetes_version import check_kubernetes_version
from activities.check_network import check_network
from activities.check_ownership import check_ownership
from activities.check_permissions import check_permissions
from activities.ensure_cluster import ensure_cluster
from activities.observe_cluster import observe_cluster
from emulator.azure import CONTRIBUTOR, READER, Rbac, Role
from emulator.azure.kubernetes_versions import VERSIONS
from gateways import Gateways
from model.actions import (
    CHECKS,
    CLUSTER,
    CLUSTER_ACCESS,
    CLUSTER_IDENTITY,
    DNS_SEARCH,
    MINIMUM,
    READ_PERMISSIONS,
    RESOURCE_GROUP,
    group_actions,
    subscription_actions,
)
from model.finding import Finding, Findings
from model.ownership import TAG_INSTALLATION
from model.plan import ChecksSpec
from model.results import ClusterFacts
from tests.activities.azure_specs import checks_spec, cluster_spec
from tests.gateways.azure_world import Emulated, emulated, until

SUBNET = "Microsoft.Network/virtualNetworks/subnets"
FAMILY = "standardDDSv5Family"


@pytest.fixture
def world() -> Iterator[Emulated]:
    """A subscription in which all is well."""
    with emulated() as up:
        yield up


def found(findings: Findings, rule: str) -> Finding:
    (only,) = [finding for finding in findings.findings if finding.rule == rule]
    return only


def severities(findings: Findings) -> set[str]:
    return {finding.severity for finding in findings.findings}


def codes(findings: Findings) -> set[str | None]:
    return {finding.code for finding in findings.findings if finding.severity == "error"}


def subnet(world: Emulated, prefix: str = "10.224.0.0/24", **properties: Any) -> str:
    """Id of a customer's subnet."""
    world.azure.state.add_vnet("net", world.group, subnets={"nodes": prefix})
    found = world.azure.state.resources.find(
        world.subscription_id, world.group, SUBNET, "net/nodes"
    )
    found.properties |= properties
    return found.resource_id


def allow(world: Emulated, *roles: tuple[Role, str]) -> None:
    """Give the app these roles, at the subscription (empty) or at a scope below it."""
    rbac = Rbac()
    for role, scope in roles:
        place = scope or f"/subscriptions/{world.subscription_id}"
        rbac.grant(world.azure.directory.app.object_id, role, place)
    world.azure.rbac = rbac


INSTALLER = (*RESOURCE_GROUP.actions, *CLUSTER.actions, *CLUSTER_ACCESS.actions)


def role(*actions: str) -> Role:
    return Role(name="made for the test", actions=actions)


@pytest.mark.parametrize(
    "check",
    [
        check_permissions,
        check_compute,
        check_kubernetes_version,
        check_network,
        check_ownership,
    ],
)
def test_all_well_is_told_with_at_least_one_finding(
    world: Emulated, check: Callable[[Gateways, ChecksSpec], Findings]
) -> None:
    """In figures, and without a single write."""
    findings = check(world.gateways, checks_spec(world))

    assert severities(findings) == {"info"}
    assert world.writes() == []


@pytest.mark.parametrize(
    "check",
    [
        check_permissions,
        check_compute,
        check_kubernetes_version,
        check_network,
        check_ownership,
    ],
)
def test_a_check_without_any_right_warns_and_refuses_nothing(
    world: Emulated, check: Callable[[Gateways, ChecksSpec], Findings]
) -> None:
    """Where that was accepted beforehand; each warning names an action that is missing."""
    spec = checks_spec(world, subnet_id=subnet(world), allow_seed_role=True)
    allow(world)

    findings = check(world.gateways, spec)

    assert severities(findings) == {"warning"}
    assert all("Microsoft." in f.found + f.remedy for f in findings.findings)


# Compute


def test_quota_counts_spare_nodes_and_is_told_in_figures(world: Emulated) -> None:
    """Four nodes and two spare ones of eight vCPUs are 48."""
    world.azure.state.set_quota("eastus", FAMILY, limit=48)
    enough = check_compute(world.gateways, checks_spec(world))
    world.azure.state.set_quota("eastus", FAMILY, limit=48, used=8)
    short = check_compute(world.gateways, checks_spec(world))

    assert "48 of 48 Standard DDSv5 Family vCPUs" in found(enough, "compute.family-quota").found
    assert "48 are needed" in found(enough, "compute.family-quota").found
    assert severities(enough) == {"info"}
    assert found(short, "compute.family-quota").code == "quota-insufficient"
    assert found(short, "compute.total-quota").severity == "info"


def test_the_regions_own_quota_counts_too(world: Emulated) -> None:
    """A family may have more than the whole region."""
    world.azure.state.set_quota("eastus", FAMILY, limit=500)
    world.azure.state.set_quota("eastus", "cores", limit=47)

    findings = check_compute(world.gateways, checks_spec(world))

    assert found(findings, "compute.total-quota").code == "quota-insufficient"
    assert found(findings, "compute.family-quota").severity == "info"


def test_nodes_that_run_already_need_no_quota_again(world: Emulated) -> None:
    """A resumed installation must not be refused for its own cluster."""
    world.azure.state.set_quota("eastus", FAMILY, limit=48)
    world.azure.state.add_group(world.group)
    spec = cluster_spec(world)
    ensure_cluster(world.gateways, spec)
    until(lambda: observe_cluster(world.gateways, spec), lambda it: isinstance(it, ClusterFacts))

    findings = check_compute(world.gateways, checks_spec(world))

    assert "16 of 48" in found(findings, "compute.family-quota").found
    assert severities(findings) == {"info"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"vm_size": "Standard_D9ds_v5"}, "vm-size-unavailable", id="unknown-size"),
        pytest.param({"zone": "4"}, "zone-unavailable", id="unknown-zone"),
        pytest.param(
            {"os_disk_type": "Ephemeral", "os_disk_gb": 2000}, "vm-size-unavailable", id="disk"
        ),
    ],
)
def test_what_the_region_does_not_have_is_an_error(
    world: Emulated, changes: dict[str, Any], code: str
) -> None:
    """Before a cluster is asked for."""
    assert codes(check_compute(world.gateways, checks_spec(world, **changes))) == {code}


def test_an_ephemeral_disk_that_fits_is_no_matter(world: Emulated) -> None:
    """The size has 300 GiB of local disk."""
    spec = checks_spec(world, os_disk_type="Ephemeral", os_disk_gb=256)

    assert severities(check_compute(world.gateways, spec)) == {"info"}


def test_a_restriction_of_the_subscription_is_told_with_its_reason(world: Emulated) -> None:
    """Of a zone, with the zones that are left; of the region, with Azure's own word."""
    size = checks_spec(world).vm_size
    world.azure.state.restrict_sku(size, "eastus", zones=["1"])
    zone = found(check_compute(world.gateways, checks_spec(world)), "compute.zone")
    world.azure.state.restrict_sku(size, "eastus")
    whole = found(check_compute(world.gateways, checks_spec(world)), "compute.size")

    assert (zone.code, whole.code) == ("zone-unavailable", "vm-size-unavailable")
    assert "usable: 2, 3" in zone.found
    assert "NotAvailableForSubscription" in whole.found


def test_no_zone_where_there_are_zones_is_worth_a_warning(world: Emulated) -> None:
    """A zonal disk cannot follow its pod."""
    findings = check_compute(world.gateways, checks_spec(world, zone=None))

    assert found(findings, "compute.zone").severity == "warning"


# Kubernetes version


@pytest.mark.parametrize(
    ("version", "long_term", "severity"),
    [
        pytest.param("1.35", False, "info", id="minor"),
        pytest.param("1.36.3", False, "info", id="patch"),
        pytest.param(None, False, "info", id="the-default"),
        pytest.param("1.34", False, "warning", id="oldest"),
        pytest.param("1.32", False, "error", id="not-offered"),
        pytest.param("1.35.99", False, "error", id="no-such-patch"),
        pytest.param("1.33", False, "error", id="long-term-only"),
        pytest.param("1.33", True, "warning", id="long-term-and-oldest"),
    ],
)
def test_a_version_is_judged_by_what_the_region_offers(
    world: Emulated, version: str | None, severity: str, *, long_term: bool
) -> None:
    """For the support plan of the request."""
    spec = checks_spec(world, kubernetes_version=version, long_term_support=long_term)

    findings = check_kubernetes_version(world.gateways, spec)

    assert severity in severities(findings)
    assert "error" not in severities(findings) or severity == "error"


def test_a_version_that_is_not_offered_is_told_with_those_that_are(world: Emulated) -> None:
    """The answer to the next question."""
    spec = checks_spec(world, kubernetes_version="1.30")

    told = found(check_kubernetes_version(world.gateways, spec), "kubernetes.version").found

    assert "1.33, 1.34, 1.35, 1.36" in told


def test_a_version_newer_than_kots_knows_is_a_warning(
    world: Emulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AKS is quicker than KOTS."""
    monkeypatch.setitem(VERSIONS, "1.37", ("1.37.0",))

    findings = check_kubernetes_version(
        world.gateways, checks_spec(world, kubernetes_version="1.37")
    )

    assert found(findings, "kubernetes.kots").severity == "warning"


# Network


@pytest.mark.parametrize(
    ("prefix", "mode", "severity"),
    [
        pytest.param("10.20.0.0/28", "overlay", "info", id="overlay-fits"),
        pytest.param("10.20.0.0/29", "overlay", "error", id="overlay-too-small"),
        pytest.param("10.20.0.0/22", None, "info", id="flat-fits"),
        pytest.param("10.20.0.0/23", None, "error", id="flat-too-small"),
    ],
)
def test_a_subnet_must_hold_nodes_and_in_flat_networks_pods(
    world: Emulated, prefix: str, mode: str | None, severity: str
) -> None:
    """4 nodes and one of an upgrade: 10 addresses of an overlay, 560 of a flat network."""
    planned = checks_spec(world, subnet_prefix=prefix, network_plugin_mode=mode)
    existing = checks_spec(
        world,
        subnet_id=subnet(world, prefix.replace("10.20", "10.224")),
        network_plugin_mode=mode,
    )

    for spec in (planned, existing):
        finding = found(check_network(world.gateways, spec), "network.addresses")
        assert finding.severity == severity


@pytest.mark.parametrize(
    ("prefix", "severity"),
    [
        pytest.param("10.224.32.0/22", "info", id="all-that-may-come"),
        pytest.param("10.224.32.0/24", "warning", id="the-core-and-some"),
        pytest.param("10.224.32.0/26", "error", id="not-even-the-core"),
    ],
)
def test_a_subnet_for_pods_must_hold_the_core_and_takes_them_from_that_of_nodes(
    world: Emulated, prefix: str, severity: str
) -> None:
    """97 core pods, 550 that five nodes may hold; a node then takes one address."""
    nodes = subnet(world, "10.224.0.0/28")
    network = world.azure.state.add_vnet("other", world.group, subnets={"pods": prefix})
    pods = f"{network.resource_id}/subnets/pods"
    spec = checks_spec(world, subnet_id=nodes, pod_subnet_id=pods, network_plugin_mode=None)

    findings = check_network(world.gateways, spec)

    assert found(findings, "network.addresses").severity == "info"
    assert found(findings, "network.pod-addresses").severity == severity


def test_a_subnet_for_pods_that_is_not_there_is_an_error(world: Emulated) -> None:
    """With its id."""
    nodes = subnet(world, "10.224.0.0/24")
    missing = nodes.replace("/subnets/", "/subnets/no-")
    spec = checks_spec(world, subnet_id=nodes, pod_subnet_id=missing, network_plugin_mode=None)

    finding = found(check_network(world.gateways, spec), "network.pod-subnet")

    assert finding.severity == "error"
    assert missing in finding.found


def test_addresses_in_use_are_not_free(world: Emulated) -> None:
    """Of 16 addresses eight are taken."""
    taken = [{"id": f"/nic/{number}"} for number in range(8)]
    spec = checks_spec(world, subnet_id=subnet(world, "10.224.0.0/28", ipConfigurations=taken))

    finding = found(check_network(world.gateways, spec), "network.addresses")

    assert finding.code == "network-unsuitable"
    assert "8 addresses left" in finding.found


def test_our_own_cluster_in_the_subnet_is_not_in_its_own_way(world: Emulated) -> None:
    """A resumed installation finds the subnet full of its own nodes."""
    taken = [{"id": f"/nic/{number}"} for number in range(14)]
    spec = checks_spec(world, subnet_id=subnet(world, "10.224.0.0/28", ipConfigurations=taken))
    world.azure.state.add_cluster("de", world.group, tags={TAG_INSTALLATION: "dash"})

    assert severities(check_network(world.gateways, spec)) == {"info"}


@pytest.mark.parametrize(
    ("properties", "changes", "rule"),
    [
        pytest.param(
            {"delegations": [{"name": "d"}]}, {}, "network.delegation", id="delegated-subnet"
        ),
        pytest.param({}, {"pod_cidr": "10.224.0.0/16"}, "network.overlap", id="pods-overlap"),
        pytest.param({}, {"service_cidr": "10.0.0.0/8"}, "network.overlap", id="services-overlap"),
        pytest.param(
            {}, {"outbound_type": "userDefinedRouting"}, "network.outbound", id="no-route-table"
        ),
        pytest.param(
            {}, {"outbound_type": "userAssignedNATGateway"}, "network.outbound", id="no-nat-gateway"
        ),
    ],
)
def test_a_subnet_that_cannot_hold_the_cluster_is_an_error(
    world: Emulated, properties: dict[str, Any], changes: dict[str, Any], rule: str
) -> None:
    """Each with its own rule."""
    spec = checks_spec(world, subnet_id=subnet(world, **properties), **changes)

    finding = found(check_network(world.gateways, spec), rule)

    assert (finding.severity, finding.code) == ("error", "network-unsuitable")


def test_a_route_table_satisfies_a_route_of_the_customers(world: Emulated) -> None:
    """AKS asks for nothing more."""
    place = subnet(world, routeTable={"id": "/route"})
    spec = checks_spec(world, subnet_id=place, outbound_type="userDefinedRouting")

    assert severities(check_network(world.gateways, spec)) == {"info"}


def test_a_subnet_that_does_not_exist_is_an_error(world: Emulated) -> None:
    """The cluster would be refused for it."""
    spec = checks_spec(world, subnet_id=subnet(world).replace("nodes", "none"))

    assert codes(check_network(world.gateways, spec)) == {"network-unsuitable"}


# Ownership


def test_everything_of_our_names_that_is_not_ours_is_told_at_once(world: Emulated) -> None:
    """Group, cluster and network."""
    state = world.azure.state
    state.add_group(world.group, tags={TAG_INSTALLATION: "other"})
    state.add_cluster("de", world.group)
    state.add_vnet("de-vnet", world.group, tags={TAG_INSTALLATION: "other"})

    findings = check_ownership(world.gateways, checks_spec(world, virtual_network="de-vnet"))

    assert codes(findings) == {"resource-group-foreign", "cluster-foreign", "network-foreign"}


def test_what_is_ours_already_is_no_obstacle(world: Emulated) -> None:
    """A resumed installation finds its own."""
    mine = {TAG_INSTALLATION: "dash"}
    state = world.azure.state
    state.add_group(world.group, tags=mine)
    state.add_cluster("de", world.group, tags=mine)
    state.add_vnet("de-vnet", world.group, tags=mine)

    findings = check_ownership(world.gateways, checks_spec(world, virtual_network="de-vnet"))

    assert severities(findings) == {"info"}


def test_a_customers_own_group_is_used_and_said_to_be_theirs(world: Emulated) -> None:
    """It will not be deleted."""
    world.azure.state.add_group(world.group)

    findings = check_ownership(world.gateways, checks_spec(world))

    assert "never deleted" in found(findings, "ownership.group").found


def test_an_unregistered_provider_is_told_with_the_command(world: Emulated) -> None:
    """Registration is the customer's to decide."""
    world.azure.state.unregister("Microsoft.ContainerService")

    finding = found(check_ownership(world.gateways, checks_spec(world)), "ownership.provider")

    assert finding.code == "provider-unregistered"
    assert finding.remedy == "az provider register --namespace Microsoft.ContainerService"


# Permissions


def rights(world: Emulated, **changes: Any) -> Findings:
    """What the check of rights finds for an installation without DNS of Azure's."""
    usual = {"mode": "manual"}
    seen = subscription_actions(azure_dns=False)
    spec = checks_spec(world, domain=usual, subscription_actions=seen)
    return check_permissions(world.gateways, replace(spec, **changes))


def test_the_published_roles_are_enough(world: Emulated) -> None:
    """Those of group and cluster on a prepared group, and the role of the checks."""
    group = world.azure.state.add_group(world.group)
    allow(world, (role(*INSTALLER), group.resource_id), (role(*CHECKS.actions), ""))

    assert severities(rights(world)) == {"info"}


def test_the_vendors_own_role_is_refused_unless_it_was_accepted(world: Emulated) -> None:
    """It cannot even read its own rights: with ``minimumRole`` that is a warning."""
    allow(world, (role(*MINIMUM.actions), ""))

    refused, accepted = rights(world), rights(world, allow_seed_role=True)

    assert severities(refused) == {"error"}
    assert severities(accepted) == {"warning"}
    assert all(READ_PERMISSIONS in f.found for f in refused.findings + accepted.findings)


def test_what_is_needed_is_an_error_even_in_a_smaller_role(world: Emulated) -> None:
    """Nobody can accept to go on without the right to make a cluster."""
    allow(world, (role(READ_PERMISSIONS, *CLUSTER_ACCESS.actions), ""))

    findings = rights(world, allow_seed_role=True)

    told = {(finding.rule, finding.severity) for finding in findings.findings}
    assert ("permissions.actions", "error") in told
    assert {severity for rule, severity in told if rule != "permissions.actions"} == {"warning"}


def test_all_that_one_role_grants_is_one_error_with_the_one_command(world: Emulated) -> None:
    """Contributor may do everything but give the cluster its role on the subnet."""
    spec = checks_spec(world, actions=group_actions(own_network=True, system_identity=True))
    allow(world, (CONTRIBUTOR, ""))

    findings = check_permissions(world.gateways, spec)

    (missing,) = [f for f in findings.findings if f.severity == "error"]
    assert "Microsoft.Authorization/roleAssignments/write" in missing.found
    assert missing.code == "permission-missing"
    assert missing.remedy == (
        "az role assignment create"
        f" --assignee-object-id {world.azure.directory.app.object_id}"
        ' --role "Dash Enterprise Installer Subnet Grant"'
        f" --scope /subscriptions/{world.subscription_id}"
    )


def test_a_group_that_is_there_need_not_be_made(world: Emulated) -> None:
    """The right to write groups is needed only where there is none."""
    without = [a for a in INSTALLER if not a.endswith("resourceGroups/write")]
    allow(world, (role(*without, *CHECKS.actions), ""))

    absent = rights(world)
    world.azure.state.add_group(world.group)
    present = rights(world)

    assert codes(absent) == {"permission-missing"}
    assert codes(present) == set()


def test_that_nothing_could_be_removed_again_is_told(world: Emulated) -> None:
    """The vendor's role may delete groups, and no cluster by itself."""
    group = world.azure.state.add_group(world.group)
    allow(world, (role(*MINIMUM.actions), group.resource_id), (role(*CHECKS.actions), ""))

    findings = rights(world, allow_seed_role=True)

    assert "managedClusters/delete" in f"{[f.found for f in findings.findings]}"
    assert codes(findings) == set()
    assert codes(rights(world)) == {"permission-missing"}


def test_an_existing_subnet_and_a_zone_have_scopes_of_their_own(world: Emulated) -> None:
    """To read everything is not to join a subnet, nor to write records."""
    world.azure.state.add_zone("example.com", "dns-group")
    allow(world, (READER, ""), (role(*INSTALLER), ""))
    spec = checks_spec(world, subnet_id=subnet(world))

    findings = check_permissions(world.gateways, spec)

    rules = {f.rule for f in findings.findings if f.severity == "error"}
    assert rules == {"permissions.subnet", "permissions.dns"}
    assert [f for f in findings.findings if "subnets/join/action" in f.found]
    assert [f for f in findings.findings if "dnsZones/CNAME/write" in f.found]


def test_a_zone_that_is_named_is_judged_without_a_look_at_it(world: Emulated) -> None:
    """Who may not see it learns which right is missing, and on which zone."""
    zone = world.azure.state.add_zone("example.com", "dns-group").resource_id
    allow(world, (role(*INSTALLER, *CHECKS.actions), ""))

    findings = check_permissions(world.gateways, checks_spec(world, domain={"zone_id": zone}))

    missing = found(findings, "permissions.dns")
    assert missing.severity == "error"
    assert "Microsoft.Network/dnsZones/read" in missing.found
    assert missing.remedy.endswith(f'"Dash Enterprise Installer DNS Records" --scope {zone}')


def test_to_search_a_zone_is_a_right_of_its_own(world: Emulated) -> None:
    """Not needed by who names the zone."""
    world.azure.state.add_zone("example.com", "dns-group")
    allow(world, (role(*INSTALLER, *CHECKS.actions), ""))

    findings = check_permissions(world.gateways, checks_spec(world))

    missing = found(findings, "permissions.subscription")
    assert missing.severity == "error"
    assert DNS_SEARCH.name in missing.remedy


def test_a_cluster_with_an_identity_of_the_customers_grants_nothing(world: Emulated) -> None:
    """The right to assign roles, which few people give away, is not asked for."""
    join = role(f"{SUBNET}/join/action", *INSTALLER)
    allow(world, (READER, ""), (join, ""))
    spec = checks_spec(
        world, subnet_id=subnet(world), system_identity=False, domain={"mode": "manual"}
    )

    assert codes(check_permissions(world.gateways, spec)) == set()


def test_to_run_a_cluster_under_an_identity_is_a_right_on_that_identity(world: Emulated) -> None:
    """Azure would refuse the cluster by its linked scope."""
    group = f"/subscriptions/{world.subscription_id}/resourceGroups/theirs"
    identity = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/nodes"
    allow(world, (role(*INSTALLER, *CHECKS.actions), ""))

    findings = rights(world, system_identity=False, identity_id=identity)

    missing = found(findings, "permissions.identity")
    assert missing.code == "permission-missing"
    assert CLUSTER_IDENTITY.actions[0] in missing.found
    assert missing.remedy.endswith(f'"{CLUSTER_IDENTITY.name}" --scope {identity}')
