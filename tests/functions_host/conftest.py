"""Hosts for the tests: one process per app, shared by a module's tests."""

from collections.abc import Iterator

import pytest

from tests.functions_host.hosting import APPS, Host, start_host


@pytest.fixture(scope="package")
def bakery() -> Iterator[Host]:
    """The durable sample app, hosted."""
    host = start_host(APPS / "durable")
    yield host
    assert host.stop() == 0, "\n".join(host.lines[-20:])


@pytest.fixture(scope="package")
def web() -> Iterator[Host]:
    """The HTTP sample app, hosted with keys enforced."""
    host = start_host(APPS / "web", "--enforce-keys")
    yield host
    assert host.stop() == 0, "\n".join(host.lines[-20:])
