"""At every side effect of an installation the worker dies, or the reply is lost: nothing differs.

The side effects are those in the journal of an installation that went well, so that a new one is
covered by itself. Each run suffers at an eighth of them, at no request twice; every one is hit in
every way.
"""

from collections import Counter

import pytest

from tests.e2e.driver import Driver
from tests.trust.conftest import GoodDay
from tests.trust.effects import Effect, dealt_out, job_pods
from tests.trust.end_state import differences, end_state
from tests.trust.reliability import PAGE, write_section

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
    write_section("Crash anywhere", figures(good_day.effects))

    assert f"{len(good_day.effects) * len(WAYS)} crashes" in PAGE.read_text()


def figures(effects: list[Effect]) -> str:
    """How many side effects each server saw, and what was done to them."""
    servers = Counter(effect.server for effect in effects)
    rows = [f"| {server} | {count} |" for server, count in sorted(servers.items())]
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
            f"| all | {len(effects)} |",
            "",
            f"{len(WAYS)} ways ({'; '.join(WAYS)}), {len(effects) * len(WAYS)} crashes in",
            f"{RUNS * len(WAYS)} installations.",
        ]
    )
