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
    held = gateways.permissions(group.subscription_id).of_group(group.resource_group)
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
    missing = [action for action in spec.actions if not _held(action, held)]
    if not missing:
        found = f"All {len(spec.actions)} actions that the plan needs are granted on {scope}."
        return Findings(findings=(info("permissions.actions", found),))
    return Findings(findings=tuple(_missing(action, scope) for action in missing))


def _held(action: str, held: list[Permission]) -> bool:
    return any(granted(action, grant.actions, grant.not_actions) for grant in held)


def _missing(action: str, scope: str) -> Finding:
    return error(
        "permissions.actions",
        "permission-missing",
        f"The app may not do {action} on {scope}.",
        f"Assign a role with {action} on {scope} to the app's identity.",
    )
