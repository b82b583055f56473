"""The request that the emulator writes beside its log."""

import json
from pathlib import Path

from emulator.__main__ import endpoints
from tests.e2e.driver import Driver


def test_the_emulators_sample_can_be_posted_as_it_is(driver: Driver) -> None:
    """Its secrets are in the emulated vault, so that the preflight finds all of them."""
    told = endpoints(driver.world)
    sample = json.loads(Path(str(told["sample"])).read_text())

    assert sample["secrets"]["vaultUri"] == told["vault"]
    assert driver.ask("POST", "preflights", sample).status == 202
