"""Stage ``check_ownership``: nothing of our names belongs to somebody else."""

from collections.abc import Iterator

from activities._optional import or_warning
from gateways import Gateways
from model.finding import CLUSTER_IS_OURS, Finding, Findings, error, info, warning
from model.ownership import TAG_INSTALLATION, owned_by, shown
from model.plan import ChecksSpec

PROVIDERS = ("Microsoft.ContainerService", "Microsoft.Network", "Microsoft.Compute")


def check_ownership(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Look at group, cluster and network of our names, and at the resource providers."""
    return Findings(
        findings=(
            *or_warning("ownership.group", lambda: _group(gateways, spec)),
            *or_warning("ownership.cluster", lambda: _cluster(gateways, spec)),
            *or_warning("ownership.network", lambda: _network(gateways, spec)),
            *or_warning("ownership.provider", lambda: _providers(gateways, spec)),
        )
    )


def _group(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    group = spec.group
    found = gateways.resource_groups(group.subscription_id).find(group.resource_group)
    tags: dict[str, str] = (found or {}).get("tags") or {}
    if found is None:
        yield info("ownership.group", f"Resource group {group.resource_group} will be created.")
    elif owned_by(group.owner, tags):
        yield info("ownership.group", f"Resource group {group.resource_group} is ours.")
    elif TAG_INSTALLATION in tags:
        told = f"Resource group {group.resource_group} belongs to {shown(tags)}."
        yield error("ownership.group", "resource-group-foreign", told)
    else:
        yield info(
            "ownership.group",
            f"Resource group {group.resource_group} exists and is yours: it is used, not tagged,"
            " and never deleted.",
        )


def _cluster(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    group = spec.group
    found = gateways.clusters(group.subscription_id).find(group.resource_group, spec.cluster)
    if found is None:
        yield info("ownership.cluster", f"Cluster {spec.cluster} will be created.")
    elif owned_by(group.owner, found.get("tags")):
        yield info(CLUSTER_IS_OURS, f"Cluster {spec.cluster} is ours: it is looked at again.")
    else:
        told = f"Cluster {spec.cluster} exists in {group.resource_group} without our tag."
        yield error("ownership.cluster", "cluster-foreign", told)


def _network(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    if spec.virtual_network is None:
        return
    group, name = spec.group, spec.virtual_network
    found = gateways.networks(group.subscription_id).find(group.resource_group, name)
    if found is None:
        yield info("ownership.network", f"Virtual network {name} will be created.")
    elif owned_by(group.owner, found.get("tags")):
        yield info("ownership.network", f"Virtual network {name} is ours.")
    else:
        told = f"Virtual network {name} exists in {group.resource_group} without our tag."
        yield error("ownership.network", "network-foreign", told)


def _providers(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    groups = gateways.resource_groups(spec.group.subscription_id)
    for namespace in PROVIDERS:
        state = groups.registration(namespace)
        if state == "Registering":
            told = f"{namespace} is being registered."
            yield warning("ownership.provider", told, "Nothing to do; it takes some minutes.")
        elif state != "Registered":
            told = f"{namespace} is {state} in the subscription."
            remedy = f"az provider register --namespace {namespace}"
            yield error("ownership.provider", "provider-unregistered", told, remedy)
