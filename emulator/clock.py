"""The pace of the emulated world."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns realistic durations into the waits of this run.

    Attributes:
        speed: How many emulated seconds pass in one real second; 1 is realistic, 600 the demo's.
    """

    speed: float = 1.0

    def real(self, duration: timedelta) -> float:
        """Real seconds that an emulated ``duration`` takes."""
        return duration.total_seconds() / self.speed

    async def sleep(self, duration: timedelta) -> None:
        """Wait for an emulated ``duration``."""
        await asyncio.sleep(self.real(duration))

    def now(self) -> datetime:
        """Wall-clock UTC time: time stamps stay true at every speed, only waits shrink."""
        return datetime.now(UTC)
