"""A container's command as a process of this machine."""

import asyncio
import os
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emulator.kubelet.log_file import LogFile

_CANNOT_START = 128
_CHUNK = 64 * 1024


class CannotStart(Exception):
    """The command does not exist or cannot be executed; the text is what a kubelet shows."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run.

    Attributes:
        words: Program and arguments.
        variables: The whole environment; nothing is inherited.
        folder: Working directory.
    """

    words: tuple[str, ...]
    variables: Mapping[str, str]
    folder: Path


def find_program(word: str, programs: Path | None, path: str) -> str:
    """The file that a command's first word means.

    A program in the ``programs`` folder wins over one of the same name that an image is said to
    hold at an absolute path.

    Raises:
        CannotStart: There is none.
    """
    if programs is not None:
        own = programs / Path(word).name
        if own.is_file() and os.access(own, os.X_OK):
            return str(own)
    found = shutil.which(word, path=path)
    if found is None:
        raise CannotStart(f'exec: "{word}": executable file not found in $PATH')
    return found


class Process:
    """One run of a command; its whole process group is ended together."""

    def __init__(self, command: Command, log: LogFile) -> None:
        self._command = command
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    async def run(self) -> int:
        """Start and wait; the exit code, 128 plus the signal for a killed one.

        Raises:
            CannotStart: It could not be started.
        """
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command.words,
                env=dict(self._command.variables),
                cwd=self._command.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise CannotStart(f'exec: "{self._command.words[0]}": {error.strerror}') from error
        copying = asyncio.create_task(self._copy(self._process))
        try:
            code = await self._process.wait()
        finally:
            # Children that outlive the command hold the pipe open; with its container they end.
            self._signal(signal.SIGKILL)
            await copying
            self._log.end()
        return code if code >= 0 else 128 - code

    async def _copy(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        while said := await process.stdout.read(_CHUNK):
            self._log.append(said)

    async def end(self, grace: float) -> None:
        """Ask it to end; after ``grace`` real seconds it is killed. Returns when it has ended."""
        if self._process is None or self._process.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(grace):
                await self._process.wait()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return  # the group has ended already; macOS answers EPERM for zombies
