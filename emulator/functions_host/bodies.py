"""Request bodies within the limits of the web server that the host is built on."""

import asyncio
from typing import Final

from aiohttp import web

GRACE: Final = 5.0
"""Seconds before a body must come at ``SLOWEST_RATE``."""
SLOWEST_RATE: Final = 240.0
"""Bytes a second of a body; Kestrel's default:
https://learn.microsoft.com/dotnet/api/microsoft.aspnetcore.server.kestrel.core.kestrelserverlimits.minrequestbodydatarate"""


async def read_body(request: web.Request) -> bytes:
    """The whole body.

    Raises:
        web.HTTPRequestTimeout: It comes too slowly, or never ends; the connection is closed.
        web.HTTPRequestEntityTooLarge: It is larger than the server takes.
    """
    begun, raw = asyncio.get_running_loop().time(), bytearray()
    while True:
        due = begun + GRACE + len(raw) / SLOWEST_RATE
        try:
            async with asyncio.timeout_at(due):
                part = await request.content.readany()
        except TimeoutError:
            raise _closing(web.HTTPRequestTimeout()) from None
        if not part:
            return bytes(raw)
        raw += part
        if len(raw) > request.client_max_size:
            raise _closing(web.HTTPRequestEntityTooLarge(request.client_max_size, len(raw)))


def _closing[E: web.HTTPException](refused: E) -> E:
    """The refusal, after which nothing more is read: the rest would be taken for a request."""
    refused.force_close()
    refused.body = b""
    return refused
