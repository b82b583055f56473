"""Stage ``observe_removal``: what the installation made is gone."""

from gateways import Gateways
from model.outcome import Pending
from model.ownership import TAG_INSTALLATION, owned_by
from model.plan import GroupSpec
from model.results import Nothing


def observe_removal(gateways: Gateways, spec: GroupSpec) -> Nothing | Pending:
    """Look once."""
    groups = gateways.resource_groups(spec.subscription_id)
    found = groups.find(spec.resource_group)
    if found is None:
        return Nothing()
    if owned_by(spec.owner.installation, found.get("tags")):
        state = found["properties"].get("provisioningState")
        return Pending(detail=f"resource group {spec.resource_group} is {state}")
    left = groups.tagged(spec.resource_group, TAG_INSTALLATION, spec.owner.installation)
    return Pending(detail=f"still there: {', '.join(left)}"[:200]) if left else Nothing()
