"""One emulated world for the whole suite, and the installation that everything is compared with."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.driver import Driver
from tests.trust.effects import Effect, effects, job_pods
from tests.trust.end_state import end_state

LEASE = 2.0
"""Real seconds; longer than any activity takes once its SDK is imported."""

THREADS = 64
"""Dead workers' threads stay where they hang; as many as one run can lose, and those that work."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The whole folder takes minutes."""
    for item in items:
        if "tests/trust" in str(item.path):
            item.add_marker(pytest.mark.trust)


@dataclass(frozen=True)
class GoodDay:
    """What an installation does and leaves when nothing goes wrong."""

    effects: list[Effect]
    end_state: dict[str, Any]
    job_pods: dict[str, int]


@pytest.fixture(scope="session")
def driver() -> Iterator[Driver]:
    """A world whose host offers an activity again when its worker stays silent."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON_THREADPOOL_THREAD_COUNT", str(THREADS))
        driver = Driver("--lease", str(LEASE), speed=1200)
    yield driver
    driver.close()


@pytest.fixture(scope="session")
def good_day(driver: Driver) -> GoodDay:
    """The second installation of a world: the first one imports the SDKs."""
    for name in ("warm", "good"):
        begun = driver.journal_length
        ended = driver.install(driver.request(name))
        assert ended["state"] == "Succeeded", ended.get("failure")
    journal = driver.world.circumstances.journal.entries[begun:]
    return GoodDay(effects(journal, "good"), end_state(driver, "good"), job_pods(journal))
