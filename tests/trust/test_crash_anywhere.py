"""At every side effect of an installation the worker dies, or the reply is lost: nothing differs.

The side effects are those in the journal of an installation that went well, so that a new one is
covered by itself. Each run suffers at an eighth of them, at no request twice; every one is hit in
every way.
"""

from typing import Any

import pytest

from tests.e2e.driver import Driver
from tests.trust import reliability
from tests.trust.conftest import GoodDay
from tests.trust.effects import dealt_out, job_pods
from tests.trust.end_state import end_state

WAYS: dict[str, dict[str, str]] = {
    "the worker dies before it": {"hold": "before"},
    "the worker dies after it": {"hold": "after"},
    "the reply is lost": {"drop": "after"},
    "the connection breaks before it": {"drop": "before"},
}
RUNS = 8
"""Installations per way; the effects are dealt out among them."""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("first", range(RUNS))
@pytest.mark.parametrize("way", WAYS)
def test_the_installation_ends_as_on_a_good_day(
    driver: Driver, good_day: GoodDay, way: str, first: int
) -> None:
    """One group, one cluster, one Job per attempt, seven records, one user: object by object."""
    name = f"bad{list(WAYS).index(way)}{first}"
    faults = driver.world.circumstances.faults
    suffered = dealt_out(good_day.effects, RUNS)[first]
    rules = [faults.add(**effect.rule(name), **WAYS[way]) for effect in suffered]

    begun = driver.journal_length
    try:
        ended = driver.install(driver.request(name), seconds=150)
    finally:
        faults.clear()

    unharmed = [str(e) for e, rule in zip(suffered, rules, strict=True) if rule.times]
    assert ended["state"] == "Succeeded", ended.get("failure")
    assert unharmed == []
    assert differences(good_day.end_state, end_state(driver, name)) == []
    journal = driver.world.circumstances.journal.entries
    assert job_pods(journal[begun:]) == good_day.job_pods


def test_the_page_tells_the_figures(good_day: GoodDay) -> None:
    """What is claimed is what was done: the page is written from the suite's own lists."""
    reliability.write(good_day.effects, WAYS, RUNS)

    told = reliability.PAGE.read_text()
    assert f"{len(good_day.effects) * len(WAYS)} crashes" in told


def differences(expected: Any, found: Any, path: str = "") -> list[str]:
    """Where two JSON documents differ, as paths."""
    if isinstance(expected, dict) and isinstance(found, dict):
        keys: set[str] = expected.keys() | found.keys()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] # JSON
        return [
            line
            for key in sorted(keys)
            for line in differences(expected.get(key), found.get(key), f"{path}/{key}")  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType] # JSON
        ]
    return [] if expected == found else [f"{path}: {expected!r} is now {found!r}"]
