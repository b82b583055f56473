"""The watchdog against a real host: a lost worker and a suspended installation are reported."""

import json
import re
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from model.ownership import MANAGED_BY
from model.watchdog import RESUME, WORKER
from tests.e2e.driver import Driver

pytestmark = [pytest.mark.trust, pytest.mark.timeout(90)]

GRACE = 2.0
LEASE = 8.0
"""Real seconds; a dead worker is noticed well after the watchdog noticed it."""


@pytest.fixture(scope="module")
def watched() -> Iterator[Driver]:
    """A world whose watchdog looks every second and has little patience."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHDOG_SCHEDULE", "* * * * * *")
        patch.setenv("WATCHDOG_GRACE_SECONDS", str(GRACE))
        driver = Driver("--lease", str(LEASE))
    yield driver
    driver.close()


def warnings(driver: Driver, name: str) -> list[dict[str, Any]]:
    """What the watchdog's log lines say about an installation."""
    log = (driver.world.cloud.folder / "host.log").read_text()
    found = [json.loads(text) for text in re.findall(r"stuck (\{.*?\})(?=\s*$)", log, re.MULTILINE)]
    return [one for one in found if one["installation"] == name]


def eventually[T](look: Callable[[], T], seconds: float = 20) -> T:
    """The first answer that is not empty."""
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        threading.Event().wait(0.1)
    assert found
    return found


def steer(driver: Driver, name: str, what: str) -> None:
    """Suspend or resume through the durable management API."""
    key = driver.world.host.keys["durable"]
    hub = f"{driver.world.host.url}/runtime/webhooks/durabletask/instances"
    request = urllib.request.Request(f"{hub}/{name}/{what}?reason=test&code={key}", method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 202


def test_a_lost_worker_is_reported_and_the_installation_goes_on_by_itself(watched: Driver) -> None:
    """Stage, budget and remedy in log, status and list; gone once a second worker took over."""
    name = "lost-worker"
    path = f"/managedClusters/aks-{name}"
    faults = watched.world.circumstances.faults
    faults.add(server="arm", method="PUT", path=path, agent=MANAGED_BY, hold="before")
    assert watched.post(watched.request(name)).status == 202

    status = watched.until(name, lambda status: "stuck" in status, 30)
    [warned, *_] = eventually(lambda: warnings(watched, name))
    ended = watched.ended(name, 60)

    assert (status["stuck"]["stage"], status["stuck"]["remedy"]) == ("ensure_cluster", WORKER)
    assert warned.keys() == {"installation", "stage", "since", "budgetSeconds", "remedy"}
    assert warned["stage"] == "ensure_cluster"
    assert ended["state"] == "Succeeded", ended.get("failure")
    assert "stuck" not in ended


def test_a_suspended_installation_is_reported_until_it_is_resumed(watched: Driver) -> None:
    """The list shows it as well, and the remedy says how to resume."""
    name = "suspended"
    assert watched.post(watched.request(name, "approval")).status == 202
    watched.until(name, lambda status: status["state"] == "WaitingForApproval")

    steer(watched, name, "suspend")
    status = watched.until(name, lambda status: "stuck" in status, 30)
    listed = watched.ask("GET", "installations").body["installations"]
    eventually(lambda: warnings(watched, name))
    steer(watched, name, "resume")
    watched.until(name, lambda status: "stuck" not in status, 30)

    assert status["stuck"]["remedy"] == RESUME
    assert {one["name"] for one in listed if "stuck" in one} >= {name}
    watched.ask("POST", f"installations/{name}/cancel")
    assert watched.ended(name)["state"] == "Cancelled"


def test_a_person_who_takes_their_time_is_not_reported(watched: Driver) -> None:
    """A gate may wait for days; looks that find nothing yet are signs of life."""
    name = "patient"
    assert watched.post(watched.request(name, "manual-dns")).status == 202
    watched.until(name, lambda status: "dnsRecords" in status)

    watched.until(name, lambda status: any(s.get("looks", 0) > 60 for s in status["stages"]), 150)
    watched.ask("POST", f"installations/{name}/cancel")
    watched.ended(name)

    assert warnings(watched, name) == []
