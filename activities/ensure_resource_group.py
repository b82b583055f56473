"""Stage ``ensure_resource_group``: the group is there."""

from gateways import Gateways
from model.errors import Busy, Refusal
from model.ownership import TAG_INSTALLATION, owned_by, shown, tags
from model.plan import GroupSpec
from model.results import Made


def ensure_resource_group(gateways: Gateways, spec: GroupSpec) -> Made:
    """Create the group with our tag; a group that a customer prepared is used as it is.

    Raises:
        Refusal: resource-group-foreign; it belongs to another installation.
        Busy: The group is being deleted.
    """
    groups = gateways.resource_groups(spec.subscription_id)
    found = groups.find(spec.resource_group)
    if found is None:
        made = groups.create(spec.resource_group, spec.location, tags(spec.owner))
        return Made(resource_id=made, changed=True)
    marks: dict[str, str] = found.get("tags") or {}
    if TAG_INSTALLATION in marks and not owned_by(spec.owner, marks):
        raise Refusal(
            "resource-group-foreign",
            f"Resource group {spec.resource_group} belongs to {shown(marks)}.",
        )
    if found["properties"].get("provisioningState") == "Deleting":
        raise Busy(f"resource group {spec.resource_group} is being deleted")
    return Made(resource_id=found["id"], changed=False)
