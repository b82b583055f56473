"""So many installations posted at the same time, with and without a governor."""

import random
import statistics
from collections import Counter
from dataclasses import dataclass

from benchmarks.scale.engine import Engine
from benchmarks.scale.installation import EPOCH, Installation, Outcome, Subscription
from benchmarks.scale.measure import Counts
from emulator.azure.throttling import Throttle
from emulator.durations import Durations
from model import governor
from model.plan import Pace
from model.planning import build_plan
from model.request import InstallRequest, parse_request
from model.settings import Settings

SEED = 20260101
SIZES = (10, 30, 100, 1000)
"""How many installations are simultaneous."""

POSTED_WITHIN = 10.0
"""Seconds in which all of them are posted."""

PLACES = 40 * 8
"""Activities at the same time: ``maximumInstanceCount`` of the Bicep, times
``maxConcurrentActivityFunctions`` of ``host.json``."""

CLUSTER_SECONDS = Durations().cluster_create.total_seconds()
SLOWER, QUICKER = 1.5, 0.75
"""A cluster takes between so many times the emulator's duration."""


@dataclass(frozen=True, slots=True)
class Run:
    """One simulation.

    Attributes:
        minutes: Length of each installation that succeeded, sorted.
        failed: Stage to the number of installations that ran out of patience there.
        answered / refused: Seconds at which ARM answered, and at which it said 429.
        questions: Put to the governor.
    """

    installations: int
    governed: bool
    minutes: tuple[float, ...]
    failed: dict[str, int]
    answered: tuple[float, ...]
    refused: tuple[float, ...]
    questions: int

    @property
    def succeeded(self) -> int:
        """How many."""
        return len(self.minutes)

    def percentile(self, part: float) -> float:
        """Minutes within which this part of those that succeeded were done; 0 when none did."""
        if not self.minutes:
            return 0.0
        return self.minutes[min(len(self.minutes) - 1, round(part * (len(self.minutes) - 1)))]

    @property
    def peak(self) -> int:
        """The most requests, answered or refused, in one second."""
        rates = Counter(int(second) for second in (*self.answered, *self.refused))
        return max(rates.values())

    @property
    def sustained(self) -> float:
        """The most answers per second, over any whole minute."""
        minutes = Counter(int(second // 60) for second in self.answered)
        return max(minutes.values()) / 60

    @property
    def mean(self) -> float:
        """Mean length in minutes; 0 when none succeeded."""
        return statistics.fmean(self.minutes) if self.minutes else 0.0


def pace(request: object) -> Pace:
    """The product's own pace for a request."""
    parsed = parse_request(request)
    if not isinstance(parsed, InstallRequest):
        raise TypeError(f"not a request: {parsed}")
    return build_plan(parsed, Settings(), attempt=1, submitted_at="2026-01-01T00:00:00Z").pace


def simulate(
    installations: int, counts: Counts, paced: Pace, *, governed: bool, seed: int = SEED
) -> Run:
    """Simulate; the same seed gives the same run."""
    chance = random.Random(seed)  # noqa: S311 # a simulation, not a secret
    engine = Engine(PLACES)
    ledger = governor.opened(EPOCH) if governed else None
    subscription = Subscription(Throttle(lambda: engine.now), ledger)
    outcomes = [Outcome(posted=chance.uniform(0, POSTED_WITHIN)) for _ in range(installations)]
    for outcome in outcomes:
        one = Installation(
            engine=engine,
            subscription=subscription,
            counts=counts,
            pace=paced,
            cluster_seconds=CLUSTER_SECONDS * chance.uniform(QUICKER, SLOWER),
            outcome=outcome,
        )
        engine.start(one.story(), outcome.posted)
    engine.run()
    return Run(
        installations=installations,
        governed=governed,
        minutes=tuple(sorted(_lengths(outcomes))),
        failed=dict(Counter(outcome.failed for outcome in outcomes if outcome.failed)),
        answered=tuple(subscription.answered),
        refused=tuple(subscription.refused),
        questions=subscription.questions,
    )


def _lengths(outcomes: list[Outcome]) -> list[float]:
    return [
        (outcome.ended - outcome.posted) / 60
        for outcome in outcomes
        if outcome.ended is not None and not outcome.failed
    ]
