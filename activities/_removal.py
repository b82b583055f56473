"""Whether a clean-up may take the whole resource group, or only what is ours in it."""

from typing import Any

from gateways import Gateways
from model.errors import Refusal
from model.ownership import TAG_INSTALLATION, owned_by
from model.plan import GroupSpec


def takes_all(gateways: Gateways, spec: GroupSpec, found: dict[str, Any]) -> bool:
    """Whether the group is ours, and nothing in it is marked as somebody else's.

    Two installers may have made one group at the same instant, and the later tag stays; a cluster
    that the other one made in it must outlive our clean-up. An app that may not list what is in
    the group takes the group's own tag at its word.
    """
    if not owned_by(spec.owner, found.get("tags")):
        return False
    groups = gateways.resource_groups(spec.subscription_id)
    try:
        inside = groups.marked(spec.resource_group, TAG_INSTALLATION)
    except Refusal as refusal:
        if refusal.code != "permission-missing":
            raise
        return True
    return all(owned_by(spec.owner, one.tags) for one in inside)


def own_ids(gateways: Gateways, spec: GroupSpec) -> list[str]:
    """Ids of everything in the group that is ours."""
    groups = gateways.resource_groups(spec.subscription_id)
    inside = groups.marked(spec.resource_group, TAG_INSTALLATION)
    return sorted(one.resource_id for one in inside if owned_by(spec.owner, one.tags))
