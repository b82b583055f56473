"""The time that orchestrations see: the wall clock's, or one that passes faster."""

from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class HubClock:
    """Time stamps of turns and the ends of durable timers; everything else has the wall's time.

    With a speed of 60 an orchestration's deadline of an hour passes in a minute, and so does the
    pause that an answer's Retry-After asked for.

    Attributes:
        speed: How many seconds pass for orchestrations in a real one.
        begun: When both clocks showed the same.
    """

    speed: float = 1.0
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        """What orchestrations are told."""
        return self.begun + (datetime.now(UTC) - self.begun) * self.speed

    def wall(self, told: datetime) -> datetime:
        """When the wall clock is at what orchestrations call ``told``."""
        return self.begun + (told - self.begun) / self.speed
