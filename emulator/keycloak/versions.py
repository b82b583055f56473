"""How Keycloak versions differ where an installer can notice; seen on the true servers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The manners of one version.

    Attributes:
        wrong_password: HTTP status of a direct grant with a wrong password.
        email_first: Whether a user whose name and address are both taken is told of the address.
        profile_required: Whether a user without address or names cannot log in (since 24).
    """

    wrong_password: int
    email_first: bool
    profile_required: bool


VERSIONS: dict[str, Version] = {
    "22.0.5": Version(wrong_password=401, email_first=False, profile_required=False),
    "26.7.5": Version(wrong_password=400, email_first=True, profile_required=True),
}
