"""How long to pause before the next look, and what a wait carries from look to look."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from model import wire
from model.plan import Pace

GROWTH = 1.25
"""Each pause is a quarter as long again: early answers are seen early, long waits are cheap."""

LOOKS_PER_HISTORY = 40
"""A wait starts a fresh history after this many looks, at about eight rows a look."""


@wire.record
class Wait:
    """Input of the waiting orchestrator.

    Attributes:
        stage: Name of the stage to call again.
        request: Its encoded request.
        since: Orchestration time (ISO 8601) at which the waiting began.
        deadline: Patience from ``since``.
        looks: Calls so far, the parent's first look included.
        detail: What was waited for at the last look.
        retry_after: Seconds that the last answer asked for; None for the pace's own pause.
    """

    stage: str
    request: dict[str, Any]
    pace: Pace
    since: str
    deadline: timedelta
    looks: int
    detail: str
    retry_after: int | None

    def looked(self, detail: str, retry_after: int | None) -> "Wait":
        """After one more look that found nothing yet."""
        return replace(self, looks=self.looks + 1, detail=detail, retry_after=retry_after)


def pause(pace: Pace, looks: int, retry_after: int | None) -> timedelta:
    """The pause after ``looks`` looks (at least one): the pace's own, or longer if asked for.

    A Retry-After beyond ``pace.longest_look`` is honoured. A short one does not make the looks more
    frequent: many that come back after a second keep a bucket empty for all of them.
    """
    grown = timedelta(seconds=pace.first_look.total_seconds() * GROWTH ** min(looks - 1, 40))
    return max(min(grown, pace.longest_look), timedelta(seconds=retry_after or 0))


def retry_pause(pace: Pace, attempt: int) -> timedelta:
    """The pause after the ``attempt``-th fault in a row, doubling from ``pace.retry_wait``."""
    return min(pace.retry_wait * 2 ** (attempt - 1), pace.longest_retry)
