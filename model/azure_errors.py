"""What Azure's errors mean for an installation: no for good, come back later, or a fault.

Codes: https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/welcome-azure-kubernetes and
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors;
some more are known from public issue threads. The raw code and message always stay in the reason.
"""

import re
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
_PROPAGATION_SECONDS = 60
"""A right of the cluster's identity may take up to an hour to be seen everywhere:
https://learn.microsoft.com/azure/aks/use-managed-identity"""
_TEXT_LIMIT = 500
_DETAIL_LIMIT = 200

_THROTTLES = (429, 503)
_FORBIDDEN = 403
_PERMANENT = (400, 409, 422)
_SERVER_ERRORS = 500

_REFUSED = {
    "quotaexceeded": "quota-insufficient",
    "errcode_insufficientvcpuquota": "quota-insufficient",
    "insufficientvcpuquota": "quota-insufficient",
    "managedclustercountexceedsquotalimit": "quota-insufficient",
    "publicipcountlimitreached": "quota-insufficient",
    "skunotavailable": "vm-size-unavailable",
    "allocationfailed": "vm-size-unavailable",
    "overconstrainedallocationrequest": "vm-size-unavailable",
    "vmsizenotsupported": "vm-size-unavailable",
    "vmcannotfitephemeralosdisk": "vm-size-unavailable",
    "zonalallocationfailed": "zone-unavailable",
    "overconstrainedzonalallocationrequest": "zone-unavailable",
    "availabilityzonenotsupported": "zone-unavailable",
    "requestdisallowedbypolicy": "azure-policy",
    "requestdisallowedbyazure": "azure-refused",
    "k8sversionnotsupported": "kubernetes-version-unavailable",
    "agentpoolk8sversionnotsupported": "kubernetes-version-unavailable",
    "missingsubscriptionregistration": "provider-unregistered",
    "authorizationfailed": "permission-missing",
    "linkedauthorizationfailed": "permission-missing",
    "subscriptionnotfound": "permission-missing",
    "insufficientsubnetsize": "network-unsuitable",
    "subnetisfull": "network-unsuitable",
    "subnetisdelegated": "network-unsuitable",
    "servicecidroverlapexistingsubnetscidr": "network-unsuitable",
    "subnetwithexternalresourcescannotbeusedbyotherresources": "network-unsuitable",
    "outboundconnfailvmextensionerror": "egress-blocked",
    "vmextensionerror_outboundconnfail": "egress-blocked",
    "k8sapiserverconnfailvmextensionerror": "egress-blocked",
    "vmextensionerror_k8sapiserverconnfail": "egress-blocked",
    "k8sapiserverdnslookupfailvmextensionerror": "egress-blocked",
    "vmextensionerror_k8sapiserverdnslookupfail": "egress-blocked",
    "internaloperationerror": "azure-failed",
    "internalservererror": "azure-failed",
    "operationtimeout": "azure-failed",
}
"""Lower-case codes of Azure, each with one of ours."""

_LATER = {
    "anotheroperationinprogress": _BUSY_SECONDS,
    "etagmismatch": _BUSY_SECONDS,
    "operationpreempted": _BUSY_SECONDS,
    "resourcegroupbeingdeleted": _BUSY_SECONDS,
    "resourcegroupdeletionblocked": _BUSY_SECONDS,
    "referencedresourcenotprovisioned": _BUSY_SECONDS,
    "retryableerror": _BUSY_SECONDS,
    "virtualnetworknotinsucceededstate": _BUSY_SECONDS,
    "inusesubnetcannotbedeleted": _BUSY_SECONDS,  # its cluster is still being deleted
    "principalnotfound": _BUSY_SECONDS,  # a new identity is not known everywhere at once
    "customkubeletidentitymissingpermissionerror": _PROPAGATION_SECONDS,
}
"""Lower-case codes that ask to come back, whatever their status says."""

_DENIED = re.compile(
    r"perform action(?:\(s\))? '(?P<action>[^']+)' (?:over scope|on the linked scope\(s\)) "
    r"'(?P<scope>[^']+)'"
)


def meaning(error: AzureError, doing: str) -> Refusal | Busy | None:
    """A refusal, Busy, or None for a fault that may be tried again."""
    code = error.code.lower()
    if error.status in _THROTTLES:
        return Busy(f"Azure throttles: {doing}", error.retry_after or _THROTTLED_SECONDS)
    if code in _LATER or (code == "operationnotallowed" and not _is_about_quota(error)):
        detail = f"Azure is busy: {doing}: {error.message}"[:_DETAIL_LIMIT]
        return Busy(detail, error.retry_after or _LATER.get(code, _BUSY_SECONDS))
    if error.status >= _SERVER_ERRORS:
        return None
    if code in _REFUSED or error.status in (_FORBIDDEN, *_PERMANENT):
        return _refusal(error, doing)
    return None


def failure(code: str, message: str, doing: str) -> Refusal:
    """The refusal for a resource that ended Failed, from its own provisioning error."""
    return _refusal(AzureError(status=200, code=code, message=message), doing)


def _refusal(error: AzureError, doing: str) -> Refusal:
    denied = _DENIED.search(error.message)
    first = f"{denied['action']} is missing: " if denied else ""  # what is cut is the rest
    text = f"{doing}: {first}{error.code}: {error.message}"[:_TEXT_LIMIT]
    code = _REFUSED.get(error.code.lower()) or _named_within(error)
    if code is None:
        code = "permission-missing" if error.status == _FORBIDDEN else "azure-refused"
    return Refusal(code, text, _grant(error) if code == "permission-missing" else None)


def _named_within(error: AzureError) -> str | None:
    """What the message tells when the code is a general one, as those of node pools are."""
    words = {word.lower() for word in re.findall(r"\w+", error.message)}
    inner = next((ours for azures, ours in _REFUSED.items() if azures in words), None)
    if inner is not None:
        return inner
    if _is_about_quota(error):
        return "quota-insufficient"
    return "vm-size-unavailable" if "vm size" in error.message.lower() else None


def _is_about_quota(error: AzureError) -> bool:
    """``OperationNotAllowed`` is one code for two things: a busy resource, or a core quota."""
    return re.search(r"\bquota\b", error.message, re.IGNORECASE) is not None


def _grant(error: AzureError) -> str | None:
    denied = _DENIED.search(error.message)
    if denied is None:
        return None
    return f"Assign a role with {denied['action']} on {denied['scope']} to the app's identity."
