"""What a test of a real server needs to be there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.real import readiness

BACKENDS = ["emulated", pytest.param("real", marks=pytest.mark.real)]
"""Parameters of a contract test: the stand-in, and the real server behind the mark ``real``."""


def require[Found: Path](found: Callable[[], Found | None], server: str) -> Found:
    """What ``found`` finds; without it the test is skipped, or fails where all servers must be.

    Args:
        found: A ``find`` of ``emulator.real``.
        server: What a person calls it.
    """
    there = found()
    if there is None:
        said = f"{server} is not there: python -m emulator.real prepare"
        if readiness.is_required():
            pytest.fail(said)
        pytest.skip(said)
    return there
