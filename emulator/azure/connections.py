"""Connections of a server that is to stop at once.

A TLS connection closes politely: asyncio waits up to 30 seconds for the client's own goodbye.
"""

import asyncio
import weakref
from collections.abc import Awaitable, Callable

from aiohttp import web

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Connections:
    """The connections that requests came over."""

    def __init__(self) -> None:
        self._open: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()

    @web.middleware
    async def note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Remember the request's connection; an aiohttp middleware."""
        if request.transport is not None:
            self._open.add(request.transport)
        return await handler(request)

    async def abort(self) -> None:
        """Cut what is still open."""
        for transport in list(self._open):
            transport.abort()
        await asyncio.sleep(0)
