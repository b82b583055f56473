"""Six-field NCRONTAB expressions: second minute hour day month day-of-week.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

_MONTHS = (
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    1,
)
_DAYS = (("sun", "mon", "tue", "wed", "thu", "fri", "sat"), 0)
_NUMBERS: tuple[tuple[str, ...], int] = ((), 0)
_RANGES = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_HORIZON = timedelta(days=366 * 5)
"""A date that does not come within this never comes (the 30th of February)."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a timer is due.

    Attributes:
        fields: Allowed values of second, minute, hour, day, month and day of week (Sunday is 0).
    """

    fields: tuple[frozenset[int], ...]

    def after(self, moment: datetime) -> datetime:
        """The first due time later than ``moment``, in its own time zone.

        Raises:
            ValueError: There is none.
        """
        seconds, minutes, hours, *_ = self.fields
        found = moment.replace(microsecond=0) + timedelta(seconds=1)
        last = moment + _HORIZON
        while found < last:
            if not self._day_fits(found):
                found = found.replace(hour=0, minute=0, second=0) + timedelta(days=1)
            elif found.hour not in hours:
                found = found.replace(minute=0, second=0) + timedelta(hours=1)
            elif found.minute not in minutes:
                found = found.replace(second=0) + timedelta(minutes=1)
            elif found.second not in seconds:
                found += timedelta(seconds=1)
            else:
                return found
        raise ValueError("The schedule is never due.")

    def _day_fits(self, moment: datetime) -> bool:
        _, _, _, days, months, weekdays = self.fields
        return moment.month in months and moment.day in days and moment.isoweekday() % 7 in weekdays


@dataclass(frozen=True, slots=True)
class Interval:
    """A timer that is due again and again after the same time (``hh:mm:ss``)."""

    every: timedelta

    def after(self, moment: datetime) -> datetime:
        """The next due time."""
        return moment + self.every


def parse_schedule(text: str) -> Schedule | Interval:
    """Read an NCRONTAB expression of five or six fields, or an interval.

    Raises:
        ValueError: It is neither.
    """
    parts = text.split()
    if len(parts) == 1 and text.count(":") == 2:  # noqa: PLR2004 - hh:mm:ss
        days, _, clock = parts[0].rpartition(".")
        hours, minutes, seconds = (int(part) for part in clock.split(":"))
        if hours > 23 and not days:  # noqa: PLR2004 - the host reads such hours as days
            return Interval(timedelta(days=hours))
        return Interval(
            timedelta(days=int(days or 0), hours=hours, minutes=minutes, seconds=seconds)
        )
    if len(parts) == 5:  # noqa: PLR2004 - without seconds
        parts = ["0", *parts]
    if len(parts) != len(_RANGES):
        raise ValueError(f"'{text}' is no NCRONTAB expression.")
    names = (_NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS, _MONTHS, _DAYS)
    return Schedule(tuple(_field(*field) for field in zip(parts, _RANGES, names, strict=True)))


def _field(
    text: str, bounds: tuple[int, int], names: tuple[tuple[str, ...], int]
) -> frozenset[int]:
    low, high = bounds
    values: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            start, end = low, high
        else:
            start = _value(first, names)
            end = _value(last, names) if last else (high if step else start)
        if not (low <= start <= end <= high) or (step and int(step) < 1):
            raise ValueError(f"'{part}' is not within {low}-{high}.")
        values.update(range(start, end + 1, int(step or 1)))
    return frozenset(values)


def _value(text: str, names: tuple[tuple[str, ...], int]) -> int:
    words, first = names
    word = text[:3].lower()
    return words.index(word) + first if word in words else int(text)
