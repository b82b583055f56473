"""Durations as kubectl prints them.

Source: ``HumanDuration`` of https://pkg.go.dev/k8s.io/apimachinery/pkg/util/duration
"""

from datetime import UTC, datetime

from emulator.kubernetes.objects import instant

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_STEPS = (
    (2 * _MINUTE, 1, "s", 0, ""),
    (10 * _MINUTE, _MINUTE, "m", 1, "s"),
    (3 * _HOUR, _MINUTE, "m", 0, ""),
    (8 * _HOUR, _HOUR, "h", _MINUTE, "m"),
    (2 * _DAY, _HOUR, "h", 0, ""),
    (8 * _DAY, _DAY, "d", _HOUR, "h"),
    (730 * _DAY, _DAY, "d", 0, ""),
    (8 * 365 * _DAY, 365 * _DAY, "y", _DAY, "d"),
)
"""Below so many seconds: the larger unit and its letter, then the smaller one, 0 for none."""


def age(since: str | None, until: datetime | None = None) -> str:
    """Time since a time stamp: ``45s``, ``5m27s``, ``3h5m``, ``2d``."""
    if not since:
        return "<unknown>"
    return human(int(((until or datetime.now(UTC)) - instant(since)).total_seconds()))


def human(seconds: int) -> str:
    """A length of time in seconds, the shorter the more exact."""
    seconds = max(seconds, 0)
    for limit, unit, letter, smaller, small_letter in _STEPS:
        if seconds < limit:
            rest = seconds % unit // smaller if smaller else 0
            return f"{seconds // unit}{letter}" + (f"{rest}{small_letter}" if rest else "")
    return f"{seconds // (365 * _DAY)}y"
