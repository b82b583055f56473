"""Stage ``observe_leftovers``: what still exists of an installation that ended early."""

from gateways import Gateways
from model.errors import Refusal
from model.ownership import TAG_INSTALLATION, owned_by
from model.plan import GroupSpec
from model.resource_id import parse
from model.results import Leftovers

_CLUSTER = "/microsoft.containerservice/managedclusters/"
_SETTLED = ("Succeeded", "Failed", "Canceled", "")
"""Provisioning states in which Azure does nothing; empty for a cluster that is gone."""


def observe_leftovers(gateways: Gateways, spec: GroupSpec) -> Leftovers:
    """List what carries our tag, its nodes' group, and what Azure is still doing about it."""
    groups = gateways.resource_groups(spec.subscription_id)
    group = groups.find(spec.resource_group)
    busy: list[str] = []
    try:
        resources = groups.tagged(spec.resource_group, TAG_INSTALLATION, spec.owner.installation)
    except Refusal as refusal:
        if refusal.code != "permission-missing":
            raise
        resources, busy = [], ["What is in the group cannot be listed: " + refusal.remedy]
    if group is not None and owned_by(spec.owner.installation, group.get("tags")):
        resources = [group["id"], *resources]
        if group["properties"].get("provisioningState") == "Deleting":
            busy.append(f"{group['id']} is Deleting")
    for cluster in [found for found in resources if _CLUSTER in found.lower()]:
        place = parse(cluster)
        found = gateways.clusters(spec.subscription_id).find(place.group, place.name)
        properties: dict[str, str] = (found or {}).get("properties") or {}
        if (state := properties.get("provisioningState", "")) not in _SETTLED:
            busy.append(f"{cluster} is {state}")
        if nodes := properties.get("nodeResourceGroup"):
            resources.append(f"/subscriptions/{spec.subscription_id}/resourceGroups/{nodes}")
    return Leftovers(resources=tuple(resources), busy=tuple(busy))
