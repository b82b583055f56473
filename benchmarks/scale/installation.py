"""One installation as a story of requests to ARM: its pauses are the product's own rules."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.scale.engine import Engine, Join, Place, Story
from benchmarks.scale.measure import Calls, Counts
from emulator.azure.throttling import Throttle
from model import governor
from model.governor import Ask, Ledger, Tokens
from model.plan import Pace
from model.waiting import pause

EPOCH = datetime(2026, 1, 1)  # noqa: DTZ001 # orchestrations have naive UTC
CALL_SECONDS = 0.15
"""One request to ARM; an assumption, and the same for all. Activities ask one after another."""

ENGINE_SECONDS = 1.0
"""From a timer's moment to the activity's begin: queues and a turn; an assumption as well."""

_METHODS = ("GET", "PUT", "DELETE")


@dataclass(slots=True)
class Subscription:
    """What all installations share, and what is counted.

    Attributes:
        throttle: Azure's buckets.
        ledger: The governor's; None when nobody is governed.
        answered: Second of each request that was answered.
        refused: Second of each that was answered 429.
        questions: Put to the governor.
    """

    throttle: Throttle
    ledger: Ledger | None
    answered: list[float] = field(default_factory=list[float])
    refused: list[float] = field(default_factory=list[float])
    questions: int = 0


@dataclass(slots=True)
class Outcome:
    """How one installation ended.

    Attributes:
        posted: Simulated second of its request.
        ended: Second of its end; None while it runs.
        failed: Stage that was not done within its deadline; empty for a success.
    """

    posted: float
    ended: float | None = None
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One installation in one subscription.

    Attributes:
        counts: What each stage asks.
        pace: The product's own.
        cluster_seconds: How long Azure takes for this cluster.
    """

    engine: Engine
    subscription: Subscription
    counts: Counts
    pace: Pace
    cluster_seconds: float
    outcome: Outcome

    def story(self) -> Story:
        """From the post to the end; ends early when a stage runs out of patience."""
        counts = self.counts
        yield from self._queue_up(governor.PREFLIGHT_LOT)
        yield self.engine.start_all(
            self._stage(f"check_{subject}", asked) for subject, asked in counts.checks.items()
        )
        yield from self._queue_up(governor.CREATION_LOT)
        yield from self._stage("ensure_resource_group", counts.group)
        yield from self._stage("ensure_cluster", counts.cluster)
        ready = self.engine.now + self.cluster_seconds
        look = Calls(reads=1)
        yield from self._stage("observe_cluster", look, lambda: self.engine.now >= ready)
        yield from self._stage("observe_nodes", counts.credential)
        yield counts.names_seconds
        names = self.engine.start(self._names(), self.engine.now)
        yield counts.rest_seconds
        yield Join((names,))
        self.outcome.ended = self.engine.now

    def _names(self) -> Story:
        yield from self._queue_up(governor.RECORDS_LOT)
        yield from self._stage("ensure_dns_records", self.counts.records)

    def _stage(self, name: str, asked: Calls, done: Callable[[], bool] = lambda: True) -> Story:
        """An activity, and looks until it is done, was never refused, or patience ends."""
        if self.outcome.failed:
            return
        since, looks = self.engine.now, 0
        deadline = self.pace.deadlines.get(name, self.pace.deadline).total_seconds()
        while True:
            yield Place()
            retry_after = yield from self._activity(asked)
            self.engine.leave()
            looks += 1
            if retry_after is None and done():
                return
            if self.engine.now - since >= deadline:
                self.outcome.failed = self.outcome.failed or name
                return
            yield from self._pause(name, looks, retry_after, since + deadline)

    def _pause(self, name: str, looks: int, retry_after: int | None, end: float) -> Story:
        """The pause before the next look, as ``orchestrators/wait.py`` makes it."""
        again = self.engine.now + pause(self.pace, looks, retry_after).total_seconds()
        each = governor.LOOK.get(name)
        if each is not None and (looks - 1) % governor.LOOKS_PER_LEASE == 0:
            again = max(again, self._lease(each.times(governor.LOOKS_PER_LEASE)))
        yield max(0.0, min(again, end) - self.engine.now) + ENGINE_SECONDS

    def _activity(self, asked: Calls) -> Generator[float | Join | Place, None, int | None]:
        """Every request of one activity; the first that is refused ends it.

        Returns:
            ``Retry-After`` of the refusal; None when all were answered.
        """
        for method, times in zip(_METHODS, (asked.reads, asked.writes, asked.deletes), strict=True):
            for _ in range(times):
                yield CALL_SECONDS
                wait = self.subscription.throttle.draw(method, "subscription", "app")
                if wait is not None:
                    self.subscription.refused.append(self.engine.now)
                    return wait
                self.subscription.answered.append(self.engine.now)
        return None

    def _queue_up(self, lot: Tokens) -> Story:
        yield max(0.0, self._lease(lot) - self.engine.now)

    def _lease(self, lot: Tokens) -> float:
        """When a lot may be spent; now, when nobody is governed."""
        shared, now = self.subscription, self.engine.now
        if shared.ledger is None:
            return now
        shared.questions += 1
        ask = Ask(lot=lot, now=EPOCH + timedelta(seconds=now))
        shared.ledger, ready = governor.lease(shared.ledger, ask)
        return (ready - EPOCH).total_seconds()
