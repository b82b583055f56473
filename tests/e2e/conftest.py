"""One emulated world for the whole session; every test has names of its own in it."""

from collections.abc import Iterator

import pytest

from tests.e2e.driver import Driver

PATIENCE = 180
"""Real seconds for one test; a busy machine is slow, not wrong."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole installations are slow, and marked so."""
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.e2e)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(PATIENCE))


@pytest.fixture(scope="session")
def driver() -> Iterator[Driver]:
    """The world."""
    driver = Driver()
    yield driver
    driver.close()
