"""Suites that need more than ``make test`` has: skipped by name unless their command asks."""

import os
import re

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

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


class ByServer(LoadFileScheduling):
    """A file's tests stay on one worker, and so do those of one real Keycloak: it starts slowly."""

    def _split_scope(self, nodeid: str) -> str:
        found = re.search(r"\[(real-\d+[\d.]*)", nodeid)
        return found[1] if found else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByServer | None:
    """Servers are shared wherever files stay together."""
    return ByServer(config, log) if config.option.dist == "loadfile" else None
