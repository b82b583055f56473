"""Refusals as the API server words them: an exception that becomes a ``Status`` object."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from emulator.kubernetes.objects import JsonObject
from emulator.kubernetes.resources import Resource


class ApiError(Exception):
    """The request ends with this HTTP status and this ``Status`` object.

    ``details`` names the object and, for invalid ones, the causes; ``meta`` is the metadata of the
    ``Status``.
    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: JsonObject | None = None,
        *,
        meta: JsonObject | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.meta = meta or {}

    def status(self) -> JsonObject:
        """The answer's body."""
        told = failure(self.code, self.reason, self.message, self.details)
        return {**told, "metadata": self.meta}


def failure(code: int, reason: str, message: str, details: JsonObject | None = None) -> JsonObject:
    """A ``Status`` object that tells of a failure."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        **({"reason": reason} if reason else {}),
        **({"details": details} if details else {}),
        "code": code,
    }


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing wrong with an object.

    Attributes:
        field: Path such as ``spec.containers[0].image``.
        reason: ``FieldValueRequired``, ``FieldValueInvalid`` …, as in ``StatusCause``.
        message: The sentence after the path.
    """

    field: str
    reason: str
    message: str


def required(path: str, hint: str = "") -> Cause:
    """A field is missing."""
    return Cause(path, "FieldValueRequired", "Required value" + (f": {hint}" if hint else ""))


def invalid_value(path: str, value: object, hint: str) -> Cause:
    """A field has a value that is not allowed."""
    shown = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return Cause(path, "FieldValueInvalid", f"Invalid value: {shown}: {hint}")


def unsupported(path: str, value: object, allowed: Iterable[str]) -> Cause:
    """A field has a value outside its closed list."""
    known = ", ".join(f'"{a}"' for a in allowed)
    shown = json.dumps(value, ensure_ascii=False)
    text = f"Unsupported value: {shown}: supported values: {known}"
    return Cause(path, "FieldValueNotSupported", text)


def forbidden_field(path: str, hint: str) -> Cause:
    """A field may not be set or changed."""
    return Cause(path, "FieldValueForbidden", f"Forbidden: {hint}")


def _details(resource: Resource, name: str) -> JsonObject:
    return {
        **({"name": name} if name else {}),
        **({"group": resource.group} if resource.group else {}),
        "kind": resource.plural,
    }


def not_found(resource: Resource, name: str) -> ApiError:
    """No object of that name."""
    text = f'{resource.qualified} "{name}" not found'
    return ApiError(404, "NotFound", text, _details(resource, name))


def already_exists(resource: Resource, name: str) -> ApiError:
    """Somebody was first."""
    text = f'{resource.qualified} "{name}" already exists'
    return ApiError(409, "AlreadyExists", text, _details(resource, name))


def conflict(resource: Resource, name: str, why: str) -> ApiError:
    """The object is not in the state that the caller thought it to be in."""
    text = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return ApiError(409, "Conflict", text, _details(resource, name))


def stale(resource: Resource, name: str) -> ApiError:
    """The caller changed an old version of the object."""
    return conflict(
        resource,
        name,
        "the object has been modified; please apply your changes to the latest version "
        "and try again",
    )


def forbidden(resource: Resource, name: str, why: str) -> ApiError:
    """Admission says no."""
    shown = f'{resource.qualified} "{name}"' if name else resource.qualified
    return ApiError(403, "Forbidden", f"{shown} is forbidden: {why}", _details(resource, name))


def bad_request(message: str) -> ApiError:
    """The request makes no sense."""
    return ApiError(400, "BadRequest", message)


def invalid(resource: Resource, name: str, causes: list[Cause]) -> ApiError:
    """The object breaks rules; every one is named."""
    told = [f"{c.field}: {c.message}" for c in causes]
    text = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    details = _details(resource, name) | {
        "kind": resource.kind,
        "causes": [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes],
    }
    return ApiError(
        422, "Invalid", f'{resource.qualified_kind} "{name}" is invalid: {text}', details
    )


def invalid_options(kind: str, cause: Cause, group: str = "meta.k8s.io") -> ApiError:
    """The options of a request, or a request that is no stored object, break a rule."""
    told = {"reason": cause.reason, "message": cause.message, "field": cause.field}
    details: JsonObject = {"group": group, "kind": kind, "causes": [told]}
    text = f'{kind}.{group} "" is invalid: {cause.field}: {cause.message}'
    return ApiError(422, "Invalid", text, details)


def method_not_allowed() -> ApiError:
    """The address exists, the verb does not."""
    return ApiError(
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
        {},
    )


def no_such_path() -> ApiError:
    """Neither a resource nor anything else lives there."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def expired(revision: int, oldest: int) -> ApiError:
    """A watch starts further back than history reaches."""
    return ApiError(410, "Expired", f"too old resource version: {revision} ({oldest})")


def list_expired() -> ApiError:
    """A list asks for a revision that history has forgotten."""
    return ApiError(410, "Expired", "The resourceVersion for the provided list is too old.")


def page_expired(token: str) -> ApiError:
    """The first page is forgotten; ``token`` goes on with what there is now."""
    text = (
        "The provided continue parameter is too old to display a consistent list result. You can "
        "start a new list without the continue parameter, or use the continue token in this "
        "response to retrieve the remainder of the results. Continuing with the provided token "
        "results in an inconsistent list - objects that were created, modified, or deleted "
        "between the time the first chunk was returned and now may show up in the list."
    )
    return ApiError(410, "Expired", text, meta={"continue": token})


def too_large_revision(revision: int, current: int) -> ApiError:
    """The revision is still to come."""
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    text = f"Timeout: Too large resource version: {revision}, current: {current}"
    return ApiError(504, "Timeout", text, {"causes": [cause], "retryAfterSeconds": 1})
