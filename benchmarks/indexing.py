"""What a cold start pays: importing and indexing the app, beside the least app."""

import json
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.figure import Figure

ROOT = Path(__file__).resolve().parent.parent
BARE = Path(__file__).resolve().parent / "apps" / "bare"
_ROUNDS = 5
_PROBE = """
import json, resource, sys, time
sys.path.insert(0, {root!r})
from emulator.functions_host.worker import Worker
from pathlib import Path
begun = time.perf_counter()
Worker().load(Path({app!r}))
took = time.perf_counter() - begun
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([took, peak]), flush=True)
import os; os._exit(0)
"""


def measure() -> list[Figure]:
    """Medians of fresh processes, the two apps in turn."""
    ours: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    for _ in range(_ROUNDS):
        ours.append(_probe(ROOT))
        bare.append(_probe(BARE))
    time_ours, time_bare = (statistics.median(t for t, _ in side) for side in (ours, bare))
    peak_ours, peak_bare = (statistics.median(p for _, p in side) for side in (ours, bare))
    return [
        Figure(
            "indexing time / bare app",
            time_ours / time_bare,
            1.5,
            f"{time_ours:.2f} s, {time_bare:.2f} s",
        ),
        Figure(
            "peak memory / bare app",
            peak_ours / peak_bare,
            1.5,
            f"{peak_ours / 1024:.0f} MB, {peak_bare / 1024:.0f} MB",
        ),
    ]


def _probe(app: Path) -> tuple[float, float]:
    program = _PROBE.format(root=str(ROOT), app=str(app))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=app, capture_output=True, text=True, check=True
    )
    took, peak = json.loads(done.stdout.strip().splitlines()[-1])
    return took, peak
