"""Every route of every server goes wrong in every way: the installation ends as on a good day.

The routes are those in the journal of an installation that went well, so that a new one is covered
by itself. Each run suffers at some of them; every one is hit in every way that can happen there.
Deadlines hold: orchestrations live thirty times as fast as the wall clock, and so do theirs.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.e2e.driver import Driver
from tests.trust.end_state import differences, end_state
from tests.trust.fault_kinds import KINDS, Kind, dealt_out, hits
from tests.trust.fault_routes import Route, routes
from tests.trust.reliability import write_section

HUB_SPEED = 30.0
"""A pause of a minute, ARM's own when it throttles, takes two seconds."""
SERVERS = tuple(os.environ.get("FAULT_SERVERS", "arm kubernetes keycloak vault ingress").split())
"""Fewer while one looks for a mistake."""


@dataclass
class Good:
    """A good day in this world, and what was done on the bad ones.

    Attributes:
        done: Hits that an installation survived, by way and server.
    """

    routes: list[Route]
    end_state: dict[str, Any]
    done: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    """A world of its own, for its orchestrations live faster."""
    driver = Driver(speed=1200, hub_speed=HUB_SPEED)
    yield driver
    driver.close()


@pytest.fixture(scope="module")
def good(driver: Driver) -> Iterator[Good]:
    """The second installation of a world: the first one imports the SDKs."""
    for name in ("warm", "good"):
        begun = driver.journal_length
        ended = driver.install(driver.request(name))
        assert ended["state"] == "Succeeded", ended.get("failure")
    journal = driver.world.circumstances.journal.entries[begun:]
    known = [route for route in routes(journal, "good") if route.server in SERVERS]
    good = Good(known, end_state(driver, "good"))
    yield good
    wanted = Counter((k.name, hit.route.server) for k in KINDS for hit in hits(k, known))
    if good.done == wanted:
        write_section("Faults", figures(good))


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("kind", "first"),
    [(kind, first) for kind in KINDS for first in range(kind.runs)],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_installation_ends_as_on_a_good_day(
    driver: Driver, good: Good, kind: Kind, first: int
) -> None:
    """Azure's documents, DNS, the cluster's objects and Keycloak's users are the same."""
    name = f"q-{KINDS.index(kind)}{first}"  # short, and part of no hash
    suffered = dealt_out(hits(kind, good.routes), kind.runs)[first]
    faults = driver.world.circumstances.faults
    rules = [faults.add(**hit.rule(kind, name)) for hit in suffered]

    try:
        ended = driver.install(driver.request(name), seconds=150)
    finally:
        faults.clear()

    unharmed = [str(hit) for hit, rule in zip(suffered, rules, strict=True) if rule.times]
    assert ended["state"] == "Succeeded", ended.get("failure")
    assert unharmed == []
    assert differences(good.end_state, end_state(driver, name)) == []
    good.done.update((kind.name, hit.route.server) for hit in suffered)


def figures(good: Good) -> str:
    """How many requests of each server went wrong in each way."""
    servers = sorted({route.server for route in good.routes})
    known = Counter(route.server for route in good.routes)
    lines = [
        f"| {kind.title} | " + " | ".join(str(good.done[kind.name, s]) for s in servers) + " |"
        for kind in KINDS
    ]
    return "\n".join(
        [
            "Every route of an installation's journal goes wrong at its first request and at a",
            "later one; the installation succeeds, and leaves what a good day leaves",
            "(`make test-trust`). Requests that went wrong, by server:",
            "",
            "| what goes wrong | " + " | ".join(servers) + " |",
            "|---|" + "---|" * len(servers),
            *lines,
            "| routes | " + " | ".join(str(known[server]) for server in servers) + " |",
            "",
            f"{good.done.total()} faults in {sum(kind.runs for kind in KINDS)} installations.",
        ]
    )
