"""What all ARM gateways share: how to connect, and what Azure's errors mean."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gateways import arm_answers
from model.azure_errors import AzureError, meaning
from model.ownership import MANAGED_BY
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.exceptions import HttpResponseError

CONNECT_SECONDS = 5
READ_SECONDS = 20
_RETRIES = 2
"""Of a cut connection, within one activity; the orchestrator tries a fault again, and shows it."""

_NOT_FOUND = 404

PUBLIC_CLOUD = "https://management.azure.com"


def client_options(settings: Settings, credential: "TokenCredential") -> dict[str, Any]:
    """Keyword arguments of every management client, besides its credential and subscription."""
    options: dict[str, Any] = {
        "connection_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
        "policies": _policies(settings, credential),
    }
    if settings.arm_endpoint:
        options["base_url"] = settings.arm_endpoint
        options["credential_scopes"] = [_scope(settings)]
    if settings.arm_ca_file:
        options["connection_verify"] = settings.arm_ca_file
    return options


def _policies(settings: Settings, credential: "TokenCredential") -> list[Any]:
    """The SDK's own pipeline without three of its parts.

    Left out: the registration of resource providers (it changes the subscription, and waits for
    minutes in a loop), the trace of bodies, and distributed tracing.
    """
    from azure.core.pipeline import policies
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy, ARMHttpLoggingPolicy

    return [
        policies.RequestIdPolicy(),
        policies.HeadersPolicy(),
        policies.UserAgentPolicy(MANAGED_BY),
        policies.ProxyPolicy(),
        policies.ContentDecodePolicy(),
        policies.RedirectPolicy(),
        policies.RetryPolicy(
            retry_total=_RETRIES,
            retry_read=1,  # twice the read timeout is all that one activity can afford
            retry_status=0,  # 429 and 503 become Busy: a durable timer waits, not a thread
            retry_backoff_factor=0.2,
        ),
        policies.CustomHookPolicy(raw_response_hook=_heard),  # every try; the last tells most
        ARMChallengeAuthenticationPolicy(credential, _scope(settings)),
        policies.SensitiveHeaderCleanupPolicy(),
        ARMHttpLoggingPolicy(),  # method, URL and harmless headers
    ]


def _heard(response: Any) -> None:
    answer = response.http_response
    arm_answers.answered(answer.status_code, answer.headers)


def _scope(settings: Settings) -> str:
    return settings.arm_scope or f"{PUBLIC_CLOUD}/.default"


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
    response: Any = error.response
    headers: Mapping[str, str] = {} if response is None else response.headers
    wait = headers.get("Retry-After", "")
    return AzureError(
        status=error.status_code or 0,
        code=(told.code if told is not None else "") or "",
        message=(told.message if told is not None else "") or "",
        retry_after=int(wait) if wait.isdigit() else None,
    )


def present[T](look: Callable[[], T]) -> T | None:
    """What ``look`` finds; None when Azure answers that there is none (404)."""
    from azure.core.exceptions import HttpResponseError

    try:
        return look()
    except HttpResponseError as error:
        if is_status(error, _NOT_FOUND):
            return None
        raise


def is_status(error: Exception, *statuses: int) -> bool:
    """Whether an SDK error has one of these HTTP statuses."""
    return getattr(error, "status_code", None) in statuses
