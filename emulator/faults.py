"""A bad day, scripted per route: the same rules for every emulated HTTP server."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

_HANG_UP_LOOK = 0.1
"""Real seconds between two looks whether a caller still waits."""

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True, kw_only=True)
class Fault:
    """What goes wrong, where, and how often.

    Attributes:
        server: Which emulated server: ``arm``, ``vault``, ``kubernetes``, ``keycloak``,
            ``ingress``; empty for every one.
        method: HTTP method; empty for every one.
        path: Regular expression searched in path and query, case-insensitively.
        agent: Regular expression searched in the User-Agent; empty for every client.
        times: How many requests it hits; None for every one from then on.
        skip: How many matching requests come before the first that it hits.
        status: HTTP status to answer; None to leave the answer alone.
        body: JSON body of that answer; None for the server's own error shape.
        retry_after: Whole seconds for ``Retry-After``; None for no header.
        delay: Real seconds to wait before anything else.
        drop: ``before``: the connection is cut and nothing happens; ``after``: the work is done and
            the reply is lost; empty: not cut.
        hold: As ``drop``, but the caller is left without an answer until it gives up: to the
            outside, a worker that died ``before`` its request arrived or ``after`` it was done.
        truncate: Send only half of the body of the true answer.
    """

    server: str = ""
    method: str = ""
    path: str = ""
    agent: str = ""
    times: int | None = 1
    skip: int = 0
    status: int | None = None
    body: Any = None
    retry_after: int | None = None
    delay: float = 0.0
    drop: str = ""
    hold: str = ""
    truncate: bool = False

    def matches(self, server: str, request: web.Request) -> bool:
        """Whether this rule is about the request, whatever its count says."""
        return (
            self.server in ("", server)
            and self.method.upper() in ("", request.method)
            and re.search(self.path, request.path_qs, re.IGNORECASE) is not None
            and re.search(self.agent, request.headers.get("User-Agent", "")) is not None
        )


@dataclass(slots=True)
class Faults:
    """The rules of one run; tests add, servers take."""

    rules: list[Fault] = field(default_factory=list[Fault])

    def add(self, **rule: Any) -> Fault:
        """Add one rule; the first that matches a request wins."""
        fault = Fault(**rule)
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        """Forget every rule."""
        self.rules.clear()

    def take(self, server: str, request: web.Request) -> Fault | None:
        """The rule that hits this request, its count reduced; None on a good day."""
        hit = None
        for fault in self.rules:
            if not fault.matches(server, request) or fault.times == 0:
                continue
            if fault.skip:
                fault.skip -= 1
            elif hit is None:
                hit = fault
        if hit is not None and hit.times is not None:
            hit.times -= 1
        return hit

    def middleware(
        self, server: str, error: Callable[[Fault], web.Response]
    ) -> Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]:
        """An aiohttp middleware; ``error`` makes an answer in the server's own error shape."""

        @web.middleware
        async def inject(request: web.Request, handler: Handler) -> web.StreamResponse:
            fault = self.take(server, request)
            return await (
                handler(request) if fault is None else _suffer(fault, request, handler, error)
            )

        return inject


async def _suffer(
    fault: Fault, request: web.Request, handler: Handler, error: Callable[[Fault], web.Response]
) -> web.StreamResponse:
    await asyncio.sleep(fault.delay)
    if "before" in (fault.drop, fault.hold):
        return await _leave(fault, request)
    if fault.status is not None:
        return _wrong(fault, error)
    answer = await handler(request)
    if "after" in (fault.drop, fault.hold):
        return await _leave(fault, request)
    if fault.truncate and isinstance(answer, web.Response) and isinstance(answer.body, bytes):
        return await _truncate(request, answer.status, dict(answer.headers), answer.body)
    return answer


def _wrong(fault: Fault, error: Callable[[Fault], web.Response]) -> web.Response:
    if fault.body is None:
        answer = error(fault)
    else:
        answer = web.json_response(fault.body, status=fault.status or 200)
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


async def _truncate(
    request: web.Request, status: int, headers: dict[str, str], whole: bytes
) -> web.Response:
    partial = web.StreamResponse(status=status, headers=headers)
    partial.headers["Content-Length"] = str(len(whole))
    await partial.prepare(request)
    await partial.write(whole[: len(whole) // 2])
    return _cut(request)


async def _leave(fault: Fault, request: web.Request) -> web.Response:
    """Say nothing: at once, or when the caller hangs up, which the transport alone tells."""
    while fault.hold and request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 # there is no event for it
        await asyncio.sleep(_HANG_UP_LOOK)
    return _cut(request)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
