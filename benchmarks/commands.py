"""How long the two commands of the README take, once everything is set up."""

import subprocess
import time
from pathlib import Path

from benchmarks.figure import Figure

ROOT = Path(__file__).resolve().parent.parent


def measure() -> list[Figure]:
    """Seconds of real time on this machine."""
    return [
        Figure("make demo", _seconds("demo"), 60, "seconds, once set up"),
        Figure("make test", _seconds("test"), 300, "seconds on this machine"),
    ]


def _seconds(target: str) -> float:
    begun = time.monotonic()
    subprocess.run(["make", target], cwd=ROOT, capture_output=True, check=True)
    return time.monotonic() - begun
