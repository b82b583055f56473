"""What is missing at a place, told with the one command that grants it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from model import actions
from model.finding import Finding, error, info, warning


@dataclass(frozen=True, slots=True)
class Place:
    """A scope.

    Attributes:
        kind: As in ``RoleDefinition.scope``.
        told: For people.
        scope: ARM id.
    """

    kind: str
    told: str
    scope: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Actions that one rule is about.

    Attributes:
        optional: Whether an installation goes on without them.
    """

    rule: str
    needed: Sequence[str]
    optional: bool = False


def compared(
    place: Place,
    wanted: Wanted,
    held: Iterable[tuple[Iterable[str], Iterable[str]]],
    who: Callable[[], str],
) -> tuple[Finding, ...]:
    """One finding per role that is missing at ``place``; when there is none, that all is granted.

    Args:
        place: Where.
        wanted: What is needed there.
        held: Own grants there: pairs of actions and notActions.
        who: Object id of the app's identity, asked for only when a command needs it; may be empty.
    """
    missing = actions.missing(wanted.needed, held)
    if not missing:
        told = f"All {len(wanted.needed)} actions that the plan needs are granted on {place.told}."
        return (info(wanted.rule, told),)
    roles = {action: actions.role_with(action, place.kind) for action in missing}
    return tuple(
        _tell(
            wanted,
            f"The app may not do {', '.join(a for a in missing if roles[a] is role)}"
            f" on {place.told}.",
            actions.grant_command(role.name, place.scope, who()),
        )
        for role in dict.fromkeys(roles.values())
    )


def unreadable(place: Place, wanted: Wanted, who: Callable[[], str]) -> Finding:
    """Own grants at ``place`` may not be read."""
    told = (
        f"The app may not do {actions.READ_PERMISSIONS} on {place.told}, so nothing is known"
        f" beforehand about {', '.join(wanted.needed)}."
    )
    return _tell(wanted, told, actions.grant_command(actions.CHECKS.name, place.scope, who()))


def _tell(wanted: Wanted, found: str, remedy: str) -> Finding:
    if wanted.optional:
        return warning(wanted.rule, found, remedy)
    return error(wanted.rule, "permission-missing", found, remedy)
