"""How Keycloak versions differ where an installer can notice; seen on the true servers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The manners of one version.

    Attributes:
        wrong_password: HTTP status of a direct grant with a wrong password.
        disabled_first: Whether a disabled account is told of even when the password is wrong.
        email_first: Whether a user whose name and address are both taken is told of the address.
        update_conflict: What an update is told whose address is another user's.
        renames: Whether a changed user name is ignored; else it is refused.
        profile: Whether users have the declarative profile (since 24): its rules judge names, and
            who lacks address or names cannot log in.
        session_state: Whether tokens name the session a second time.
        forbidden: ``error`` of an answer 403.
        media_type: ``error`` of an answer 415.
        no_path: ``error`` for a path of nobody; ``{url}`` is what was asked for.
        no_method: ``error`` for a method that nobody serves, ``{method}``.
        details: Whether failures that Keycloak did not foresee have a description.
    """

    wrong_password: int
    disabled_first: bool
    email_first: bool
    update_conflict: str
    renames: bool
    profile: bool
    session_state: bool
    forbidden: str
    media_type: str
    no_path: str
    no_method: str
    details: bool


VERSIONS: dict[str, Version] = {
    "22.0.5": Version(
        wrong_password=401,
        disabled_first=True,
        email_first=False,
        update_conflict="User exists with same username or email",
        renames=True,
        profile=False,
        session_state=True,
        forbidden="unknown_error",
        media_type="RESTEASY003065: Cannot consume content type",
        no_path="RESTEASY003210: Could not find resource for full path: {url}",
        no_method="RESTEASY003650: No resource method found for {method},"
        " return 405 with Allow header",
        details=False,
    ),
    "26.7.5": Version(
        wrong_password=400,
        disabled_first=False,
        email_first=True,
        update_conflict="User exists with same email",
        renames=False,
        profile=True,
        session_state=False,
        forbidden="HTTP 403 Forbidden",
        media_type="The content-type header value did not match the value in @Consumes",
        no_path="Unable to find matching target resource method",
        no_method="HTTP 405 Method Not Allowed",
        details=True,
    ),
}
