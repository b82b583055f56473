"""Refusals of the emulated Azure, in the two shapes that real services use."""

from collections.abc import Mapping
from typing import Any

from emulator.azure.calls import Answer

SERVICE_CODES = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound",
    408: "RequestTimeout", 409: "Conflict", 412: "PreconditionFailed", 429: "TooManyRequests",
    500: "InternalServerError", 502: "BadGateway", 503: "ServiceUnavailable", 504: "GatewayTimeout",
}  # fmt: skip # a table


class ArmError(Exception):
    """An answer that is an error.

    Args:
        flat: The resource provider's own shape (AKS, DNS): code and message at the top. Azure
            Resource Manager itself wraps them in ``error``.
        headers: Extra headers, such as ``WWW-Authenticate``.
    """

    def __init__(  # noqa: PLR0913 # what an error is made of; all but three by name
        self,
        status: int,
        code: str,
        message: str,
        *,
        flat: bool = False,
        target: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.flat = flat
        self.target = target
        self.headers = dict(headers or {})

    @property
    def detail(self) -> dict[str, Any]:
        """Code and message alone, as operations report them."""
        return {"code": self.code, "message": self.message}

    def answer(self) -> Answer:
        """The HTTP answer that says so."""
        body = self.detail | ({"target": self.target} if self.target else {})
        if self.flat:
            body |= {"details": None, "subcode": ""}
        else:
            body = {"error": body}
        return Answer(status=self.status, body=body, headers=self.headers)


def group_not_found(group: str) -> ArmError:
    """The resource group does not exist."""
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def resource_not_found(kind: str, name: str, group: str) -> ArmError:
    """Nothing of this type and name is in the group."""
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{kind}/{name}' under resource group '{group}' was not found. For more "
        "details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def busy(doing: str) -> ArmError:
    """AKS: another operation has not finished."""
    return ArmError(
        409,
        "OperationNotAllowed",
        f"Operation is not allowed: Another operation ({doing}) is in progress, please wait for it "
        "to finish before starting a new operation.",
        flat=True,
    )


def invalid_parameter(name: str, why: str) -> ArmError:
    """AKS: a value breaks a rule of the service."""
    return ArmError(
        400,
        "InvalidParameter",
        f"The value of parameter {name} is invalid. Error details: {why} Please see "
        "https://aka.ms/aks-naming-rules for more details.",
        flat=True,
        target=name,
    )
