"""Why the tests of az do not run here, as one line of the report."""

import shutil

import pytest

from tests.clients.programs import IN_CI, WANTED, missing


@pytest.mark.skipif(not WANTED, reason="make test-clients runs the real Azure CLI (TEST_CLIENTS=1)")
def test_the_azure_cli_is_there_when_it_is_asked_for() -> None:
    """A run that asks for the real programs does not pass without them in CI."""
    lacking = missing()
    if lacking and not IN_CI:
        pytest.skip(lacking)
    assert not lacking


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")
def test_kubectl_is_found() -> None:
    """Its absence is told once, by name, instead of once a test."""
    assert shutil.which("kubectl")
