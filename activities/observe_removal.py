"""Stage ``observe_removal``: what the installation made is gone."""

from activities._removal import own_ids, takes_all
from gateways import Gateways
from model.outcome import Pending
from model.plan import GroupSpec
from model.results import Nothing


def observe_removal(gateways: Gateways, spec: GroupSpec) -> Nothing | Pending:
    """Look once."""
    found = gateways.resource_groups(spec.subscription_id).find(spec.resource_group)
    if found is None:
        return Nothing()
    if takes_all(gateways, spec, found):
        state = found["properties"].get("provisioningState")
        return Pending(detail=f"resource group {spec.resource_group} is {state}")
    left = own_ids(gateways, spec)
    return Pending(detail=f"still there: {', '.join(left)}"[:200]) if left else Nothing()
