"""Waits until a server that was just started answers."""

import asyncio
import ssl
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout

from emulator.real.process import Process

_LOOK = 0.1
"""Real seconds between two looks."""
_ANSWER = ClientTimeout(total=5)


async def until_answers(
    process: Process,
    url: str,
    authority: Path | None = None,
    *,
    token: str = "",
    patience: float,
) -> None:
    """Wait until ``url`` answers 200.

    Args:
        process: Whose end ends the waiting.
        url: What to ask.
        authority: PEM file that may still have to appear; None for plain HTTP.
        token: Bearer token; empty for none.
        patience: Real seconds.

    Raises:
        ProcessEnded: The process ended first.
        TimeoutError: It never answered 200.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with asyncio.timeout(patience), ClientSession(headers=headers, timeout=_ANSWER) as http:
        while not await _answers(http, url, authority):
            process.require_running()
            await asyncio.sleep(_LOOK)


async def _answers(http: ClientSession, url: str, authority: Path | None) -> bool:
    try:
        trust = True if authority is None else ssl.create_default_context(cafile=authority)
        async with http.get(url, ssl=trust) as answer:
            return answer.ok
    except (OSError, ClientError, TimeoutError):
        return False
