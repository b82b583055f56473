"""Bodies in, documents out: JSON, and problem+json (RFC 9457) for every no."""

import json
from typing import Any, cast

import azure.functions as func

from model import wire
from model.problem import Problem, problem_document
from triggers._json import NotJson, read_json

BODY_LIMIT = 64 * 1024
"""Bytes of a request body; a plan must fit into 24 KB."""

RETRY_AFTER = "5"
"""Seconds after which the status is worth another look."""

_PROBLEM = "application/problem+json"


class BadBody(Exception):
    """A body that is no JSON within the limit; ``response`` says so."""

    def __init__(self, response: func.HttpResponse) -> None:
        self.response = response
        super().__init__("bad body")


def body(req: func.HttpRequest) -> Any:
    """The JSON body.

    Raises:
        BadBody: It is too large, not UTF-8 or not JSON.
    """
    raw = req.get_body()
    if len(raw) > BODY_LIMIT:
        limit = f"A request body has at most {BODY_LIMIT} bytes."
        raise BadBody(problem(413, "Too large", limit))
    try:
        return read_json(raw)
    except NotJson as wrong:
        raise BadBody(problem(400, "Not JSON", str(wrong))) from None


def optional_object(req: func.HttpRequest) -> wire.JsonObject:
    """The JSON object in the body; empty when there is no body.

    Raises:
        BadBody: As ``body``, or it is no object.
    """
    told: Any = body(req) if req.get_body() else {}
    if not isinstance(told, dict):
        raise BadBody(problems((Problem("", "not-an-object", "Send one JSON object."),)))
    return cast("wire.JsonObject", told)


def document(code: int, content: Any, **headers: str) -> func.HttpResponse:
    """A JSON document."""
    return func.HttpResponse(
        json.dumps(content), status_code=code, mimetype="application/json", headers=headers
    )


def accepted(name: str, location: str) -> func.HttpResponse:
    """202 with the status URL, and when to look."""
    headers = {"Location": location, "Retry-After": RETRY_AFTER}
    return document(202, {"name": name, "statusUrl": location}, **headers)


def problems(found: tuple[Problem, ...]) -> func.HttpResponse:
    """400 with every error of a request."""
    return func.HttpResponse(
        json.dumps(problem_document(found)), status_code=400, mimetype=_PROBLEM
    )


def problem(
    code: int, title: str, detail: str, *, status_url: str = "", plan_hash: str = ""
) -> func.HttpResponse:
    """One problem; its extra members only where they say something."""
    content: wire.JsonObject = {"title": title, "status": code, "detail": detail}
    if plan_hash:
        content["planHash"] = plan_hash
    headers: dict[str, str] = {}
    if status_url:
        content["statusUrl"] = status_url
        headers["Location"] = status_url
    return func.HttpResponse(
        json.dumps(content), status_code=code, mimetype=_PROBLEM, headers=headers
    )


def url(req: func.HttpRequest, path: str) -> str:
    """The absolute URL of another resource of this API."""
    base, _, _ = req.url.partition("/api/")
    return f"{base}/api/{path}"
