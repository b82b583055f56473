"""Stage ``ensure_network``: a virtual network of our own is there, or on its way."""

from gateways import Gateways
from model.errors import Refusal
from model.ownership import owned_by, tags
from model.plan import NetworkSpec
from model.results import Made


def ensure_network(gateways: Gateways, spec: NetworkSpec) -> Made:
    """Ask for the network with its subnet unless it is there; asks again after a failure.

    Raises:
        Refusal: network-foreign; a network of that name is not ours.
    """
    group, owner = spec.group, spec.group.owner
    networks = gateways.networks(group.subscription_id)
    found = networks.find(group.resource_group, spec.virtual_network)
    if found is not None:
        if not owned_by(owner, found.get("tags")):
            raise Refusal(
                "network-foreign", f"Virtual network {spec.virtual_network} exists and is not ours."
            )
        if found["properties"].get("provisioningState") != "Failed":
            return Made(resource_id=found["id"], changed=False)
    body = {
        "location": group.location,
        "tags": tags(owner),
        "properties": {
            "addressSpace": {"addressPrefixes": [spec.address_space]},
            "subnets": [{"name": spec.subnet, "properties": {"addressPrefix": spec.subnet_prefix}}],
        },
    }
    made = networks.create(group.resource_group, spec.virtual_network, body)
    return Made(resource_id=made, changed=True)
