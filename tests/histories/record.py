"""Records the histories that ``tests/orchestrators/test_replay.py`` replays.

``python -m tests.histories.record`` runs whole installations on the emulator and writes one file
for each kind of ending, or for those that are named. Run it after a change of the story that is
meant to change histories; those of older code stay as long as installations of it may run.
"""

import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.e2e.driver import Driver

CLUSTERS = "Microsoft.ContainerService/managedClusters"
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


type Ending = Callable[[Driver, str], dict[str, Any]]


def succeeded(driver: Driver, name: str) -> dict[str, Any]:
    """All went well."""
    return driver.install(driver.request(name))


def refused(driver: Driver, name: str) -> dict[str, Any]:
    """The preflight found an error."""
    return driver.install(driver.request(name, kots__channel="nightly"))


def cancelled(driver: Driver, name: str) -> dict[str, Any]:
    """A person cancelled at the gate."""
    return _at_the_gate(driver, name, "cancel", {})


def rejected(driver: Driver, name: str) -> dict[str, Any]:
    """A person read the plan and said no."""
    return _at_the_gate(driver, name, "events/reject", {"by": "ada"})


def failed(driver: Driver, name: str) -> dict[str, Any]:
    """Azure failed late, and what was made was removed."""
    request = driver.request(name, onFailure="clean")
    state = driver.world.cloud.azure.state
    state.fail_next_operation(CLUSTERS, "AllocationFailed", "No capacity.", f"aks-{name}")
    return driver.install(request)


def exhausted(driver: Driver, name: str) -> dict[str, Any]:
    """Every attempt of a stage met a fault."""
    driver.world.circumstances.faults.add(
        server="arm", method="PUT", path=f"/resourcegroups/rg-{name}[?]", status=500, times=5
    )
    return driver.install(driver.request(name))


def _at_the_gate(driver: Driver, name: str, what: str, told: dict[str, Any]) -> dict[str, Any]:
    driver.post(driver.request(name, approval="beforeCreate"))
    waiting = driver.until(name, lambda status: status["state"] == "WaitingForApproval")
    asked = {"planHash": waiting["planHash"], **told}
    assert driver.ask("POST", f"installations/{name}/{what}", asked).status == 202
    return driver.ended(name)


ENDINGS: tuple[Ending, ...] = (succeeded, refused, cancelled, rejected, failed, exhausted)


def main(wanted: list[str]) -> None:
    """One installation for each kind of ending, or for those that are ``wanted``."""
    driver = Driver()
    try:
        for ending in ENDINGS:
            if not wanted or ending.__name__ in wanted:
                name = f"recorded-{ending.__name__[:4]}"
                record(driver, ending.__name__, ending(driver, name))
    finally:
        driver.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
