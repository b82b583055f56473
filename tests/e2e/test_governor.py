"""A governed installation on a real host: the entity answers, and the history stays short."""

import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from benchmarks.scale import measure
from emulator.azure.throttling import SIZES, Throttle
from emulator.functions_host.history import parse_history
from model import governor, wire
from orchestrators.governor import GOVERNOR
from tests.e2e.driver import Driver

pytestmark = [pytest.mark.e2e, pytest.mark.trust]


@pytest.fixture
def governed() -> Iterator[Driver]:
    """A world of its own, for its requests are counted; its app has the governor on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARM_GOVERNOR", "on")
        driver = Driver()
    yield driver
    driver.close()


def hub(driver: Driver, path: str) -> str:
    """A durable management route's answer."""
    base = f"{driver.world.host.url}/runtime/webhooks/durabletask"
    url = f"{base}/{path}?code={driver.world.host.keys['durable']}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


def history(driver: Driver, instance: str) -> list[pb.HistoryEvent]:
    """An orchestration's raw history."""
    return parse_history(hub(driver, f"instances/{quote(instance, safe='')}/rawHistory"))


def questions(driver: Driver, instance: str) -> int:
    """How often an orchestration asked the governor."""
    events = history(driver, instance)
    return sum(event.HasField("entityOperationCalled") for event in events)


def within(asked: measure.Calls, lot: governor.Tokens) -> bool:
    """Whether a chapter asked ARM for no more than its lot."""
    return asked.reads <= lot.reads and asked.writes <= lot.writes and not asked.deletes


def test_a_governed_installation_asks_a_handful_of_times(governed: Driver) -> None:
    """Three times for its chapters, once for every ten looks at the cluster; and it succeeds."""
    status = governed.install(governed.request("governed"))
    assert status["state"] == "Succeeded"

    waits = f"governed:{status['runId']}:observe_cluster"
    assert questions(governed, "governed") == 3
    assert 1 <= questions(governed, waits) <= 4

    entries = governed.world.circumstances.journal.entries
    counts = measure.counted(entries, [history(governed, waits)], status)
    assert within(counts.preflight, governor.PREFLIGHT_LOT)
    creation = measure.total((counts.group, counts.cluster, counts.credential))
    assert within(creation, governor.CREATION_LOT)
    assert within(counts.records, governor.RECORDS_LOT)

    subscription = governed.request("governed")["azure"]["subscriptionId"].lower()
    kept: Any = json.loads(hub(governed, f"entities/{GOVERNOR}/{subscription}"))
    ledger = wire.decode(governor.Ledger, kept)
    assert ledger.writes.tokens <= governor.opened(ledger.writes.at).writes.tokens


def named(status: dict[str, Any]) -> bool:
    """Whether an installation's last request to ARM but one is answered, or it has failed."""
    states = {one["stage"]: one["state"] for one in status.get("stages", [])}
    return states.get("ensure_dns_records") == "done" or status["state"] == "Failed"


@pytest.mark.timeout(120)
def test_governed_installations_that_want_more_than_a_bucket_are_never_refused(
    governed: Driver,
) -> None:
    """Six at once want more than a full bucket holds; they queue for it in real time."""
    throttle = Throttle(time.monotonic)
    governed.world.cloud.azure.state.throttle = throttle
    before = len(governed.world.circumstances.journal.entries)
    names = [f"crowd-{number}" for number in range(6)]
    try:
        for name in names:
            governed.post(governed.request(name))
        seen = [governed.until(name, named, 90) for name in names]
    finally:
        governed.world.cloud.azure.state.throttle = None

    assert [one["name"] for one in seen if one["state"] == "Failed"] == []
    asked = governed.world.circumstances.journal.entries[before:]
    assert measure.calls(e for e in asked if e.server == "arm").reads > SIZES["read"]
    assert throttle.refused == 0
