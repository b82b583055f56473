"""What all ARM gateways share: how to connect, and what Azure's errors mean."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from model.azure_errors import AzureError, meaning
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.exceptions import HttpResponseError

CONNECT_SECONDS = 5
READ_SECONDS = 20
_RETRIES = 2
"""Within one activity; the orchestrator tries the activity again, and shows it."""

_DEFAULT_SCOPE = "https://management.azure.com/.default"


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments of every management client."""
    options: dict[str, Any] = {
        "retry_total": _RETRIES,
        "retry_status": 0,  # 429 and 503 become Busy: a durable timer waits, not a thread
        "retry_backoff_factor": 0.2,
        "connection_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
    }
    if settings.arm_endpoint:
        options["base_url"] = settings.arm_endpoint
        options["credential_scopes"] = [settings.arm_scope or _DEFAULT_SCOPE]
    if settings.arm_ca_file:
        options["connection_verify"] = settings.arm_ca_file
    return options


@contextmanager
def translated(doing: str) -> Generator[None]:
    """Turn an SDK error into a refusal or into Busy; what is a fault goes through.

    Args:
        doing: What was tried, for the reason; no secret.

    Raises:
        Refusal: Azure said no for good.
        Busy: Azure asks to come back later.
    """
    from azure.core.exceptions import HttpResponseError

    try:
        yield
    except HttpResponseError as error:
        meant = meaning(described(error), doing)
        if meant is None:
            raise
        raise meant from error


def described(error: "HttpResponseError") -> AzureError:
    """Status, code, message and Retry-After of an SDK error."""
    told = error.error
    headers: Mapping[str, str] = error.response.headers if error.response is not None else {}
    wait = headers.get("Retry-After", "")
    return AzureError(
        status=error.status_code or 0,
        code=(told.code if told is not None else "") or "",
        message=(told.message if told is not None else "") or "",
        retry_after=int(wait) if wait.isdigit() else None,
    )


def is_status(error: Exception, *statuses: int) -> bool:
    """Whether an SDK error has one of these HTTP statuses."""
    return getattr(error, "status_code", None) in statuses


def as_dict(model: Any) -> dict[str, Any]:
    """REST-shaped JSON of an SDK model, of either generation."""
    if hasattr(model, "serialize"):
        return cast("dict[str, Any]", model.serialize(keep_readonly=True))
    return cast("dict[str, Any]", model.as_dict())
