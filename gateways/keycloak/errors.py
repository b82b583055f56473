"""What the SDK's errors mean, and which of their words may be told."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from model.errors import Busy, Refusal
from model.identity import LoginStatus

if TYPE_CHECKING:
    from keycloak.exceptions import KeycloakError

_TEXT_LIMIT = 256
_BUSY = frozenset({429, 502, 503, 504})
_GRANT_REFUSED = {
    "Account is not fully set up": LoginStatus.INCOMPLETE,
    "Account disabled": LoginStatus.DISABLED,
}


class KeycloakFault(Exception):
    """Keycloak did not answer, or answered what nobody expected; a repeat may help.

    Args:
        status: HTTP status of the answer; None without one.
    """

    def __init__(self, text: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(text)


@contextmanager
def translated(doing: str, *secrets: str) -> Generator[None]:
    """Turn the SDK's errors into ours; ``secrets`` appear in no text, the cause's included."""
    from keycloak.exceptions import KeycloakConnectionError, KeycloakError

    try:
        yield
    except KeycloakConnectionError as error:
        reason = error.__cause__ or error
        raise KeycloakFault(
            f"{doing}: {_cut(f'{type(reason).__name__}: {reason}', secrets)}"
        ) from error
    except KeycloakError as error:
        meaning = _meaning(doing, error, secrets)
        _strip(error, secrets)
        raise meaning from error


def _meaning(doing: str, error: "KeycloakError", secrets: tuple[str, ...]) -> Exception:
    status, body = error.response_code, body_of(error.response_body)
    told = body.get("errorMessage") or body.get("error_description") or body.get("error") or ""
    text = f"{doing}: HTTP {status}: {_cut(str(told), secrets)}"
    if body.get("error") in ("invalid_grant", "unauthorized_client", "invalid_client"):
        return Refusal("keycloak-credentials-refused", text)
    if status == 403:  # noqa: PLR2004 - HTTP's Forbidden
        return Refusal(
            "keycloak-credentials-refused", text, "Name a user who may administer the realm."
        )
    if body.get("error") == "Realm not found.":
        return Refusal("keycloak-realm-missing", text)
    if status == 400:  # noqa: PLR2004 - HTTP's Bad Request: profile rules, password policy
        return Refusal("request-invalid", text)
    if status in _BUSY:
        return Busy(text)
    return KeycloakFault(text, status)


def login_status(refused: "KeycloakError") -> LoginStatus | None:
    """What a refused direct grant means; None when it is not about the login."""
    body = body_of(refused.response_body)
    if body.get("error") == "unauthorized_client":
        return LoginStatus.NOT_ALLOWED
    if body.get("error") == "invalid_grant":
        told = str(body.get("error_description", ""))
        return _GRANT_REFUSED.get(told, LoginStatus.WRONG_PASSWORD)
    return None


def _strip(error: "KeycloakError", secrets: tuple[str, ...]) -> None:
    """Take secrets and bulk out of the SDK's error, because it stays the cause of ours."""
    error.error_message = _cut(str(body_of(error.response_body) or "no JSON"), secrets)
    error.args = (error.error_message,)
    error.response_body = None


def _cut(text: str, secrets: tuple[str, ...]) -> str:
    for secret in filter(None, secrets):
        text = text.replace(secret, "…")
    return text[:_TEXT_LIMIT]


def body_of(raw: bytes | None) -> dict[str, Any]:
    """The JSON object in a body; empty for anything else."""
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}
