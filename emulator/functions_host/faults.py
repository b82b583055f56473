"""A bad day for the worker: work items delivered twice, answers lost."""

from dataclasses import dataclass, field
from typing import Literal

type Twice = Literal["", "after", "together"]


@dataclass(slots=True)
class WorkFaults:
    """What goes wrong between the task hub and the worker.

    Attributes:
        twice: Every activity is delivered twice: ``after`` the first answer was made, or both
            ``together``; empty for once.
        lost_answers: How many runs per activity and task end with the worker gone before its answer
            is recorded; the work item is then offered again.
        lease: Real seconds after which a worker that has not answered an activity counts as dead
            and the work item is offered again, like a task hub's visibility timeout; 0 for never,
            and never in an activity's first run.
        lost_turns: The same for the turns of orchestrators and entities.
    """

    twice: Twice = ""
    lost_answers: int = 0
    lost_turns: int = 0
    lease: float = 0.0
    _lost: dict[str, int] = field(default_factory=dict[str, int])

    def loses(self, key: str, *, turn: bool = False) -> bool:
        """Whether the answer that is ready now is lost; counts per work item."""
        limit = self.lost_turns if turn else self.lost_answers
        if self._lost.get(key, 0) >= limit:
            return False
        self._lost[key] = self._lost.get(key, 0) + 1
        return True
