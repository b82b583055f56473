"""Where objects live: one revision counter, a bounded history, and those who watch."""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from emulator.kubernetes.objects import JsonObject, Key, key_of, owner_references, with_metadata
from emulator.kubernetes.resources import Resource

type Place = tuple[Resource, Key]


@dataclass(frozen=True)
class Event:
    """One change.

    Attributes:
        type: ``ADDED``, ``MODIFIED`` or ``DELETED``.
        previous: The object before the change; None when it was added.
    """

    revision: int
    type: str
    resource: Resource
    object: JsonObject
    previous: JsonObject | None

    @cached_property
    def line(self) -> bytes:
        """The event as watchers read it; encoded once for all of them."""
        return encode_event(self.type, self.object)


def encode_event(kind: str, item: JsonObject) -> bytes:
    """One line of a watch stream."""
    text = json.dumps({"type": kind, "object": item}, separators=(",", ":"))
    return text.encode() + b"\n"


@dataclass(eq=False, slots=True)
class Subscription:
    """Events that one watcher has not taken yet."""

    pending: deque[Event] = field(default_factory=deque[Event])
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def push(self, event: Event) -> None:
        """Hand one event over."""
        self.pending.append(event)
        self.arrived.set()

    def take(self) -> list[Event]:
        """Everything that has arrived; the subscription is empty afterwards."""
        taken = list(self.pending)
        self.pending.clear()
        self.arrived.clear()
        return taken


class Store:
    """All objects of one cluster, in memory.

    Args:
        history: How many events are kept for watches that start in the past; older ones are
            compacted and asking for them is answered 410.
    """

    def __init__(self, history: int = 4000) -> None:
        self.revision = 1
        self.compacted = 0
        self._limit = history
        self._events: deque[Event] = deque()
        self._objects: defaultdict[tuple[str, str], defaultdict[str, dict[str, JsonObject]]] = (
            defaultdict(lambda: defaultdict(dict))
        )
        self._owned: defaultdict[str, dict[tuple[tuple[str, str], Key], Place]] = defaultdict(dict)
        self._watchers: defaultdict[tuple[str, str], set[Subscription]] = defaultdict(set)

    def get(self, resource: Resource, namespace: str, name: str) -> JsonObject | None:
        """The object, or None."""
        return self._objects[resource.id][namespace].get(name)

    def objects(self, resource: Resource, namespace: str = "") -> list[JsonObject]:
        """Objects by namespace and name; an empty namespace means all."""
        by_namespace = self._objects[resource.id]
        chosen = [namespace] if namespace else sorted(by_namespace)
        return [by_namespace[n][name] for n in chosen for name in sorted(by_namespace[n])]

    def objects_at(self, resource: Resource, namespace: str, revision: int) -> list[JsonObject]:
        """As ``objects``, at an earlier revision that is not compacted."""
        found = {key_of(item): item for item in self.objects(resource, namespace)}
        for event in reversed(self.since(resource, revision)):
            key = key_of(event.object)
            if namespace and key[0] != namespace:
                continue
            if event.previous is None:
                found.pop(key, None)
            else:
                found[key] = event.previous
        return [found[key] for key in sorted(found)]

    def in_namespace(self, resource: Resource, namespace: str) -> Iterable[JsonObject]:
        """Objects of one namespace in no order; cheaper than ``objects``."""
        return self._objects[resource.id][namespace].values()

    def dependents(self, uid: str) -> list[Place]:
        """Where the objects are that name ``uid`` as an owner."""
        return list(self._owned[uid].values()) if uid in self._owned else []

    def write(self, resource: Resource, item: JsonObject) -> JsonObject:
        """Store an object under a new revision and tell the watchers."""
        namespace, name = key_of(item)
        previous = self._objects[resource.id][namespace].get(name)
        self.revision += 1
        stored = with_metadata(item, resourceVersion=str(self.revision))
        self._objects[resource.id][namespace][name] = stored
        self._index(resource, previous, stored)
        self._tell(
            Event(self.revision, "MODIFIED" if previous else "ADDED", resource, stored, previous)
        )
        return stored

    def remove(self, resource: Resource, item: JsonObject) -> JsonObject:
        """Drop an object; the watchers see its last state under a new revision."""
        namespace, name = key_of(item)
        previous = self._objects[resource.id][namespace].pop(name)
        self.revision += 1
        last = with_metadata(item, resourceVersion=str(self.revision))
        self._index(resource, previous, None)
        self._tell(Event(self.revision, "DELETED", resource, last, previous))
        return last

    def since(self, resource: Resource, revision: int) -> list[Event]:
        """Later events of one collection that history still has."""
        found: list[Event] = []
        for event in reversed(self._events):
            if event.revision <= revision:
                break
            if event.resource.id == resource.id:
                found.append(event)
        return found[::-1]

    def compact(self) -> None:
        """Forget all history, as etcd does every five minutes."""
        self._events.clear()
        self.compacted = self.revision

    def subscribe(self, resources: Iterable[Resource]) -> Subscription:
        """Events of the collections from now on, until ``unsubscribe``."""
        subscription = Subscription()
        for resource in resources:
            self._watchers[resource.id].add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop telling this watcher."""
        for watchers in self._watchers.values():
            watchers.discard(subscription)

    def _tell(self, event: Event) -> None:
        self._events.append(event)
        while len(self._events) > self._limit:
            self.compacted = self._events.popleft().revision
        for watcher in self._watchers[event.resource.id]:
            watcher.push(event)

    def _index(self, resource: Resource, old: JsonObject | None, new: JsonObject | None) -> None:
        for reference in owner_references(old) if old else ():
            self._owned[reference["uid"]].pop((resource.id, key_of(old or {})), None)
            if not self._owned[reference["uid"]]:
                del self._owned[reference["uid"]]
        for reference in owner_references(new) if new else ():
            place = key_of(new or {})
            self._owned[reference["uid"]][resource.id, place] = (resource, place)
