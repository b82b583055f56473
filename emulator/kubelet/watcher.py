"""List and watch: every object of a collection, and every change of it, without polling."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import ClientError

from emulator.kubelet.api_client import ApiClient, ApiFailure, JsonObject

type Listener = Callable[[str, JsonObject], Awaitable[None]]

_LOG = logging.getLogger(__name__)
_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_GONE = 410


class Watcher:
    """Tells ``listener`` of every object (``ADDED``), change (``MODIFIED``) and end (``DELETED``).

    After a break the collection is listed again: known objects are told of once more as
    ``MODIFIED``, vanished ones as ``DELETED``; listeners must not mind repetition.
    """

    def __init__(self, api: ApiClient, path: str, listener: Listener) -> None:
        self._api = api
        self._path = path
        self._listener = listener
        self._task: asyncio.Task[None] | None = None
        self.objects: dict[tuple[str, str], JsonObject] = {}

    async def start(self) -> None:
        """List once, then follow in the background.

        Raises:
            ApiFailure: The first list was refused.
        """
        revision = await self._list()
        self._task = asyncio.create_task(self._follow(revision))

    async def stop(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self, revision: str) -> None:
        pause = _PAUSE
        while True:
            try:
                if not revision:
                    revision = await self._list()
                async for event in self._api.watch(self._path, revision):
                    revision = event["object"]["metadata"]["resourceVersion"]
                    pause = _PAUSE
                    if event["type"] != "BOOKMARK":
                        await self._tell(event["type"], event["object"])
            except ApiFailure as failure:
                _LOG.info("watch of %s: %s", self._path, failure)
                revision = "" if failure.code == _GONE else revision
                pause = await _rest(pause)
            except (ClientError, TimeoutError, OSError) as broken:
                _LOG.info("watch of %s: %s", self._path, type(broken).__name__)
                pause = await _rest(pause)

    async def _list(self) -> str:
        answer = await self._api.get(self._path)
        found = {_key(i): i for i in answer["items"]}
        for key in self.objects.keys() - found.keys():
            await self._tell("DELETED", self.objects[key])
        for key, item in found.items():
            await self._tell("MODIFIED" if key in self.objects else "ADDED", item)
        return answer["metadata"]["resourceVersion"]

    async def _tell(self, kind: str, item: JsonObject) -> None:
        if kind == "DELETED":
            self.objects.pop(_key(item), None)
        else:
            self.objects[_key(item)] = item
        try:
            await self._listener(kind, item)
        except (ApiFailure, ClientError, TimeoutError):
            # The change will be told again, or the object is gone; the watch must go on.
            _LOG.warning("%s %s was not dealt with", kind, _key(item), exc_info=True)


async def _rest(pause: float) -> float:
    await asyncio.sleep(pause)
    return min(pause * 2, _LONGEST_PAUSE)


def _key(item: JsonObject) -> tuple[str, str]:
    meta = item["metadata"]
    return meta.get("namespace", ""), meta["name"]
