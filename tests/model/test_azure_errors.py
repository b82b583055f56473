"""Azure's errors: which end an installation, which ask to wait, which are tried again."""

import pytest

from model.azure_errors import AzureError, failure, meaning
from model.errors import Busy, Refusal

DENIED = (
    "The client 'a' with object id 'b' does not have authorization to perform action"
    " 'Microsoft.Network/dnsZones/A/write' over scope '/subscriptions/s' or the scope is invalid."
)
LINKED = (
    "The client has permission to perform action 'x/write' on scope '/y'; however, it does not have"
    " permission to perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on"
    " the linked scope(s) '/subscriptions/s/subnet' (respectively) or the linked scope(s) are"
    " invalid."
)
POOL_FAILED = (
    "agentpool nodepool1: Code=VMExtensionError_OutboundConnFail Message=curl exits with 50 after"
    " it tried to reach mcr.microsoft.com"
)


def refusal(answer: Refusal | Busy | None) -> Refusal:
    assert isinstance(answer, Refusal)
    return answer


def busy(answer: Refusal | Busy | None) -> Busy:
    assert isinstance(answer, Busy)
    return answer


def told(status: int, code: str, message: str = "m", wait: int | None = None) -> AzureError:
    return AzureError(status=status, code=code, message=message, retry_after=wait)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(
            told(400, "ErrCode_InsufficientVCPUQuota"), "quota-insufficient", id="core-quota"
        ),
        pytest.param(
            told(409, "OperationNotAllowed", "exceeding approved Total Regional Cores quota"),
            "quota-insufficient",
            id="not-allowed-for-quota",
        ),
        pytest.param(
            told(400, "BadRequest", "The VM size of X is not allowed in your subscription"),
            "vm-size-unavailable",
            id="size-in-the-message",
        ),
        pytest.param(
            told(400, "AvailabilityZoneNotSupported"), "zone-unavailable", id="zone-without-aks"
        ),
        pytest.param(
            told(400, "K8sVersionNotSupported"), "kubernetes-version-unavailable", id="version"
        ),
        pytest.param(told(403, "AuthorizationFailed", DENIED), "permission-missing", id="right"),
        pytest.param(told(403, "Whatever"), "permission-missing", id="forbidden-anyhow"),
        pytest.param(told(404, "SubscriptionNotFound"), "permission-missing", id="subscription"),
        pytest.param(told(403, "RequestDisallowedByPolicy"), "azure-policy", id="policy"),
        pytest.param(
            told(409, "MissingSubscriptionRegistration"), "provider-unregistered", id="provider"
        ),
        pytest.param(told(400, "InsufficientSubnetSize"), "network-unsuitable", id="subnet"),
        pytest.param(told(400, "InvalidParameter"), "azure-refused", id="unknown-bad-request"),
        pytest.param(told(409, "Conflict"), "azure-refused", id="unknown-conflict"),
    ],
)
def test_what_waiting_cannot_mend_is_refused(error: AzureError, code: str) -> None:
    """Each ends with its own code, and with Azure's words in the reason."""
    found = refusal(meaning(error, "create cluster c"))

    assert found.code == code
    assert error.code in found.reason
    assert found.reason.startswith("create cluster c: ")


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        pytest.param(
            DENIED,
            "Assign a role with Microsoft.Network/dnsZones/A/write on /subscriptions/s to the app's"
            " identity.",
            id="own-scope",
        ),
        pytest.param(
            LINKED,
            "Assign a role with Microsoft.Network/virtualNetworks/subnets/join/action on"
            " /subscriptions/s/subnet to the app's identity.",
            id="linked-scope",
        ),
    ],
)
def test_a_missing_right_names_action_and_scope(message: str, remedy: str) -> None:
    """The remedy can be acted on without reading Azure's sentence."""
    assert refusal(meaning(told(403, "AuthorizationFailed", message), "x")).remedy == remedy


def test_a_missing_right_in_other_words_has_the_general_remedy() -> None:
    """Azure's sentence may change; the remedy then is the code's own."""
    found = refusal(meaning(told(403, "AuthorizationFailed", "no"), "x"))

    assert "named action" in found.remedy


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        pytest.param(told(429, "Throttled", wait=17), 17, id="throttled-with-time"),
        pytest.param(told(429, "Throttled"), 60, id="throttled-without-time"),
        pytest.param(told(503, "ServerTimeout"), 60, id="unavailable"),
        pytest.param(
            told(409, "OperationNotAllowed", "Another operation (Creating) is in progress"),
            15,
            id="another-operation",
        ),
        pytest.param(told(409, "OperationNotAllowed", "busy", wait=3), 3, id="busy-with-time"),
        pytest.param(told(409, "AnotherOperationInProgress"), 15, id="network-operation"),
        pytest.param(told(409, "ResourceGroupBeingDeleted"), 15, id="group-goes"),
        pytest.param(told(400, "PrincipalNotFound"), 15, id="identity-not-everywhere-yet"),
        pytest.param(
            told(400, "CustomKubeletIdentityMissingPermissionError"), 60, id="right-on-its-way"
        ),
    ],
)
def test_what_passes_by_itself_is_waited_for(error: AzureError, seconds: int) -> None:
    """Azure's own time counts; without one there is a default."""
    assert busy(meaning(error, "create cluster c")).retry_after == seconds


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(told(0, ""), id="no-answer"),
        pytest.param(told(401, "InvalidAuthenticationToken"), id="token-expired"),
        pytest.param(told(404, "ResourceGroupNotFound"), id="not-yet-everywhere"),
        pytest.param(told(408, "RequestTimeout"), id="timeout"),
        pytest.param(told(500, "InternalServerError"), id="server-error"),
        pytest.param(told(502, "QuotaExceeded"), id="gateway-error-whatever-it-says"),
    ],
)
def test_all_else_is_a_fault_and_tried_again(error: AzureError) -> None:
    """None lets the exception go through to the orchestrator's retries."""
    assert meaning(error, "x") is None


@pytest.mark.parametrize(
    ("code", "message", "ours", "retryable"),
    [
        pytest.param("SkuNotAvailable", "m", "vm-size-unavailable", False, id="capacity"),
        pytest.param("CreateVMSSAgentPoolFailed", POOL_FAILED, "egress-blocked", True, id="egress"),
        pytest.param(
            "CreateVMSSAgentPoolFailed", "Family Cores quota", "quota-insufficient", False, id="q"
        ),
        pytest.param("InternalOperationError", "timeout", "azure-failed", True, id="azures-own"),
        pytest.param("Strange", "m", "azure-refused", False, id="unknown"),
    ],
)
def test_a_late_failure_is_told_by_its_inner_code(
    code: str, message: str, ours: str, *, retryable: bool
) -> None:
    """Node pools fail with a general code; what it was stands in the message."""
    found = failure(code, message, "cluster c")

    assert (found.code, found.retryable) == (ours, retryable)


def test_a_long_message_is_cut() -> None:
    """A reason stays small enough for the status."""
    assert len(refusal(meaning(told(400, "X", "m" * 5000), "x")).reason) == 500
    assert len(busy(meaning(told(409, "OperationNotAllowed", "m" * 5000), "x")).detail) == 200
