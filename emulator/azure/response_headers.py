"""Headers that Azure Resource Manager adds to every answer."""

import uuid
from datetime import timedelta

from aiohttp import web

from emulator.clock import Clock

_WRITES = 1199
_READS = 11999
"""What is left to a caller who has made no request yet.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""
_CLI_WAITS = timedelta(seconds=30)
"""How long the SDKs wait between two looks at an operation unless they are told otherwise."""


class ResponseHeaders:
    """Request ids, remaining requests, and the pace of this run."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reads, self._writes = _READS, _WRITES

    def add(self, request: web.Request, answer: web.StreamResponse) -> None:
        """Complete an answer that is about to be sent."""
        request_id = str(uuid.uuid4())
        given = request.headers.get("x-ms-correlation-request-id", request_id)
        answer.headers["x-ms-request-id"] = request_id
        answer.headers["x-ms-correlation-request-id"] = given
        answer.headers["x-ms-routing-request-id"] = f"EMULATED:{request_id}"
        client = request.headers.get("x-ms-client-request-id")
        if client and request.headers.get("x-ms-return-client-request-id", "").lower() == "true":
            answer.headers["x-ms-client-request-id"] = client
        if request.method in ("GET", "HEAD"):
            self._reads = max(1, self._reads - 1)
            answer.headers["x-ms-ratelimit-remaining-subscription-reads"] = str(self._reads)
        else:
            self._writes = max(1, self._writes - 1)
            answer.headers["x-ms-ratelimit-remaining-subscription-writes"] = str(self._writes)
        answer.headers["Cache-Control"] = "no-cache"
        answer.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if "AZURECLI/" in request.headers.get("User-Agent", ""):
            self._pace_the_cli(request, answer)

    def _pace_the_cli(self, request: web.Request, answer: web.StreamResponse) -> None:
        """Shorten the CLI's waits in a run that is faster than reality.

        The SDKs' users set their own interval; the CLI has no setting for it, and a header of a
        whole second is the least that it can be told. At real speed nothing is added.
        """
        waits = (
            answer.status == web.HTTPAccepted.status_code
            or "Azure-AsyncOperation" in answer.headers
            or "/operations/" in request.path
        )
        refused = answer.status >= web.HTTPBadRequest.status_code  # would be tried again
        if waits and not refused and self._clock.speed > 1:
            seconds = max(1, round(self._clock.real(_CLI_WAITS)))
            answer.headers.setdefault("Retry-After", str(seconds))
