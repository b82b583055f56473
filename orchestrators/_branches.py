"""Several branches of one story told at the same time, in one orchestration.

A branch is a generator that yields durable tasks. ``Branches.tell`` runs the main branch; the main
branch may ``start`` others and wait for their ``result``. When any branch fails, the whole telling
fails at once and every branch is closed.
"""

from collections.abc import Generator
from typing import Any

from durabletask import task

from model.errors import Cancelled

type Durable[T] = Generator[task.Task[Any], Any, T]


class Branch[T]:
    """One branch; ``yield from branch.result()`` waits for its end."""

    def __init__(self, story: Durable[T]) -> None:
        self.story = story
        self.waits_for: task.Task[Any] | None = None
        self.ended: task.CompletableTask[T] = task.CompletableTask()

    def result(self) -> Durable[T]:
        """Wait for the branch's end and return its value."""
        value: T = yield self.ended
        return value


class Branches:
    """The branches of one telling."""

    def __init__(self) -> None:
        self._live: list[Branch[Any]] = []
        self._failure: Exception | None = None

    def start[T](self, story: Durable[T]) -> Branch[T]:
        """Start a branch beside the caller; it runs up to its first wait at once."""
        branch = Branch(story)
        self._live.append(branch)
        self._advance(branch, None)
        return branch

    def tell[T](self, story: Durable[T], interruption: task.Task[Any] | None = None) -> Durable[T]:
        """Run ``story`` to its end and return its value.

        Args:
            story: The main branch.
            interruption: When this task completes first, the telling is cancelled.

        Raises:
            Cancelled: The interruption came first.
            Exception: What any branch failed with.
        """
        main = self.start(story)
        while self._failure is None and not main.ended.is_complete:
            waits = [branch.waits_for for branch in self._live if branch.waits_for is not None]
            if interruption is not None:
                waits.append(interruption)
            finished: task.Task[Any] = yield task.when_any(waits)
            if finished is interruption:
                self._failure = Cancelled("a person cancelled it")
            for branch in [b for b in self._live if b.waits_for is finished]:
                self._advance(branch, finished)
        if self._failure is not None:
            failure, self._failure = self._failure, None
            for branch in self._live:
                branch.story.close()
            self._live.clear()
            raise failure
        return main.ended.get_result()

    def _advance(self, branch: Branch[Any], finished: task.Task[Any] | None) -> None:
        try:
            if finished is not None and finished.is_failed:
                branch.waits_for = branch.story.throw(finished.get_exception())
            else:
                branch.waits_for = branch.story.send(finished and finished.get_result())
        except StopIteration as end:
            self._live.remove(branch)
            branch.ended.complete(end.value)
        except Exception as failure:  # noqa: BLE001 # whatever it is, the telling fails with it
            self._live.remove(branch)
            self._failure = self._failure or failure
