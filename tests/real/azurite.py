"""A fresh Azurite for tests that are not coroutines."""

import asyncio
import threading
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from typing import Any

from emulator.real.azurite import Azurite, find
from tests.real.requirements import require


@contextmanager
def azurite() -> Generator[str]:
    """Its connection string, a secret; it runs for as long as the block."""
    server = Azurite(require(find, "Azurite"))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def do(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(90)

    try:
        do(server.start())
        try:
            yield server.connection_string
        finally:
            do(server.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
