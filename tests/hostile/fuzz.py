"""Thousands of hostile requests over real HTTP to a hosted app; every answer is judged.

``python -m tests.hostile.fuzz --requests 10000 --seed 7``. The same seed sends the same requests.
Nothing runs in process: each request goes over a socket to the functions host, through the worker
library, to the app's own functions and the durable engine behind them. Accepted requests wait for
an approval that nobody gives, under one of three names.
"""

import argparse
import random
import sys
import time

from tests.e2e.driver import Driver
from tests.hostile.fuzz_answers import Tally, send_all
from tests.hostile.fuzz_requests import WEIGHTS, requests
from tests.hostile.mutation import CANARY

_SHOWN = 20
_WARM = "fuzz-warm"


def run(driver: Driver, count: int, seed: int) -> Tally:
    """Send ``count`` requests of a seed, and look for their values in the app's log as well."""
    _warm_up(driver)
    tally = send_all(driver.world.host.url, requests(seed, count, driver.world.host.key))
    log = (driver.world.cloud.folder / "host.log").read_text(errors="replace")
    if CANARY in log:
        tally.failures.append("a submitted value stands in the app's log")
    return tally


def _warm_up(driver: Driver) -> None:
    """One preflight to its end: the first one imports Azure's SDKs, which takes seconds."""
    asked = driver.ask("POST", "preflights", driver.request(_WARM))
    if asked.status != 202:
        raise RuntimeError(f"no preflight began: {asked.status}")
    end = time.monotonic() + 120
    while driver.ask("GET", f"preflights/{_WARM}").body["state"] == "Running":
        if time.monotonic() > end:
            raise TimeoutError("the preflight never ended")
        time.sleep(0.05)


def report(tally: Tally, seconds: float) -> str:
    """Counts per operation and status, then what failed."""
    rate = f"in {seconds:.0f} s ({tally.total / seconds:.0f} a second)"
    slowest = f"the slowest took {max(tally.seconds):.2f} s"
    lines = [f"{tally.total} requests, all over real HTTP, {rate}; {slowest}"]
    for operation in WEIGHTS:
        counts = sorted((s, n) for (o, s), n in tally.answers.items() if o == operation)
        told = "  ".join(f"{status}: {number}" for status, number in counts)
        lines.append(f"  {operation:20} {told}")
    lines.append(f"{len(tally.failures)} failures")
    return "\n".join(lines + [f"  {failure}" for failure in tally.failures[:_SHOWN]])


def main() -> int:
    """The command line; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    sys.stdout.write(f"seed {asked.seed}\n")
    driver = Driver()
    try:
        begun = time.monotonic()
        tally = run(driver, asked.requests, asked.seed)
        sys.stdout.write(report(tally, time.monotonic() - begun) + "\n")
    finally:
        driver.close()
    return 1 if tally.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
