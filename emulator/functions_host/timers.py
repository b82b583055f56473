"""Timer triggers: functions run when their schedule is due."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from emulator.functions_host.app_settings import resolve_setting
from emulator.functions_host.messages import TypedData
from emulator.functions_host.ncrontab import Interval, Schedule, parse_schedule
from emulator.functions_host.worker import Answer, AppDoesNotLoad, Function

type Run = Callable[[Function, TypedData], Awaitable[Answer]]

_NEVER = "0001-01-01T00:00:00+00:00"


class TimerTrigger:
    """Runs one timer function for as long as the host runs.

    Raises:
        AppDoesNotLoad: Its schedule cannot be read.
    """

    def __init__(self, function: Function, run: Run) -> None:
        self._function = function
        self._run = run
        text = resolve_setting(str(function.trigger.get("schedule", "")))
        try:
            self._schedule: Schedule | Interval = parse_schedule(text)
        except ValueError as error:
            raise AppDoesNotLoad(f"The schedule of '{function.name}' is wrong: {error}") from error

    async def serve(self) -> None:
        """Run it when due, and at once when it asks for that; never two runs at the same time."""
        last = _NEVER
        if self._function.trigger.get("runOnStartup"):
            last = await self._fire(last, self._schedule.after(datetime.now(UTC)))
        due = self._schedule.after(datetime.now(UTC))
        while True:
            await asyncio.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
            last = await self._fire(last, self._schedule.after(due), due=due)
            due = self._schedule.after(max(due, datetime.now(UTC)))

    async def _fire(self, last: str, then: datetime, due: datetime | None = None) -> str:
        now = datetime.now(UTC)
        late = due is not None and now - due > timedelta(seconds=1)
        info = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": {
                "Last": last,
                "Next": then.isoformat(),
                "LastUpdated": now.isoformat(),
            },
            "IsPastDue": late,
        }
        await self._run(self._function, TypedData(json=json.dumps(info)))
        return now.isoformat()
