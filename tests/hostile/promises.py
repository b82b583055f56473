"""What the API's OpenAPI document promises of an answer, as a judge of real answers."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from model.openapi import openapi

PROBLEM = "application/problem+json"


@cache
def _document() -> dict[str, Any]:
    return openapi()


@cache
def operations() -> dict[str, tuple[str, str]]:
    """Operation id to method and path template."""
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in _document()["paths"].items()
        for method, operation in methods.items()
    }


@cache
def _responses(operation: str) -> dict[str, Any]:
    method, path = operations()[operation]
    return _document()["paths"][path][method.lower()]["responses"]


@cache
def _validator(operation: str, status: str, content_type: str) -> Draft202012Validator:
    schema = _responses(operation)[status]["content"][content_type]["schema"]
    return Draft202012Validator({**schema, "components": _document()["components"]})


def broken(  # one promise after another
    operation: str, status: int, content_type: str, body: bytes
) -> str:
    """Which promise an answer breaks, in one sentence; empty when it keeps all."""
    promised = _responses(operation).get(str(status))
    if promised is None:
        return f"status {status} is not documented"
    kinds = promised.get("content")
    if not kinds:
        return "" if not body else "a body where none is documented"
    kind = content_type.partition(";")[0]
    if kind not in kinds:
        return f"content type {content_type!r} is not documented"
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return "the body is not JSON"
    fault: Any = next(iter(_validator(operation, str(status), kind).iter_errors(document)), None)  # pyright: ignore[reportUnknownMemberType] # untyped library
    if fault is not None:
        return f"the body breaks its schema at /{'/'.join(map(str, fault.absolute_path))}"
    named = document["status"] if kind == PROBLEM else status
    return "" if named == status else "the problem names another status"
