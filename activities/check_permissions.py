"""Stage ``check_permissions``: the app may do what the plan needs."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from activities._dns import candidate_zones
from activities._optional import or_warning
from activities._rights import Place, Wanted, compared, unreadable
from gateways import Gateways
from model import actions
from model.dns_zone_choice import choose
from model.domain_names import names
from model.errors import Refusal
from model.finding import Finding, Findings
from model.plan import ChecksSpec


def check_permissions(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Compare own permissions with the plan's actions at each scope; name each missing one.

    With ``allow_seed_role`` what only checks and clean-ups need is worth a warning.
    """
    return Findings(
        findings=(
            *_in_group(gateways, spec),
            *_in_subscription(gateways, spec),
            *_on_subnets(gateways, spec),
            *_on_addresses(gateways, spec),
            *_on_identity(gateways, spec),
            *or_warning("permissions.dns", lambda: _on_zones(gateways, spec)),
        )
    )


def _in_group(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    """A role on the group itself counts only once there is a group; it is then not created."""
    group = spec.group
    subscription = f"/subscriptions/{group.subscription_id}"
    if exists := _group_exists(gateways, spec):
        scope = f"{subscription}/resourceGroups/{group.resource_group}"
        place = Place("resourceGroup", f"resource group {group.resource_group}", scope)
    else:
        told = f"the subscription (resource group {group.resource_group} does not exist yet)"
        place = Place("resourceGroup", told, subscription)
    needed = [a for a in spec.actions if not (exists and a.lower() == actions.CREATE_GROUP.lower())]
    owned = spec.virtual_network is not None
    removal = actions.removal_actions(own_group=not exists, own_network=owned)
    yield from _compare(gateways, spec, place, Wanted("permissions.actions", needed))
    optional = Wanted("permissions.removal", removal, optional=spec.allow_seed_role)
    yield from _compare(gateways, spec, place, optional)


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
    scope = f"/subscriptions/{spec.group.subscription_id}"
    place = Place("subscription", "the subscription", scope)
    wanted = Wanted(
        "permissions.subscription", spec.subscription_actions, optional=spec.allow_seed_role
    )
    yield from _compare(gateways, spec, place, wanted)


def _on_subnets(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    grant = actions.grant_actions() if spec.system_identity else ()
    for subnet, further in (
        (spec.subnet_id, grant),
        (spec.pod_subnet_id, ()),
        (spec.api_server_subnet_id, ()),
    ):
        if subnet is not None:
            place = Place("subnet", f"subnet {subnet}", subnet)
            wanted = Wanted("permissions.subnet", (*actions.subnet_actions(), *further))
            yield from _compare(gateways, spec, place, wanted)


def _on_addresses(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    for address in spec.outbound_addresses:
        place = Place("resourceGroup", f"public address {address}", address)
        wanted = Wanted("permissions.address", actions.address_actions(address))
        yield from _compare(gateways, spec, place, wanted)


def _on_identity(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    if spec.identity_id is None:
        return
    place = Place("userAssignedIdentity", f"identity {spec.identity_id}", spec.identity_id)
    wanted = Wanted("permissions.identity", actions.identity_actions())
    yield from _compare(gateways, spec, place, wanted)


def _on_zones(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    if spec.domain.mode != "azure":
        return
    needed = actions.record_actions(overwrite=spec.domain.overwrite)
    for zone_id in _zones(gateways, spec):
        place = Place("dnsZone", f"DNS zone {zone_id}", zone_id)
        yield from _compare(gateways, spec, place, Wanted("permissions.dns", needed))


def _zones(gateways: Gateways, spec: ChecksSpec) -> Iterable[str]:
    """Those that hold the names; the one that the request names even when it cannot be seen."""
    named = spec.domain.zone_id
    try:
        found = candidate_zones(gateways, spec.domain)
    except Refusal as refusal:
        if named is None or refusal.code != "permission-missing":
            raise
        return [named]
    listed = [(zone.name, zone.zone_id) for zone in found]
    used = {z for name in names(spec.domain.base_domain) for z in choose(name, listed).zones}
    return sorted(used)


def _compare(
    gateways: Gateways, spec: ChecksSpec, place: Place, wanted: Wanted
) -> tuple[Finding, ...]:
    permissions = gateways.permissions(spec.group.subscription_id)
    held = permissions.at(place.scope)
    if held is None:
        blind = replace(wanted, optional=spec.allow_seed_role)
        return (unreadable(place, blind, permissions.principal_id),)
    pairs = [(one.actions, one.not_actions) for one in held]
    return compared(place, wanted, pairs, permissions.principal_id)
