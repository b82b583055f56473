"""One server process of the machine: started, watched, ended by its id."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Self

_STOP_PATIENCE = 10.0
"""Real seconds for a clean end, before the process is killed."""
_LAST_WORDS = 1500


class ProcessEnded(RuntimeError):
    """The process ended by itself; the message has its last lines."""


class Process:
    """Use as ``async with Process(program, log, "--flag"):``; leaving ends it.

    Args:
        program: Executable.
        log: File for its output.
        arguments: Its command line; never a secret.
        environment: Added to this process's own.
        group: Whether it starts others that must end with it.
    """

    def __init__(
        self,
        program: Path,
        log: Path,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        group: bool = False,
    ) -> None:
        self._program = program
        self._arguments = arguments
        self._environment = dict(environment or {})
        self._log = log
        self._group = group
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        """Start it; it may not be ready yet."""
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                self._program,
                *self._arguments,
                env=os.environ | self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=self._group,
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Ask it to end; kill it when it does not."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            self._signal(process, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _STOP_PATIENCE)
        if process.returncode is None or self._group:  # of a group, others may be left
            self._signal(process, signal.SIGKILL)
            await process.wait()

    def _signal(self, process: asyncio.subprocess.Process, number: int) -> None:
        if not self._group:
            process.send_signal(number)
            return
        with contextlib.suppress(ProcessLookupError):  # the whole group has ended
            os.killpg(process.pid, number)

    def require_running(self) -> None:
        """Look that it still runs.

        Raises:
            ProcessEnded: It does not.
        """
        if self._process is None or self._process.returncode is not None:
            raise ProcessEnded(f"{self._program.name}: {self.last_words()}")

    def last_words(self) -> str:
        """The end of its output."""
        return self._log.read_text(errors="replace")[-_LAST_WORDS:]
