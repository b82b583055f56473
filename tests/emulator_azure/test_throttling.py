"""Azure's token buckets, and the governor's picture of them."""

from datetime import datetime, timedelta

import pytest

from emulator.azure.throttling import REFILLS, SIZES, Throttle, kind_of
from model import governor
from model.governor import Bucket, Limit
from tests.emulator_azure.conftest import World

NOON = datetime(2026, 1, 1, 12)  # noqa: DTZ001 # orchestrations have naive UTC
PUBLISHED = {"read": governor.READS, "write": governor.WRITES, "delete": governor.DELETES}
METHODS = {"read": "GET", "write": "PUT", "delete": "DELETE"}


class Seconds:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def drawn(throttle: Throttle, method: str, wanted: int) -> int:
    return sum(throttle.draw(method, "s", "app") is None for _ in range(wanted))


def test_the_governor_knows_azures_buckets() -> None:
    """Size and refill, for each kind."""
    assert {kind: Limit(size=SIZES[kind], refill=REFILLS[kind]) for kind in SIZES} == PUBLISHED


@pytest.mark.parametrize("kind", sorted(SIZES))
def test_governor_and_azure_count_the_same(kind: str) -> None:
    """Bursts and rests: what the governor gives without a wait, Azure answers; one more, not."""
    clock = Seconds()
    throttle, limit = Throttle(clock), PUBLISHED[kind]
    bucket = Bucket(tokens=limit.size, at=NOON)
    for rest, wanted in ((0, 120), (3.5, 60), (0.2, 10), (60, int(limit.size)), (2, 15)):
        clock.now += rest
        now = NOON + timedelta(seconds=clock.now)
        bucket, ready = governor.take(bucket, limit, wanted, now)
        assert ready == now
        assert drawn(throttle, METHODS[kind], wanted) == wanted

    spare = int(bucket.tokens)
    assert drawn(throttle, METHODS[kind], spare + 3) == spare
    assert throttle.refused == 3


def test_each_principal_and_each_subscription_has_its_own() -> None:
    """Who asks too much harms nobody else."""
    throttle = Throttle(Seconds())
    assert drawn(throttle, "PUT", 300) == SIZES["write"]

    assert throttle.draw("PUT", "s", "another") is None
    assert throttle.draw("PUT", "another", "app") is None
    assert throttle.draw("GET", "s", "app") is None
    assert kind_of("POST") == "write"


def test_who_comes_back_when_told_is_answered() -> None:
    """Retry-After is long enough, in whole seconds."""
    clock = Seconds()
    throttle = Throttle(clock)
    drawn(throttle, "DELETE", SIZES["delete"])
    wait = throttle.draw("DELETE", "s", "app")
    assert wait == 1

    clock.now += wait
    assert throttle.draw("DELETE", "s", "app") is None


def test_a_throttled_azure_answers_429_with_a_time(world: World) -> None:
    """Only once it was asked to throttle; over HTTP as ARM does."""
    world.send("GET", "resourceGroups/new", "2025-04-01")
    (caller,) = {entry.caller for entry in world.journal.of("arm") if entry.caller}
    throttle = Throttle(Seconds())
    for _ in range(SIZES["write"]):
        throttle.draw("PUT", world.subscription_id, caller)
    world.azure.state.throttle = throttle

    answer = world.request("PUT", "resourceGroups/new", "2025-04-01", {"location": "eastus"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert answer.json()["error"]["code"] == "SubscriptionRequestsThrottled"
