"""What an installation ends with says what was seen, and nothing else."""

import pytest

from model.report import NOT_SEEN, leftovers
from model.results import Leftovers

AFTER = Leftovers(resources=("group",), busy=("group is Deleting",))
BEFORE = Leftovers(resources=("group", "cluster"), busy=("cluster is Creating",))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, AFTER, AFTER),
        (
            BEFORE,
            AFTER,
            Leftovers(resources=AFTER.resources, busy=AFTER.busy, removed=("cluster",)),
        ),
        (BEFORE, None, Leftovers(resources=BEFORE.resources, busy=(NOT_SEEN,))),
        (None, None, Leftovers(resources=(), busy=(NOT_SEEN,))),
    ],
    ids=["no clean-up", "clean-up", "last look failed", "nothing seen"],
)
def test_what_was_there_before_and_is_not_any_longer_was_removed(
    before: Leftovers | None, after: Leftovers | None, told: Leftovers
) -> None:
    """A look that failed proves nothing: what was there counts as there still."""
    assert leftovers(before, after) == told
