"""An interrupt at any moment leaves no process behind."""

import asyncio
import contextlib
from pathlib import Path

from emulator.hosting import AppProcess


def test_a_host_that_is_interrupted_while_it_starts_is_ended(tmp_path: Path) -> None:
    """The one who starts it is cancelled before the host says that it is ready."""

    async def interrupted() -> int | None:
        app = AppProcess({}, tmp_path / "host.log")
        starting = asyncio.create_task(app.__aenter__())
        while app._process is None:  # noqa: ASYNC110 # pyright: ignore[reportPrivateUsage] # there is no event
            await asyncio.sleep(0)
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        return app._process.returncode  # pyright: ignore[reportPrivateUsage] # nothing else tells

    assert asyncio.run(interrupted()) is not None
