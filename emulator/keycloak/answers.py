"""Bodies of requests and of answers that refuse them, in Keycloak's shapes."""

import json
from typing import Any

from aiohttp import web

from emulator.keycloak.versions import Version

_BAD_REQUEST = 400
_NO_JSON = "Cannot parse the JSON"


def stopped(status: int, key: str, text: str) -> web.HTTPException:
    """An exception that aiohttp turns into a JSON answer ``{key: text}``."""
    kinds: dict[int, type[web.HTTPException]] = {
        400: web.HTTPBadRequest,
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        409: web.HTTPConflict,
    }
    return kinds[status](text=json.dumps({key: text}), content_type="application/json")


def unforeseen(version: Version, status: int, description: str) -> web.HTTPException:
    """What Keycloak says when it did not expect what happened: 400 or 500."""
    kind = web.HTTPBadRequest if status == _BAD_REQUEST else web.HTTPInternalServerError
    told = {"error": "unknown_error"}
    if version.details:
        told["error_description"] = description
    return kind(text=json.dumps(told), content_type="application/json")


async def read_json(request: web.Request, version: Version, kind: type) -> Any:
    """The body of a request, which must be JSON of a kind.

    Raises:
        HTTPException: It is not.
    """
    if request.content_type != "application/json":
        told = {"error": version.media_type}
        raise web.HTTPUnsupportedMediaType(text=json.dumps(told), content_type="application/json")
    try:
        body = await request.json()
    except ValueError as malformed:
        raise unforeseen(version, _BAD_REQUEST, _NO_JSON) from malformed
    if not isinstance(body, kind):
        raise unforeseen(version, _BAD_REQUEST, _NO_JSON)
    return body
