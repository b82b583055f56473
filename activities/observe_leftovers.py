"""Stage ``observe_leftovers``: what still exists of an installation that ended early."""

from gateways import Gateways
from model.ownership import TAG_INSTALLATION, owned_by
from model.plan import GroupSpec
from model.results import Leftovers


def observe_leftovers(gateways: Gateways, spec: GroupSpec) -> Leftovers:
    """List what carries our tag, and what Azure is still doing about it."""
    groups = gateways.resource_groups(spec.subscription_id)
    group = groups.find(spec.resource_group)
    resources = groups.tagged(TAG_INSTALLATION, spec.owner.installation)
    busy: list[str] = []
    if group is not None and owned_by(spec.owner.installation, group.get("tags")):
        resources = [group["id"], *resources]
        if group["properties"].get("provisioningState") == "Deleting":
            busy.append(f"{group['id']} is Deleting")
    for resource_id in resources:
        if "/managedclusters/" in resource_id.lower():
            busy.extend(_cluster_work(gateways, spec, resource_id))
    return Leftovers(resources=tuple(resources), busy=tuple(busy))


def _cluster_work(gateways: Gateways, spec: GroupSpec, resource_id: str) -> list[str]:
    parts = resource_id.strip("/").split("/")
    found = gateways.clusters(spec.subscription_id).find(parts[3], parts[-1])
    state = (found or {}).get("properties", {}).get("provisioningState", "gone")
    return (
        []
        if state in ("Succeeded", "Failed", "Canceled", "gone")
        else [f"{resource_id} is {state}"]
    )
