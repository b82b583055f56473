"""Builds a program from its public source with the Go tools of this machine."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_PATIENCE = 1800.0
"""Real seconds for downloading and compiling; a control plane takes six minutes on two cores."""
_LAST_WORDS = 600


class BuildFailed(Exception):
    """There is no program; the message says why and what to do."""


def go(words: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> None:
    """Run ``go`` with ``words`` in ``folder``; what it has made before is not made again.

    Args:
        words: Subcommand and its flags.
        folder: Where to run it.
        environment: Added to this process's own.

    Raises:
        BuildFailed: There is no Go, its registry could not be reached, or the build broke.
    """
    program = shutil.which("go")
    if program is None:
        raise BuildFailed("Go is missing: https://go.dev/dl/")
    try:
        done = subprocess.run(
            [program, *words],
            cwd=folder,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise BuildFailed(f"go took more than {_PATIENCE:.0f} seconds") from error
    if done.returncode:
        raise BuildFailed(f"go failed: {done.stderr.strip()[-_LAST_WORDS:]}")
