"""Azurite, Microsoft's stand-in for Azure Storage: its queue service on loopback.

https://learn.microsoft.com/azure/storage/common/storage-use-azurite
"""

import base64
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from emulator.real.ports import free_port, until_listens
from emulator.real.process import Process
from emulator.real.readiness import FOLDER, Readiness

VERSION = "3.37.0"
"""Of npm's package ``azurite``; pinned, so that every machine tests against the same."""

_PROGRAM = Path("node_modules", ".bin", "azurite-queue")
_ACCOUNT = "emulated"
_START_PATIENCE = 60.0
"""Real seconds; about one is usual."""
_INSTALL_PATIENCE = 600.0
"""Real seconds; about 16 are usual."""
_KEY_BYTES = 64
"""Of a storage account's key."""


def find(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The program: that of ``AZURITE_HOME``, else the prepared one, else None.

    Without Node.js nothing is found.
    """
    if shutil.which("node", path=environ.get("PATH")) is None:
        return None
    home = environ.get("AZURITE_HOME", "")
    folders = [Path(home)] if home else []
    programs = (folder / _PROGRAM for folder in [*folders, FOLDER / "azurite"])
    return next((program for program in programs if program.exists()), None)


def prepare(folder: Path = FOLDER) -> list[Readiness]:
    """Install it with npm below ``folder``, once; a second call finds it there."""
    name, prefix = f"Azurite {VERSION}", folder / "azurite"
    if (prefix / _PROGRAM).exists():
        return [Readiness(server=name, where=prefix / _PROGRAM)]
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        why = "Node.js and npm are missing: https://nodejs.org/"
        return [Readiness(server=name, where=None, why=why)]
    prefix.mkdir(parents=True, exist_ok=True)
    (prefix / "package.json").write_text('{"private": true}\n')  # else npm looks further up
    command = [npm, "install", "--prefix", str(prefix), "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(
            [*command, f"azurite@{VERSION}"],
            cwd=prefix,
            capture_output=True,
            text=True,
            check=False,
            timeout=_INSTALL_PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return [Readiness(server=name, where=None, why="npm took too long")]
    if done.returncode or not (prefix / _PROGRAM).exists():
        return [Readiness(server=name, where=None, why=f"npm: {done.stderr[-500:]}")]
    return [Readiness(server=name, where=prefix / _PROGRAM)]


class Azurite:
    """The queue service of one fresh account.

    Its name and key are made up here: the well-known account of Azurite opens nothing.

    Args:
        program: What ``find`` found.
    """

    def __init__(self, program: Path) -> None:
        self._program = program
        self._key = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
        self._port = 0
        self._running = AsyncExitStack()

    @property
    def connection_string(self) -> str:
        """What ``AzureWebJobsStorage`` takes, once it has started; a secret."""
        return (
            f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={self._key};"
            f"QueueEndpoint=http://127.0.0.1:{self._port}/{_ACCOUNT};"
        )

    async def start(self) -> None:
        """Start it; returns when it listens.

        Raises:
            ProcessEnded: It ended; its last lines say why.
            TimeoutError: It never listened.
        """
        async with AsyncExitStack() as starting:
            folder = Path(starting.enter_context(tempfile.TemporaryDirectory(prefix="azurite-")))
            self._port = free_port()
            server = Process(
                self._program,
                folder / "azurite.log",
                "--queueHost=127.0.0.1",
                f"--queuePort={self._port}",
                f"--location={folder}",
                "--silent",
                "--disableTelemetry",
                "--skipApiVersionCheck",
                environment={"AZURITE_ACCOUNTS": f"{_ACCOUNT}:{self._key}"},
            )
            await starting.enter_async_context(server)
            await until_listens(server, self._port, patience=_START_PATIENCE)
            self._running = starting.pop_all()

    async def stop(self) -> None:
        """End it and forget every message; harmless when it was never started."""
        await self._running.aclose()
