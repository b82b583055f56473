"""Stage ``check_permissions``: the app may do what the plan needs."""

from gateways import Gateways
from gateways.permissions import Permission
from model.actions import granted
from model.finding import Finding, Findings, error, info, warning
from model.plan import ChecksSpec


def check_permissions(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Compare own permissions with the plan's actions, and name each missing one."""
    group = spec.group
    scope = f"resource group {group.resource_group}"
    permissions = gateways.permissions(group.subscription_id)
    wide = permissions.of_subscription()
    held = permissions.of_group(group.resource_group) or wide
    if held is None:
        return Findings(
            findings=(
                warning(
                    "permissions.readable",
                    f"Own permissions on {scope} cannot be read: it does not exist yet, or the"
                    " app lacks Microsoft.Authorization/permissions/read.",
                    "Create the group and assign the installer's role on it, to know beforehand.",
                ),
            )
        )
    missing = [_missing(action, scope) for action in spec.actions if not _held(action, held)]
    found = f"All {len(spec.actions)} actions that the plan needs are granted on {scope}."
    narrow = [_blind(a) for a in spec.subscription_actions if not _held(a, wide or held)]
    return Findings(findings=(*(missing or [info("permissions.actions", found)]), *narrow))


def _held(action: str, held: list[Permission]) -> bool:
    return any(granted(action, grant.actions, grant.not_actions) for grant in held)


def _blind(action: str) -> Finding:
    return warning(
        "permissions.subscription",
        f"The app may not do {action} on the subscription, so some checks see nothing.",
        f"Assign a role with {action} on the subscription, or accept to learn it later.",
    )


def _missing(action: str, scope: str) -> Finding:
    return error(
        "permissions.actions",
        "permission-missing",
        f"The app may not do {action} on {scope}.",
        f"Assign a role with {action} on {scope} to the app's identity.",
    )
