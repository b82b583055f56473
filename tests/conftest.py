"""Suites that need more than ``make test`` has: skipped by name unless their command asks."""

import os

import pytest
from hypothesis import settings

SUITES = {
    "real": ("REAL_SERVERS", "needs real servers: make test-real"),
    "clients": ("TEST_CLIENTS", "runs az and kubectl: make test-clients"),
    "trust": ("TEST_TRUST", "takes many whole installations: make test-trust"),
}

settings.register_profile("suite", deadline=None)  # a busy machine is slow, not wrong
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what nobody asked for; one line of the summary tells how many and how to run them."""
    for mark, (variable, reason) in SUITES.items():
        if os.environ.get(variable) == "1":
            continue
        skip = pytest.mark.skip(reason=reason)
        for item in items:
            if item.get_closest_marker(mark):
                item.add_marker(skip)
    for item in items:
        if item.get_closest_marker("real") and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(str(item.path)))  # they share servers, too
