"""Each trouble of the world outside ends in success after waiting, or in its code and true reason.

Several installations suffer at a time, each from its own; orchestrations live sixty times as fast
as the wall clock, so a deadline of 90 minutes comes in 90 seconds.
"""

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.e2e.driver import ENDED, Driver
from tests.trust.bad_days import BAD_DAYS, BadDay
from tests.trust.reliability import write_section

AT_ONCE = 4
PATIENCE = 400.0
"""Real seconds for one installation, whatever it suffers."""


@dataclass
class Endings:
    """The last status of every bad day, to wait for.

    Attributes:
        proven: Names of the days that ended as promised.
    """

    coming: dict[str, Future[dict[str, Any]]]
    proven: set[str] = field(default_factory=set[str])


@pytest.fixture(scope="module")
def endings() -> Iterator[Endings]:
    """All of them, a few at a time; the page is written when every one ended as promised."""
    driver = Driver(speed=1200, hub_speed=60.0)
    assert driver.install(driver.request("warm"))["state"] == "Succeeded"
    with ThreadPoolExecutor(AT_ONCE) as pool:
        endings = Endings({day.name: pool.submit(_lived, driver, day) for day in BAD_DAYS})
        yield endings
    driver.close()
    if endings.proven == {day.name for day in BAD_DAYS}:
        write_section("Trouble outside", "\n".join(_page()))


def _page() -> Iterator[str]:
    yield "Each happens to an installation of its own (`make test-trust`)."
    yield ""
    yield "| what happens | how it ends |"
    yield "|---|---|"
    for day in BAD_DAYS:
        ends = f"`{day.code}`" if day.code else "Succeeded, after waiting"
        yield f"| {day.title} | {ends} |"


def _lived(driver: Driver, day: BadDay) -> dict[str, Any]:
    """Post, suffer, and the status at the end; with all that was shown on the way."""
    request = driver.request(day.name)
    day.before(driver, request)
    assert driver.post(request).status == 202
    day.meanwhile(driver, request)
    shown: set[str] = set()

    def ended(status: dict[str, Any]) -> bool:
        shown.add(json.dumps(status.get("stages")))
        return status["state"] in ENDED

    return driver.until(day.name, ended, PATIENCE) | {"shown": "".join(shown)}


@pytest.mark.timeout(PATIENCE + 60)
@pytest.mark.parametrize("day", BAD_DAYS, ids=[day.name for day in BAD_DAYS])
def test_a_bad_day_ends_as_promised(day: BadDay, endings: Endings) -> None:
    """In its code, with a reason that names the trouble and a remedy; or in success."""
    status = endings.coming[day.name].result(PATIENCE)

    failure: dict[str, Any] = status.get("failure") or {}
    assert failure.get("code", "") == day.code, failure
    assert status["state"] == ("Failed" if day.code else "Succeeded")
    assert day.says in failure.get("reason", "")
    assert day.shows in status["shown"]
    assert not day.code or failure["remedy"]
    endings.proven.add(day.name)
