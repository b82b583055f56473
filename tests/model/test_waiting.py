"""The pauses between two looks."""

from datetime import timedelta
from itertools import pairwise

import pytest

from model.plan import Pace
from model.waiting import pause

PACE = Pace()


def test_pauses_grow_from_the_first_to_the_longest() -> None:
    """Early answers are seen early, long waits are cheap."""
    pauses = [pause(PACE, looks, None) for looks in range(1, 60)]

    assert pauses[0] == PACE.first_look
    assert pauses[-1] == PACE.longest_look
    assert all(earlier <= later for earlier, later in pairwise(pauses))


@pytest.mark.parametrize("looks", [1, 5, 100])
def test_a_longer_retry_after_is_honoured(looks: int) -> None:
    """Even beyond the longest pause of the pace."""
    assert pause(PACE, looks, 90) == timedelta(seconds=90)


@pytest.mark.parametrize("looks", [1, 5, 100])
def test_a_shorter_retry_after_makes_no_look_more_frequent(looks: int) -> None:
    """A hundred that come back after a second would keep the bucket empty for all of them."""
    assert pause(PACE, looks, 1) == pause(PACE, looks, None)
