"""Watch streams: the changes of one collection, as they happen."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from emulator.kubernetes.api_error import ApiError, expired
from emulator.kubernetes.calls import Call
from emulator.kubernetes.objects import JsonObject
from emulator.kubernetes.selectors import fields_match, labels_match, require_known_fields
from emulator.kubernetes.store import Event, Store, Subscription, encode_event

_LONGEST = 1800.0
_BOOKMARK_EVERY = 60.0
_INITIAL_EVENTS_END = "k8s.io/initial-events-end"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which objects a list or watch is about."""

    namespace: str
    labels: str
    fields: str

    @staticmethod
    def of(call: Call) -> "Scope":
        """The scope that a request names; a name means one object.

        Raises:
            ApiError: Objects of this kind cannot be selected so (400).
        """
        fields = call.option("fieldSelector")
        require_known_fields(call.resource.plural, fields)
        if call.name:
            fields = ",".join(filter(None, [fields, f"metadata.name={call.name}"]))
        home = call.namespace if call.resource.namespaced else ""
        return Scope(home, call.option("labelSelector"), fields)

    def has(self, item: JsonObject) -> bool:
        """Whether the object is within the scope."""
        if self.namespace and item["metadata"].get("namespace") != self.namespace:
            return False
        if self.labels and not labels_match(self.labels, item):
            return False
        return not self.fields or fields_match(self.fields, item)


class Stream:
    """One watch; ``shape`` turns an object into what the client asked to see, None leaves it."""

    def __init__(
        self, store: Store, call: Call, shape: Callable[[JsonObject], JsonObject] | None
    ) -> None:
        self._store = store
        self._call = call
        self._scope = Scope.of(call)
        self._shape = shape
        self._resource = call.resource
        self._told = store.revision
        self._response = web.StreamResponse(headers={"Content-Type": "application/json"})

    async def serve(self) -> web.StreamResponse:
        """Send events until the client's timeout, the client's end, or history's.

        A watch that starts before history is told so in its only event: the request was in order.

        Raises:
            ApiError: The revision cannot be read (500, as the real server answers).
        """
        start = _revision(self._call)
        try:
            backlog = self._backlog(start)
        except ApiError as gone:
            return await self._refuse(gone)
        subscription = self._store.subscribe([self._resource])
        try:
            self._response.enable_chunked_encoding()
            await self._response.prepare(self._call.http)
            for line in backlog:
                await self._response.write(line)
            await self._follow(subscription)
            await self._response.write_eof()
        except ConnectionError:
            return self._response  # the client has left; that is how most watches end
        finally:
            self._store.unsubscribe(subscription)
        return self._response

    async def _refuse(self, why: ApiError) -> web.StreamResponse:
        await self._response.prepare(self._call.http)
        await self._response.write(encode_event("ERROR", why.status()))
        await self._response.write_eof()
        return self._response

    def _backlog(self, revision: int) -> list[bytes]:
        initial = self._call.flag("sendInitialEvents")
        if not revision or initial:
            items = self._store.objects(self._resource, self._scope.namespace)
            lines = [self._line("ADDED", i) for i in items if self._scope.has(i)]
            if initial and self._call.flag("allowWatchBookmarks"):
                lines.append(self._bookmark({_INITIAL_EVENTS_END: "true"}))
            return lines
        if revision < self._store.compacted:
            raise expired(revision, self._store.compacted)
        events = self._store.since(self._resource, revision)
        return [line for e in events if (line := self._event(e)) is not None]

    async def _follow(self, subscription: Subscription) -> None:
        now = time.monotonic()
        end = now + float(self._call.option("timeoutSeconds") or _LONGEST)
        bookmark = now + _BOOKMARK_EVERY
        while (now := time.monotonic()) < end:
            try:
                async with asyncio.timeout(min(end, bookmark) - now):
                    await subscription.arrived.wait()
            except TimeoutError:
                bookmark = time.monotonic() + _BOOKMARK_EVERY
                if self._call.flag("allowWatchBookmarks"):
                    await self._response.write(self._bookmark({}))
                continue
            lines = [line for e in subscription.take() if (line := self._event(e)) is not None]
            if lines:
                await self._response.write(b"".join(lines))

    def _event(self, event: Event) -> bytes | None:
        self._told = event.revision
        now_in = event.type != "DELETED" and self._scope.has(event.object)
        was_in = event.previous is not None and self._scope.has(event.previous)
        if not now_in and not was_in:
            return None
        kind = ("MODIFIED" if was_in else "ADDED") if now_in else "DELETED"
        same_version = event.resource.version == self._resource.version
        if kind == event.type and self._shape is None and same_version:
            return event.line
        return self._line(kind, event.object)

    def _line(self, kind: str, item: JsonObject) -> bytes:
        if self._resource.custom:
            item = {**item, "apiVersion": self._resource.api_version}
        return encode_event(kind, self._shape(item) if self._shape else item)

    def _bookmark(self, annotations: dict[str, str]) -> bytes:
        meta: JsonObject = {"resourceVersion": str(self._store.revision)}
        if annotations:
            meta["annotations"] = annotations
        mark = {
            "kind": self._resource.kind,
            "apiVersion": self._resource.api_version,
            "metadata": meta,
        }
        return json.dumps({"type": "BOOKMARK", "object": mark}).encode() + b"\n"


def _revision(call: Call) -> int:
    said = call.option("resourceVersion") or "0"
    if not said.isdecimal():
        why = f'Invalid value: "{said}": strconv.ParseUint: parsing "{said}": invalid syntax'
        raise ApiError(500, "", f"resourceVersion: {why}")
    return int(said)
