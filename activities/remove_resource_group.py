"""Stage ``remove_resource_group``: what the installation made is on its way out."""

from gateways import Gateways
from model.ownership import TAG_INSTALLATION, owned_by
from model.plan import GroupSpec
from model.results import Made


def remove_resource_group(gateways: Gateways, spec: GroupSpec) -> Made:
    """Ask for the deletion of our group; in a customer's own group only of what carries our tag.

    DNS records and secrets are not touched. Does not wait.
    """
    groups = gateways.resource_groups(spec.subscription_id)
    found = groups.find(spec.resource_group)
    if found is None:
        return Made(resource_id="", changed=False)
    if owned_by(spec.owner.installation, found.get("tags")):
        if found["properties"].get("provisioningState") != "Deleting":
            groups.delete(spec.resource_group)
        return Made(resource_id=found["id"], changed=True)
    return Made(resource_id=found["id"], changed=_remove_own(gateways, spec))


def _remove_own(gateways: Gateways, spec: GroupSpec) -> bool:
    listed = gateways.resource_groups(spec.subscription_id).tagged(
        TAG_INSTALLATION, spec.owner.installation
    )
    removed = False
    for resource_id in listed:
        parts = resource_id.strip("/").split("/")
        kind, name = "/".join(parts[5:7]).lower(), parts[-1]
        if kind == "microsoft.containerservice/managedclusters":
            gateways.clusters(spec.subscription_id).delete(parts[3], name)
            removed = True
        elif kind == "microsoft.network/virtualnetworks" and not removed:
            gateways.networks(spec.subscription_id).delete(parts[3], name)
            removed = True
    return removed
