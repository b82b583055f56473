"""Ports of servers that cannot be told to take any free one, and waiting for them."""

import asyncio
import socket

from emulator.real.process import Process

_LOOK = 0.1
"""Real seconds between two looks."""


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until_listens(process: Process, port: int, *, patience: float) -> None:
    """Wait until the loopback port takes a connection.

    Args:
        process: Whose end ends the waiting.
        port: What it should listen on.
        patience: Real seconds.

    Raises:
        ProcessEnded: The process ended first.
        TimeoutError: Nobody ever listened.
    """
    async with asyncio.timeout(patience):
        while not await _listens(port):
            process.require_running()
            await asyncio.sleep(_LOOK)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
