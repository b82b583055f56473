"""One emulated world for the whole session; every test has names of its own in it."""

from collections.abc import Iterator

import pytest

from tests.e2e.driver import Driver


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole installations are slow, and marked so."""
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def driver() -> Iterator[Driver]:
    """The world."""
    driver = Driver()
    yield driver
    driver.close()
