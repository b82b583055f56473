"""Tells of a certificate with few days left, wherever one was seen."""

from datetime import timedelta

from model import telemetry
from telemetry import emit

_FEW = timedelta(days=30)
"""Time to order, validate and store another certificate."""


def tell_days_left(left: timedelta | None) -> None:
    """Warn when a certificate ends soon, or has ended; None when none could be read."""
    if left is not None and left < _FEW:
        emit.look_event(telemetry.CERTIFICATE_EXPIRES, {telemetry.DAYS_LEFT: left.days})
