"""Stage ``ensure_subnet_access``: the cluster's identity may use its subnet."""

from gateways import Gateways
from model.errors import Busy
from model.ownership import role_assignment_name
from model.plan import ClusterSpec
from model.results import Made


def ensure_subnet_access(gateways: Gateways, spec: ClusterSpec) -> Made:
    """Grant Network Contributor on the subnet to a system-assigned identity.

    A user-assigned identity is the customer's to grant beforehand; nothing is done then.

    Raises:
        Busy: The cluster has no principal yet.
        Refusal: We may not assign roles on the subnet.
    """
    scope = spec.subnet_id or ""
    found = gateways.clusters(spec.group.subscription_id).find(spec.group.resource_group, spec.name)
    identity: dict[str, str] = (found or {}).get("identity") or {}
    if identity.get("type") == "UserAssigned":
        return Made(resource_id=scope, changed=False)
    principal = identity.get("principalId")
    if not principal:
        raise Busy(f"cluster {spec.name} has no identity yet", 5)
    name = role_assignment_name(scope, principal)
    granted = gateways.networks(spec.group.subscription_id).grant(scope, name, principal)
    return Made(resource_id=scope, changed=granted)
