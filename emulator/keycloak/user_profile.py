"""The rules by which Keycloak refuses a user's name or address, in each version's words.

https://www.keycloak.org/docs/latest/server_admin/#_validation-rules
"""

import re
from typing import Any

from emulator.keycloak.versions import Version

FIELDS = frozenset(
    {
        "access", "applicationRoles", "attributes", "clientConsents", "clientRoles",
        "createdTimestamp", "credentials", "disableableCredentialTypes", "email", "emailVerified",
        "enabled", "federatedIdentities", "federationLink", "firstName", "groups", "id", "lastName",
        "notBefore", "origin", "realmRoles", "requiredActions", "self", "serviceAccountClientId",
        "socialLinks", "totp", "userProfileMetadata", "username",
    }
)  # fmt: skip # one idea
"""Of a UserRepresentation; anything else is refused."""

_NAME_LENGTH = (3, 255)
_LONGEST = 255
_LONGEST_LOCAL_PART = 64
_ODD_IN_USERNAMES = re.compile(r"[<>&\"'\s$%!#?§,;:*~/\\|^=\[\]{}()`\x00-\x1f\x7f]")
_ODD_IN_NAMES = re.compile(r"[<>&\"\v$%!#?§;*~/\\|^=\[\]{}()\x00-\x1f\x7f]")
_LOCAL_PART = re.compile(r"[^\s@.<>()\[\],;:\\\"]+(\.[^\s@.<>()\[\],;:\\\"]+)*")
_LABEL = r"[^\W_]([\w-]*[^\W_])?"
_DOMAIN = re.compile(rf"({_LABEL}(\.{_LABEL})*|\[[0-9.]+\])")


def refusal(version: Version, wanted: dict[str, Any]) -> dict[str, Any] | None:
    """The body of the answer 400 to a UserRepresentation; None when nothing is wrong with it."""
    unknown = next((key for key in wanted if key not in FIELDS), None)
    if unknown is not None:
        return {"error": _unknown_field(version, unknown)}
    email = str(wanted.get("email") or "")
    odd_email = bool(email) and not is_email(email)
    if not version.profile:
        return {"errorMessage": "Invalid email address."} if odd_email else None
    found = _name_violations(wanted)
    if odd_email:
        found.append(_violation("email", "error-invalid-email", email))
    if len(found) > 1:
        return {"errors": found}
    return found[0] if found else None


def is_email(text: str) -> bool:
    """Whether Keycloak takes it for an e-mail address."""
    local, _, domain = text.rpartition("@")
    return (
        len(local) <= _LONGEST_LOCAL_PART
        and _LOCAL_PART.fullmatch(local) is not None
        and _DOMAIN.fullmatch(domain) is not None
    )


def _name_violations(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    username, (shortest, longest) = str(wanted.get("username") or ""), _NAME_LENGTH
    if username and not shortest <= len(username) <= longest:
        found.append(_violation("username", "error-invalid-length", shortest, longest))
    if _ODD_IN_USERNAMES.search(username):
        found.append(_violation("username", "error-username-invalid-character"))
    for field in ("firstName", "lastName"):
        name = str(wanted.get(field) or "")
        if len(name) > _LONGEST:
            found.append(_violation(field, "error-invalid-length-too-long", None, _LONGEST))
        if _ODD_IN_NAMES.search(name):
            found.append(_violation(field, "error-person-name-invalid-character"))
    return found


def _violation(field: str, error: str, *params: Any) -> dict[str, Any]:
    return {"field": field, "errorMessage": error, "params": [field, *params]}


def _unknown_field(version: Version, name: str) -> str:
    """As the JSON reader says it, without the place in the text."""
    if version.profile:
        return f'Invalid json representation for UserRepresentation. Unrecognized field "{name}"'
    return (
        f'Unrecognized field "{name}" (class org.keycloak.representations.idm.UserRepresentation),'
        " not marked as ignorable"
    )
