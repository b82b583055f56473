"""What an installation costs to run: formulas over measured counts; prices are inputs."""

from dataclasses import dataclass

from benchmarks.scale.measure import Counts

MEMORY_GB = 2.0
"""Of an instance: ``instanceMemoryMB`` of the Bicep."""

EXECUTION_SECONDS = 1.0
"""Flex Consumption bills an active period with at least a second. Each execution counts as a
period of its own here, which is an upper bound: those that overlap share one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A list price in US dollars, pay as you go, before any free grant.

    Attributes:
        dollars: For ``per`` units.
        source: Where it was read.
        seen: When the source was written.
    """

    dollars: float
    per: int
    unit: str
    source: str
    seen: str

    def of(self, units: float) -> float:
        """Dollars for so many units."""
        return units * self.dollars / self.per


FUNCTION_TIME = Price(
    dollars=0.000026,
    per=1,
    unit="GB-second",
    source="https://modal.com/blog/azure-function-pricing-guide",
    seen="2025-05-22",
)
"""Flex Consumption, on demand, East US; the official figure is on
https://azure.microsoft.com/pricing/details/functions/"""


def executions(counts: Counts) -> int:
    """Of functions: every activity, every turn of an orchestrator, every answer of the governor."""
    return counts.activities + counts.turns + counts.questions


def gigabyte_seconds(counts: Counts) -> float:
    """At most."""
    return executions(counts) * EXECUTION_SECONDS * MEMORY_GB


def queue_operations(counts: Counts) -> int:
    """Each message is put, received and deleted."""
    return 3 * counts.messages


def table_operations(counts: Counts) -> int:
    """Each turn reads its history, adds to it in one batch, and updates the instance's row.

    A governor's answer is a turn of its own.
    """
    return 3 * (counts.turns + counts.questions)


def actions(counts: Counts) -> int:
    """What Durable Task Scheduler bills: each start, order, answer, timer and event.

    Source: https://learn.microsoft.com/azure/azure-functions/durable/durable-task-scheduler/durable-task-scheduler-billing
    """
    children = counts.instances - 1
    return (
        counts.instances + children + 2 * counts.activities + counts.timers + 2 * counts.questions
    )
