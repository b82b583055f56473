"""Stage ``check_permissions``: the app may do what the plan needs."""

from collections.abc import Iterable, Iterator

from activities._dns import candidate_zones
from activities._optional import or_warning
from gateways import Gateways
from gateways.permissions import Permission
from model import actions
from model.dns_zone_choice import choose
from model.domain_names import names
from model.errors import Refusal
from model.finding import Finding, Findings, error, info, warning
from model.plan import ChecksSpec


def check_permissions(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Compare own permissions with the plan's actions at each scope; name each missing one."""
    return Findings(
        findings=(
            *_in_group(gateways, spec),
            *_in_subscription(gateways, spec),
            *_on_subnet(gateways, spec),
            *or_warning("permissions.dns", lambda: _on_zones(gateways, spec)),
        )
    )


def _in_group(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    """A role on the group itself counts only once there is a group; it is then not created."""
    group = spec.group
    permissions = gateways.permissions(group.subscription_id)
    exists = _group_exists(gateways, spec)
    held = permissions.of_group(group.resource_group) if exists else permissions.of_subscription()
    scope = f"resource group {group.resource_group}"
    needed = [a for a in spec.actions if not (exists and a.lower() == actions.CREATE_GROUP.lower())]
    yield from _compare("permissions.actions", scope, needed, held)
    owned = spec.virtual_network is not None
    removal = actions.removal_actions(own_group=not exists, own_network=owned)
    for action in actions.missing(removal, _pairs(held or ())):
        yield warning(
            "permissions.removal",
            f"The app may not do {action} on {scope}: it cannot remove what it made.",
            _grant(action, scope),
        )


def _group_exists(gateways: Gateways, spec: ChecksSpec) -> bool:
    group = spec.group
    try:
        found = gateways.resource_groups(group.subscription_id).find(group.resource_group)
    except Refusal as refusal:
        if refusal.code != "permission-missing":
            raise
        return True  # Azure tells those who may look that a group is absent
    return found is not None


def _in_subscription(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    held = gateways.permissions(spec.group.subscription_id).of_subscription()
    for action in actions.missing(spec.subscription_actions, _pairs(held or ())):
        yield warning(
            "permissions.subscription",
            f"The app may not do {action} on the subscription, so some checks see nothing.",
            f"{_grant(action, 'the subscription')} Or accept to learn it later.",
        )


def _on_subnet(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    if spec.subnet_id is None:
        return
    grant = actions.grant_actions() if spec.system_identity else ()
    held = gateways.permissions(spec.group.subscription_id).at(spec.subnet_id)
    needed = (*actions.subnet_actions(), *grant)
    yield from _compare("permissions.subnet", f"subnet {spec.subnet_id}", needed, held)


def _on_zones(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    if spec.domain.mode != "azure":
        return
    listed = [(zone.name, zone.zone_id) for zone in candidate_zones(gateways, spec.domain)]
    used = {z for name in names(spec.domain.base_domain) for z in choose(name, listed).zones}
    needed = actions.record_actions(overwrite=spec.domain.overwrite)
    for zone_id in sorted(used):
        held = gateways.permissions(spec.group.subscription_id).at(zone_id)
        yield from _compare("permissions.dns", f"DNS zone {zone_id}", needed, held)


def _compare(
    rule: str, scope: str, needed: Iterable[str], held: list[Permission] | None
) -> Iterator[Finding]:
    if held is None:
        yield warning(
            rule,
            f"Own permissions on {scope} cannot be read, so nothing is known beforehand.",
            f"Assign a role with Microsoft.Authorization/permissions/read on {scope}.",
        )
        return
    wanted = tuple(needed)
    missing = actions.missing(wanted, _pairs(held))
    for action in missing:
        told = f"The app may not do {action} on {scope}."
        yield error(rule, "permission-missing", told, _grant(action, scope))
    if not missing:
        yield info(rule, f"All {len(wanted)} actions that the plan needs are granted on {scope}.")


def _pairs(held: Iterable[Permission]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(permission.actions, permission.not_actions) for permission in held]


def _grant(action: str, scope: str) -> str:
    role = actions.role_with(action)
    named = f" (such as {role.name})" if role else ""
    return f"Assign a role with {action}{named} on {scope} to the app's identity."
