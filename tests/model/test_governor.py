"""The token buckets that installations share."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import governor, wire
from model.governor import Ask, Bucket, Limit, Tokens

NOON = datetime(2026, 1, 1, 12)  # noqa: DTZ001 # orchestrations have naive UTC
LOTS = [
    governor.PREFLIGHT_LOT,
    governor.CREATION_LOT,
    governor.RECORDS_LOT,
    governor.REMOVAL_LOT,
]
TEN = Limit(size=10, refill=2)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_full_bucket_gives_at_once() -> None:
    """Up to its size nobody waits."""
    left, ready = governor.take(Bucket(tokens=10, at=NOON), TEN, 10, NOON)

    assert (left.tokens, ready) == (0, NOON)


def test_who_finds_too_little_is_told_when_the_last_token_comes() -> None:
    """Four tokens too few, two a second: two seconds."""
    left, ready = governor.take(Bucket(tokens=1, at=NOON), TEN, 5, NOON)

    assert (left.tokens, ready) == (-4, later(2))


def test_promises_are_kept_in_their_order() -> None:
    """The second in the queue comes after the first, however little it wants."""
    bucket = Bucket(tokens=0, at=NOON)
    bucket, first = governor.take(bucket, TEN, 8, NOON)
    bucket, second = governor.take(bucket, TEN, 1, NOON)

    assert NOON < first < second


def test_a_bucket_never_holds_more_than_its_size() -> None:
    """A night of rest is no credit."""
    assert governor.refilled(Bucket(tokens=3, at=NOON), TEN, later(86400)).tokens == 10


def test_a_clock_that_lags_takes_nothing_away_and_adds_nothing() -> None:
    """Two orchestrations' clocks may differ; the later one rules, and the earlier one waits."""
    bucket = Bucket(tokens=-4, at=later(10))

    left, ready = governor.take(bucket, TEN, 2, NOON)

    assert left == Bucket(tokens=-6, at=later(10))
    assert ready == later(13)


def test_nobody_is_told_a_moment_that_has_passed() -> None:
    """A bucket that is not overdrawn answers with the asker's own now."""
    _, ready = governor.take(Bucket(tokens=5, at=later(-60)), TEN, 5, NOON)

    assert ready == NOON


def test_a_lot_waits_for_its_scarcest_kind() -> None:
    """Reads are there, writes are not."""
    ledger = governor.opened(NOON)
    ledger, first = governor.lease(ledger, Ask(lot=Tokens(writes=160), now=NOON))
    ledger, second = governor.lease(ledger, Ask(lot=Tokens(reads=5, writes=8), now=NOON))
    _, third = governor.lease(ledger, Ask(lot=Tokens(deletes=1), now=NOON))

    assert [first, second, third] == [NOON, later(1), NOON]


def test_the_state_crosses_the_wire_unchanged() -> None:
    """It is kept as JSON between two questions."""
    ledger, _ = governor.lease(governor.opened(NOON), Ask(lot=Tokens(reads=7), now=later(0.25)))

    assert wire.decode(governor.Ledger, wire.encode(ledger)) == ledger


@given(
    asks=st.lists(
        st.tuples(st.floats(0, 5), st.integers(1, 8)),  # seconds since the one before, tokens
        max_size=40,
    )
)
def test_who_asks_at_the_told_moment_is_never_refused(asks: list[tuple[float, int]]) -> None:
    """A bucket of the published kind, asked for each lot when that is ready, never runs dry."""
    bucket, now = Bucket(tokens=TEN.size, at=NOON), NOON
    granted: list[tuple[datetime, int]] = []
    for passed, wanted in asks:
        now += timedelta(seconds=passed)
        bucket, ready = governor.take(bucket, TEN, wanted, now)
        granted.append((ready, wanted))

    level, at = TEN.size, NOON
    for ready, wanted in granted:
        level = min(TEN.size, level + TEN.refill * (ready - at).total_seconds()) - wanted
        at = ready
        assert level >= -0.001  # moments are told in whole microseconds


@pytest.mark.parametrize("lot", LOTS)
def test_every_lot_fits_the_governors_share_of_a_bucket(lot: Tokens) -> None:
    """A lot is spent in one go; one beyond the size would be refused even when it is its turn."""
    for limit, wanted in (
        (governor.READS, lot.reads),
        (governor.WRITES, lot.writes),
        (governor.DELETES, lot.deletes),
    ):
        assert wanted <= limit.share(governor.SHARE).size / 2
