"""Discrete events without a wall clock: processes that sleep, join each other, share workers."""

import heapq
from collections import deque
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from itertools import count

type Story = Generator["float | Join | Place"]
"""A process: yields seconds to sleep, processes to wait for, or a place among the workers."""


@dataclass(slots=True)
class Process:
    """A story that is being told.

    Attributes:
        waits_for: How many of the processes that it joined have not ended.
    """

    story: Story
    waits_for: int = 0
    ended: bool = False
    joined_by: list["Process"] = field(default_factory=list["Process"])


@dataclass(frozen=True, slots=True)
class Join:
    """Wait until all of these have ended."""

    processes: tuple[Process, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Wait for one of the workers' places; ``Engine.leave`` gives it back."""


class Engine:
    """Tells stories in the order of their moments.

    Args:
        places: How many activities run at the same time.
    """

    def __init__(self, places: int) -> None:
        self.now = 0.0
        self.places = places
        self.queue: deque[Process] = deque()
        self._moments: list[tuple[float, int, Process]] = []
        self._order = count()

    def start(self, story: Story, at: float = 0.0) -> Process:
        """Tell a story from ``at`` on, in simulated seconds."""
        process = Process(story)
        self._at(max(at, self.now), process)
        return process

    def start_all(self, stories: Iterable[Story]) -> Join:
        """Tell several at once, to be waited for together."""
        return Join(tuple(self.start(story, self.now) for story in stories))

    def leave(self) -> None:
        """Give a place back; who waited longest gets it."""
        if self.queue:
            self._at(self.now, self.queue.popleft())
        else:
            self.places += 1

    def run(self) -> None:
        """Until nothing is left to tell."""
        while self._moments:
            self.now, _, process = heapq.heappop(self._moments)
            self._advance(process)

    def _at(self, moment: float, process: Process) -> None:
        heapq.heappush(self._moments, (moment, next(self._order), process))

    def _advance(self, process: Process) -> None:
        try:
            wanted = next(process.story)
        except StopIteration:
            self._end(process)
            return
        match wanted:
            case Join(processes):
                self._join(process, processes)
            case Place():
                self._seat(process)
            case seconds:
                self._at(self.now + seconds, process)

    def _seat(self, process: Process) -> None:
        if self.places:
            self.places -= 1
            self._at(self.now, process)
        else:
            self.queue.append(process)

    def _join(self, process: Process, others: tuple[Process, ...]) -> None:
        open_ones = [other for other in others if not other.ended]
        process.waits_for = len(open_ones)
        for other in open_ones:
            other.joined_by.append(process)
        if not open_ones:
            self._at(self.now, process)

    def _end(self, process: Process) -> None:
        process.ended = True
        for waiting in process.joined_by:
            waiting.waits_for -= 1
            if not waiting.waits_for:
                self._at(self.now, waiting)
