"""One hosted app for the tests that speak HTTP; the others never start it."""

from collections.abc import Iterator

import pytest

from tests.e2e.driver import Driver


@pytest.fixture(scope="session")
def driver() -> Iterator[Driver]:
    """The world."""
    driver = Driver()
    yield driver
    driver.close()
