"""People and their logins, as the product's Keycloak knows them."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A user as wanted. Keycloak 24 and later let nobody log in who lacks one of the four.

    Attributes:
        username: Keycloak stores it in lower case and finds it in any case.
    """

    username: str
    email: str
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user as Keycloak has it.

    Attributes:
        user_id: Keycloak's own id (a UUID).
        username: In lower case.
        email: In lower case; empty when the user has none, as the names are.
        enabled: A disabled user cannot log in.
    """

    user_id: str
    username: str
    email: str
    first_name: str
    last_name: str
    enabled: bool


class LoginStatus(StrEnum):
    """How a direct grant ended."""

    VERIFIED = "verified"
    """The password is right and a token was given."""
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - a word for a status, no secret
    """Keycloak knows no such user with this password."""
    INCOMPLETE = "incomplete"
    """The user must first do something in the browser, or lacks a name or e-mail address."""
    DISABLED = "disabled"
    """The user is disabled."""
    NOT_ALLOWED = "not-allowed"
    """The client takes no direct grants: nothing is known about the password. Not a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginResult:
    """What a login showed.

    Attributes:
        roles: The client's roles in the token, inherited ones included; empty without a token.
        token: Access token for the product's APIs; empty without one. A secret, kept out of repr.
    """

    status: LoginStatus
    roles: frozenset[str] = frozenset()
    token: str = field(default="", repr=False)

    @property
    def verified(self) -> bool:
        """Whether the password was proven right."""
        return self.status is LoginStatus.VERIFIED
