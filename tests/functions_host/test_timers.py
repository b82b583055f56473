"""Timer triggers and their schedules."""

from datetime import UTC, datetime

import pytest

from emulator.functions_host.ncrontab import parse_schedule
from tests.functions_host.hosting import APPS, eventually, start_host


def test_timers_tick_and_run_on_startup() -> None:
    """A timer that is due every second runs, one that asks for it runs at the start only."""
    host = start_host(APPS / "clock", RARELY="0 0 0 29 2 *")
    try:
        ticks = eventually(
            lambda: (seen := host.call("GET", "/api/ticks").json())["second"] >= 2 and seen, "ticks"
        )
    finally:
        assert host.stop() == 0

    assert ticks["startup"] == 1


@pytest.mark.parametrize(
    ("text", "due"),
    [
        pytest.param("0 */5 * * * *", "2026-11-23T13:45:00", id="every-five-minutes"),
        pytest.param("0 0 * * * *", "2026-11-23T14:00:00", id="hourly"),
        pytest.param("0 30 9 * * 1-5", "2026-11-24T09:30:00", id="weekdays"),
        pytest.param("0 30 9 * Jan Mon", "2027-01-04T09:30:00", id="names"),
        pytest.param("15,45 * * * * *", "2026-11-23T13:40:45", id="list"),
        pytest.param("0 0 0 1 * *", "2026-12-01T00:00:00", id="month"),
        pytest.param("0 0 0 29 2 *", "2028-02-29T00:00:00", id="leap-day"),
        pytest.param("10/20 * * * * *", "2026-11-23T13:40:50", id="step-from"),
        pytest.param("*/5 * * * *", "2026-11-23T13:45:00", id="five-fields"),
        pytest.param("01:30:00", "2026-11-23T15:10:30", id="interval"),
    ],
)
def test_a_schedule_is_due_when_its_expression_says(text: str, due: str) -> None:
    """The next time after Monday, 23 November 2026, 13:40:30."""
    now = datetime(2026, 11, 23, 13, 40, 30, tzinfo=UTC)

    assert parse_schedule(text).after(now) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "* * *", "60 * * * * *", "0 0 25 * * *", "0 0 0 * * */0"])
def test_a_wrong_schedule_is_refused(text: str) -> None:
    """What is no schedule does not become one."""
    with pytest.raises(ValueError, match=r"within|NCRONTAB"):
        parse_schedule(text)


def test_a_schedule_that_is_never_due_says_so() -> None:
    """The thirtieth of February does not hang the host."""
    with pytest.raises(ValueError, match="never"):
        parse_schedule("0 0 0 30 2 *").after(datetime(2026, 1, 1, tzinfo=UTC))
