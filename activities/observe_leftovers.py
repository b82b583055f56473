"""Stage ``observe_leftovers``: what still exists of an installation that ended early."""

from collections.abc import Callable

from activities._dns import own_records
from activities._removal import own_ids
from gateways import Gateways
from model.errors import Refusal
from model.ownership import owned_by
from model.plan import GroupSpec, LeftoversSpec
from model.resource_id import parse
from model.results import Leftovers

_CLUSTER = "/microsoft.containerservice/managedclusters/"
_SETTLED = ("Succeeded", "Failed", "Canceled", "")
"""Provisioning states in which Azure does nothing; empty for a cluster that is gone."""


def observe_leftovers(gateways: Gateways, spec: LeftoversSpec) -> Leftovers:
    """List what is ours, its nodes' group and DNS records, and what Azure still does about it."""
    group = gateways.resource_groups(spec.subscription_id).find(spec.resource_group)
    resources, busy = _allowed("What is in the group", lambda: own_ids(gateways, spec))
    if group is not None and owned_by(spec.owner, group.get("tags")):
        resources = [group["id"], *resources]
        if group["properties"].get("provisioningState") == "Deleting":
            busy.append(f"{group['id']} is Deleting")
    for cluster in [found for found in resources if _CLUSTER in found.lower()]:
        nodes, state = _cluster(gateways, spec, cluster)
        if nodes:  # named as soon as the cluster is asked for, and mostly out of the app's sight
            resources = [
                *resources,
                f"/subscriptions/{spec.subscription_id}/resourceGroups/{nodes}",
            ]
        busy += [f"{cluster} is {state}"] if state not in _SETTLED else []
    if (domain := spec.domain) is not None:
        records, unknown = _allowed("DNS records", lambda: own_records(gateways, domain))
        resources, busy = [*resources, *records], [*busy, *unknown]
    return Leftovers(resources=tuple(resources), busy=tuple(busy))


def _allowed(what: str, look: Callable[[], list[str]]) -> tuple[list[str], list[str]]:
    """What a look finds, and a sentence instead when the app may not look."""
    try:
        return look(), []
    except Refusal as refusal:
        if refusal.code != "permission-missing":
            raise
        return [], [f"{what} cannot be listed: {refusal.remedy}"]


def _cluster(gateways: Gateways, spec: GroupSpec, cluster: str) -> tuple[str, str]:
    """The name of the group with a cluster's nodes, and the cluster's state; empty when gone."""
    place = parse(cluster)
    found = gateways.clusters(spec.subscription_id).find(place.group, place.name) or {}
    properties: dict[str, str] = found.get("properties") or {}
    return properties.get("nodeResourceGroup", ""), properties.get("provisioningState", "")
