"""At every side effect the worker dies, the reply is lost, or the work comes twice: no difference.

The side effects are those in the journal of an installation that went well, so that a new one is
covered by itself. Each run of a crash suffers at an eighth of them, at no request twice; every one
is hit in every way. A task hub that delivers every activity twice repeats all of them in one run.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.e2e.driver import Driver
from tests.trust.conftest import GoodDay
from tests.trust.effects import Effect, dealt_out, effects, job_pods
from tests.trust.end_state import differences, end_state
from tests.trust.reliability import write_section

WAYS: dict[str, dict[str, str]] = {
    "the worker dies before it": {"hold": "before"},
    "the worker dies after it": {"hold": "after"},
    "the reply is lost": {"drop": "after"},
    "the connection breaks before it": {"drop": "before"},
}
RUNS = 8
"""Installations per way; the effects are dealt out among them."""

DELIVERIES = {
    "after": "its activity is delivered twice, one after the other",
    "together": "its activity is delivered twice, at the same time",
}
"""Ways of a host's ``--deliver-twice``, for people."""


@dataclass
class Survived:
    """The side effects that an installation survived, by way."""

    effects: Counter[str] = field(default_factory=Counter[str])


@pytest.fixture(scope="module")
def survived(good_day: GoodDay) -> Iterator[Survived]:
    """What is claimed is what was done: the page is written when every way hit every effect."""
    survived = Survived()
    yield survived
    every = len(good_day.effects)
    if survived.effects == Counter(dict.fromkeys([*WAYS, *DELIVERIES.values()], every)):
        write_section("Crash anywhere", figures(good_day.effects, survived))


@pytest.mark.timeout(180)
@pytest.mark.parametrize("first", range(RUNS))
@pytest.mark.parametrize("way", WAYS)
def test_the_installation_ends_as_on_a_good_day(
    driver: Driver, good_day: GoodDay, survived: Survived, way: str, first: int
) -> None:
    """One group, one cluster, one Job per attempt, seven records, one user: object by object."""
    name = f"bad{list(WAYS).index(way)}{first}"
    faults = driver.world.circumstances.faults
    suffered = dealt_out(good_day.effects, RUNS)[first]
    rules = [faults.add(**effect.rule(name), **WAYS[way]) for effect in suffered]

    try:
        assert_ends_as(good_day, driver, name)
    finally:
        faults.clear()

    assert [str(e) for e, rule in zip(suffered, rules, strict=True) if rule.times] == []
    survived.effects[way] += len(suffered)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("delivery", DELIVERIES)
def test_an_installation_whose_activities_all_come_twice_ends_as_on_a_good_day(
    good_day: GoodDay, survived: Survived, delivery: str
) -> None:
    """A task hub promises at least once: what was written is written again, and nothing differs."""
    driver = Driver("--deliver-twice", delivery, speed=1200)
    try:
        assert_ends_as(good_day, driver, "twice")
        asked = {
            effect.path for effect in effects(driver.world.circumstances.journal.entries, "twice")
        }
    finally:
        driver.close()

    assert [str(effect) for effect in good_day.effects if effect.path not in asked] == []
    survived.effects[DELIVERIES[delivery]] += len(good_day.effects)


def assert_ends_as(good_day: GoodDay, driver: Driver, name: str) -> None:
    """Install, and compare what there is afterwards."""
    begun = driver.journal_length

    ended = driver.install(driver.request(name), seconds=150)

    assert ended["state"] == "Succeeded", ended.get("failure")
    assert differences(good_day.end_state, end_state(driver, name)) == []
    journal = driver.world.circumstances.journal.entries
    assert job_pods(journal[begun:]) == good_day.job_pods


def figures(known: list[Effect], survived: Survived) -> str:
    """How many side effects each server saw, and what was done to them."""
    servers = Counter(effect.server for effect in known)
    rows = [f"| {server} | {count} |" for server, count in sorted(servers.items())]
    ways = [f"| {way} | {count} |" for way, count in survived.effects.items()]
    return "\n".join(
        [
            "Every request by which the product changes the world or reads a secret, as the",
            "journal of an installation shows it, is hit in each of these ways; afterwards Azure's",
            "documents, DNS records, the cluster's objects and Keycloak's users equal those of a",
            "good day (`make test-trust`).",
            "",
            "| server | side effects |",
            "|---|---|",
            *rows,
            f"| all | {len(known)} |",
            "",
            "| way | side effects hit |",
            "|---|---|",
            *sorted(ways),
            f"| all | {survived.effects.total()} |",
            "",
            f"Installations: {RUNS * len(WAYS) + len(DELIVERIES)}.",
        ]
    )
