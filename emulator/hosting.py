"""The function app as a process of its own, hosted as ``func start`` would."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

APP = Path(__file__).resolve().parent.parent
"""The folder with function_app.py and host.json."""

_STOP_PATIENCE = 10.0
"""Real seconds for a clean end, before the process is killed."""


class HostDidNotStart(RuntimeError):
    """The process ended before it was ready; its last lines say why."""


class AppProcess:
    """Use as ``async with AppProcess(environment) as app:``; entering waits until it answers.

    Attributes:
        url: ``http://127.0.0.1:port``.
        key: A host key that opens every HTTP function.

    Args:
        environment: The app's settings and the emulated world's addresses.
        options: Further options of the host.
        log: File for what host and app print.
    """

    url: str
    key: str
    keys: dict[str, Any]

    def __init__(
        self, environment: Mapping[str, str], log: Path, *options: str, port: int = 0
    ) -> None:
        self._environment = environment
        self._log = log
        self._arguments = [
            "-m", "emulator.functions_host", str(APP),
            "--port", str(port), "--enforce-keys", "--ready-json", *options,
        ]  # fmt: skip # a command line
        self._process: asyncio.subprocess.Process | None = None
        self._copying: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start the process and wait for its line that says where it is.

        Raises:
            HostDidNotStart: It ended first.
        """
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._arguments,
            cwd=APP,
            env={**os.environ, **self._environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=1 << 20,
        )
        try:
            await self._until_ready(self._process)
        except BaseException:  # an interrupt too: no process is left behind
            await self.__aexit__()
            raise
        return self

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        stdout = process.stdout
        if stdout is None:
            raise HostDidNotStart("the host has no output to read")
        with self._log.open("wb") as log:
            async for line in stdout:
                log.write(line)
                if line.startswith(b'{"ready"'):
                    ready = json.loads(line)
                    self.url, self.keys = ready["url"], ready["keys"]
                    self.key = self.keys["default"]
                    self._copying = asyncio.create_task(self._copy(stdout))
                    return
        raise HostDidNotStart(self._log.read_text()[-2000:])

    async def __aexit__(self, *_: object) -> None:
        """Stop the process; kill it when it does not end."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            await _end(process)
        if self._copying is not None:
            await self._copying

    @property
    def pid(self) -> int:
        """Of the process; tests end it to see what a crash does."""
        if self._process is None:
            raise HostDidNotStart("not started")
        return self._process.pid

    async def _copy(self, stdout: asyncio.StreamReader) -> None:
        with self._log.open("ab", buffering=0) as log:  # tests wait for its lines
            async for line in stdout:
                log.write(line)


async def _end(process: asyncio.subprocess.Process) -> None:
    try:
        process.terminate()
        await asyncio.wait_for(process.wait(), _STOP_PATIENCE)
    except ProcessLookupError:
        await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
