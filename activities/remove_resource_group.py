"""Stage ``remove_resource_group``: what the installation made is on its way out."""

from activities._removal import own_ids, takes_all
from gateways import Gateways
from model.errors import Busy
from model.plan import GroupSpec
from model.resource_id import parse
from model.results import Made

_CLUSTER = "microsoft.containerservice/managedclusters"
_NETWORK = "microsoft.network/virtualnetworks"


def remove_resource_group(gateways: Gateways, spec: GroupSpec) -> Made:
    """Ask for the deletion of our group; in a shared or a customer's group only of what is ours.

    DNS records and secrets are not touched. Does not wait.

    Raises:
        Busy: In a customer's group: the network can go only after the cluster.
    """
    groups = gateways.resource_groups(spec.subscription_id)
    found = groups.find(spec.resource_group)
    if found is None:
        return Made(resource_id="", changed=False)
    if takes_all(gateways, spec, found):
        if found["properties"].get("provisioningState") != "Deleting":
            groups.delete(spec.resource_group)
        return Made(resource_id=found["id"], changed=True)
    return Made(resource_id=found["id"], changed=_remove_own(gateways, spec))


def _remove_own(gateways: Gateways, spec: GroupSpec) -> bool:
    """Delete our clusters first, and our networks when nothing uses them any longer."""
    here = [parse(found) for found in own_ids(gateways, spec)]
    clusters = [found for found in here if found.kind == _CLUSTER]
    for found in clusters:
        gateways.clusters(spec.subscription_id).delete(found.group, found.name)
    if clusters:
        raise Busy("our cluster is being deleted, our network follows")
    networks = [found for found in here if found.kind == _NETWORK]
    for found in networks:
        gateways.networks(spec.subscription_id).delete(found.group, found.name)
    return bool(networks)
