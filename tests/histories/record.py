"""Records the histories that ``tests/orchestrators/test_replay.py`` replays.

``python -m tests.histories.record`` runs whole installations on the emulator and writes one file
for each kind of ending. Run it after a change of the story that is meant to change histories.
"""

import sys
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.e2e.driver import Driver

FOLDER = Path(__file__).resolve().parent


def raw_history(driver: Driver, instance: str) -> str:
    """An instance's events, one base64 protobuf a line."""
    hub = f"{driver.world.host.url}/runtime/webhooks/durabletask/instances"
    url = f"{hub}/{quote(instance, safe='')}/rawHistory?code={driver.world.host.keys['durable']}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


def record(driver: Driver, ending: str, status: dict[str, Any]) -> None:
    """Write the installation's own history and that of its longest wait."""
    name = status["name"]
    (FOLDER / f"{ending}.history").write_text(raw_history(driver, name))
    wait = f"{name}:{status['runId']}:observe_application"
    if ending == "succeeded":
        (FOLDER / "wait.history").write_text(raw_history(driver, wait))
        checks = f"{name}:{status['runId']}:preflight"
        (FOLDER / "preflight.history").write_text(raw_history(driver, checks))


def main() -> None:
    """One installation for each kind of ending."""
    driver = Driver()
    try:
        record(driver, "succeeded", driver.install(driver.request("recorded-ok")))
        request = driver.request("recorded-no", kots__channel="nightly")
        record(driver, "refused", driver.install(request))
        request = driver.request("recorded-cancel", approval="beforeCreate")
        driver.post(request)
        driver.until("recorded-cancel", lambda s: s["state"] == "WaitingForApproval")
        driver.ask("POST", "installations/recorded-cancel/cancel")
        record(driver, "cancelled", driver.ended("recorded-cancel"))
    finally:
        driver.close()


if __name__ == "__main__":
    sys.exit(main())
