"""What the demo tells a person to type lets a waiting installation go on."""

import shlex
import shutil
import subprocess

import pytest

from emulator.gate_hints import hints
from tests.e2e.driver import Driver

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="runs curl")


@pytest.mark.parametrize(
    ("sample", "events"),
    [("approval", ["approve"]), ("manual-dns", ["dns-ready", "limits-set"])],
    ids=["approval", "manual-dns"],
)
def test_the_line_for_each_gate_opens_it(driver: Driver, sample: str, events: list[str]) -> None:
    """The last line of a hint is a command; with all of them the installation succeeds."""
    name = f"hints-{sample}"
    driver.post(driver.request(name, sample))
    where = f"{driver.world.host.url}/api/installations/{name}"

    for event in events:
        status = driver.until(name, lambda now, e=event: e in hints(now, where, "any"))
        *told, command = hints(status, where, driver.world.host.key)[event]
        assert told
        subprocess.run(["curl", "--fail", *shlex.split(command)[1:]], check=True)  # noqa: S603, S607 # the very line that a person is told to run

    assert driver.ended(name)["state"] == "Succeeded"


def test_nothing_is_told_while_nobody_is_waited_for() -> None:
    """A waiting stage waits for Azure, not for a person."""
    stages = [{"stage": "observe_cluster", "state": "waiting"}]

    assert hints({"state": "Running", "stages": stages}, "http://127.0.0.1", "key") == {}
