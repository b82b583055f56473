"""Every route answers once after the product has given up: the work is done late, and done again.

A server that is slow to answer still does what it was asked, here after the product asked anew.
Each slow reply costs the product's whole time-out in real seconds, so several installations suffer
at a time, each at a part of the routes.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from emulator.faults import Fault
from tests.e2e.driver import Driver
from tests.trust.end_state import differences, end_state
from tests.trust.fault_kinds import SLOW, Hit, dealt_out
from tests.trust.fault_routes import Route, routes
from tests.trust.reliability import write_section

AT_ONCE = 8
PATIENCE = 500.0
"""Real seconds for one installation: a tenth of the routes, each with its time-out."""


@dataclass
class Suffering:
    """One installation and the routes that are slow for it.

    Attributes:
        rules: The faults that make them slow.
        ended: Its last status, to wait for.
    """

    name: str
    hits: list[Hit]
    rules: list[Fault]
    ended: Future[dict[str, Any]]


@dataclass
class Slow:
    """All of them, and what a good day leaves.

    Attributes:
        survived: Slow replies that an installation came through, by server.
    """

    driver: Driver
    end_state: dict[str, Any]
    suffering: list[Suffering]
    survived: Counter[str] = field(default_factory=Counter[str])


@pytest.fixture(scope="module")
def slow() -> Iterator[Slow]:
    """A world in which all of them suffer at the same time."""
    driver = Driver(speed=1200, hub_speed=30.0)
    for name in ("warm", "good"):
        begun = driver.journal_length
        ended = driver.install(driver.request(name))
        assert ended["state"] == "Succeeded", ended.get("failure")
    known = routes(driver.world.circumstances.journal.entries[begun:], "good")
    groups = dealt_out([Hit(route, 0) for route in known], AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        slow = Slow(
            driver,
            end_state(driver, "good"),
            [begin(driver, pool, f"slow-{n}", hits) for n, hits in enumerate(groups)],
        )
        yield slow
    driver.close()
    if slow.survived.total() == len(known):
        write_section("Slow replies", figures(known, slow.survived))


def begin(driver: Driver, pool: ThreadPoolExecutor, name: str, hits: list[Hit]) -> Suffering:
    """Post a request for which the routes of ``hits`` will be slow."""
    faults = driver.world.circumstances.faults
    rules = [faults.add(**hit.rule(SLOW, name)) for hit in hits]
    ended = pool.submit(driver.install, driver.request(name), PATIENCE)
    return Suffering(name, hits, rules, ended)


@pytest.mark.timeout(PATIENCE + 100)
@pytest.mark.parametrize("number", range(AT_ONCE))
def test_what_is_done_after_nobody_waits_for_it_changes_nothing(slow: Slow, number: int) -> None:
    """The installation succeeds, and leaves what a good day leaves."""
    suffering = slow.suffering[number]

    ended = suffering.ended.result(PATIENCE)

    both = zip(suffering.hits, suffering.rules, strict=True)
    assert ended["state"] == "Succeeded", ended.get("failure")
    assert [str(hit) for hit, rule in both if rule.times] == []
    assert differences(slow.end_state, end_state(slow.driver, suffering.name)) == []
    slow.survived.update(hit.route.server for hit in suffering.hits)


def figures(known: list[Route], survived: Counter[str]) -> str:
    """How many routes of each server were slow."""
    return "\n".join(
        [
            "Each route of an installation answers its first request after the product has given",
            "up waiting (20 seconds; Keycloak, portal and API 10), and does then what it was",
            "asked; the installation succeeds, and leaves what a good day leaves",
            "(`make test-trust`).",
            "",
            "| server | slow routes |",
            "|---|---|",
            *(f"| {server} | {count} |" for server, count in sorted(survived.items())),
            f"| all | {len(known)}, in {AT_ONCE} installations |",
        ]
    )
