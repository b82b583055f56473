"""What Azure's errors mean for an installation: no for good, come back later, or a fault.

Codes: https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/error-codes/ and public issue
threads; the raw code and message always stay in the reason.
"""

from dataclasses import dataclass

from model.errors import Busy, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureError:
    """An error as ARM or a resource provider told it.

    Attributes:
        status: HTTP status; 200 for an operation that failed late; 0 without an answer.
        retry_after: Seconds; None when the answer named none.
    """

    status: int
    code: str
    message: str
    retry_after: int | None = None


_THROTTLED_SECONDS = 60
"""ARM's own default when a 429 names no time."""
_BUSY_SECONDS = 15

_BY_CODE = {
    "quotaexceeded": "quota-insufficient",
    "errcode_insufficientvcpuquota": "quota-insufficient",
    "managedclustercountexceedsquotalimit": "quota-insufficient",
    "skunotavailable": "vm-size-unavailable",
    "allocationfailed": "vm-size-unavailable",
    "zonalallocationfailed": "zone-unavailable",
    "overconstrainedallocationrequest": "vm-size-unavailable",
    "availabilityzonenotsupported": "zone-unavailable",
    "requestdisallowedbypolicy": "azure-policy",
    "k8sversionnotsupported": "kubernetes-version-unavailable",
    "missingsubscriptionregistration": "provider-unregistered",
    "authorizationfailed": "permission-missing",
    "linkedauthorizationfailed": "permission-missing",
}


def meaning(error: AzureError, doing: str) -> Refusal | Busy | None:  # noqa: PLR0911 # a table
    """A refusal, Busy, or None for a fault that may be tried again."""
    text = f"{doing}: {error.code}: {error.message}"[:500]
    if error.status == 429 or error.status == 503:  # noqa: PLR1714, PLR2004 # HTTP's two "later"
        return Busy(f"Azure throttles: {doing}", error.retry_after or _THROTTLED_SECONDS)
    code = error.code.lower()
    if code == "operationnotallowed":
        return _operation_not_allowed(error, text)
    if code in _BY_CODE:
        return Refusal(_BY_CODE[code], text)
    if error.status == 403:  # noqa: PLR2004 # HTTP's Forbidden
        return Refusal("permission-missing", text)
    if "vm size" in error.message.lower() and error.status == 400:  # noqa: PLR2004 # Bad Request
        return Refusal("vm-size-unavailable", text)
    if error.status in (400, 409, 422):
        return Refusal("azure-refused", text)
    return None


def _operation_not_allowed(error: AzureError, text: str) -> Refusal | Busy:
    """One code for two things: another operation in progress, or a core quota."""
    if "quota" in error.message.lower():
        return Refusal("quota-insufficient", text)
    return Busy(f"Azure is busy with the resource: {error.message}"[:200], _BUSY_SECONDS)


def failure(code: str, message: str, doing: str) -> Refusal:
    """The refusal for a resource that ended Failed, from its own provisioning error."""
    meant = meaning(AzureError(status=400, code=code, message=message), doing)
    if isinstance(meant, Refusal):
        return meant
    return Refusal("azure-refused", f"{doing}: {code}: {message}"[:500])
