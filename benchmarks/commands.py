"""How long the two commands of the README take, once everything is set up."""

import math
import subprocess
import time
from pathlib import Path

from benchmarks.figure import Figure

ROOT = Path(__file__).resolve().parent.parent
_TELLING = ("FAILED", "ERROR", "====", "{")
"""How the lines begin that say why: pytest's summary, the demo's last line."""


def measure() -> list[Figure]:
    """Seconds of real time on this machine."""
    return [_command("demo", 60), _command("test", 300)]


def _command(target: str, bound: float) -> Figure:
    """A command that fails took for ever, and its last words are told."""
    begun = time.monotonic()
    done = subprocess.run(["make", target], cwd=ROOT, capture_output=True, check=False, text=True)
    took = time.monotonic() - begun
    if done.returncode == 0:
        return Figure(f"make {target}", took, bound, "seconds of real time, once set up")
    told = "; ".join(line for line in done.stdout.splitlines() if line.startswith(_TELLING))
    return Figure(f"make {target}", math.inf, bound, f"failed after {took:.0f} s: {told[-400:]}")
