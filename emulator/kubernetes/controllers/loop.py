"""The machinery of controllers: events become keys, keys are reconciled one at a time."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Protocol

from emulator.kubernetes.api_error import ApiError
from emulator.kubernetes.objects import Key
from emulator.kubernetes.resources import Resource
from emulator.kubernetes.store import Event, Store

_LOG = logging.getLogger(__name__)
_RETRY_AFTER = 0.5
_LONGEST_RETRY = 30.0


class Controller(Protocol):
    """One built-in controller."""

    @property
    def watched(self) -> Sequence[Resource]:
        """Collections whose events matter."""
        ...

    def keys(self, event: Event) -> Iterable[Key]:
        """Objects that an event makes worth looking at."""
        ...

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Bring one object nearer to what it asks for.

        Never waits. Returns real seconds after which to look again, None to wait for an event.
        """
        ...


class ControlLoop:
    """Runs controllers as one task; requests are served between two reconciliations."""

    def __init__(self, store: Store, controllers: Sequence[Controller]) -> None:
        self._store = store
        self._controllers = controllers
        self._due: dict[tuple[int, Key], None] = {}
        self._retries: dict[tuple[int, Key], float] = {}
        self._timers: dict[tuple[int, Key], asyncio.TimerHandle] = {}
        self._awake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._interested: dict[tuple[str, str], list[int]] = {}
        for index, controller in enumerate(controllers):
            for resource in controller.watched:
                self._interested.setdefault(resource.id, []).append(index)
        watched = {r.id: r for c in controllers for r in c.watched}
        self._subscription = store.subscribe(watched.values())

    def start(self) -> None:
        """Begin; everything that is there already is looked at once."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._work())]

    async def stop(self) -> None:
        """End both tasks and all timers."""
        self._store.unsubscribe(self._subscription)
        for timer in self._timers.values():
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            await self._subscription.arrived.wait()
            for event in self._subscription.take():
                for index in self._interested[event.resource.id]:
                    for key in self._controllers[index].keys(event):
                        self._enqueue((index, key))

    def _enqueue(self, entry: tuple[int, Key]) -> None:
        self._due[entry] = None
        self._awake.set()

    async def _work(self) -> None:
        while True:
            await self._awake.wait()
            while self._due:
                entry = next(iter(self._due))
                del self._due[entry]
                self._reconcile(entry)
                await asyncio.sleep(0)
            self._awake.clear()

    def _reconcile(self, entry: tuple[int, Key]) -> None:
        index, key = entry
        try:
            again = self._controllers[index].reconcile(*key)
        except ApiError as refused:
            _LOG.debug("%s %s: %s", self._controllers[index], key, refused.message)
            again = self._retry(entry)
        except Exception:  # noqa: BLE001 # one broken object must not stop the others; it is retried
            _LOG.exception("%s failed on %s", type(self._controllers[index]).__name__, key)
            again = self._retry(entry)
        else:
            self._retries.pop(entry, None)
        if again is not None:
            self._later(entry, again)

    def _retry(self, entry: tuple[int, Key]) -> float:
        delay = min(self._retries.get(entry, _RETRY_AFTER / 2) * 2, _LONGEST_RETRY)
        self._retries[entry] = delay
        return delay

    def _later(self, entry: tuple[int, Key], seconds: float) -> None:
        def due() -> None:
            self._timers.pop(entry, None)
            self._enqueue(entry)

        pending = self._timers.pop(entry, None)
        if pending is not None:
            pending.cancel()
        self._timers[entry] = asyncio.get_running_loop().call_later(max(seconds, 0.0), due)
