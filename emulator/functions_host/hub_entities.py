# ruff: noqa: N802 - the gRPC service names these methods
"""The task hub, part three: entities and their locks."""

from datetime import UTC, datetime
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.internal import helpers
from durabletask.testing.in_memory_backend import EntityState, PendingLockRequest

from emulator.functions_host.hub_actions import HubActions


class HubEntities(HubActions):
    """Entities: one operation batch at a time, only the holder's while locked."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._holders: dict[str, str] = {}

    def take_entity(self) -> pb.WorkItem | None:
        """The next entity that has operations it may run and no worker."""
        with self._lock:
            while self._entity_queue:
                key = self._entity_queue.popleft()
                self._entity_queue_set.discard(key)
                entity = self._entities.get(key)
                if entity is None or key in self._entity_in_flight:
                    continue
                if operations := self._due(entity):
                    return self._offer_entity(entity, operations)
        return None

    def _due(self, entity: EntityState) -> list[pb.HistoryEvent]:
        """Take the operations that may run now; while locked these are the holder's calls."""
        holder = self._holders.get(entity.locked_by or "")
        due = [event for event in entity.pending_operations if _may_run(event, entity, holder)]
        entity.pending_operations = [e for e in entity.pending_operations if e not in due]
        return due

    def _offer_entity(self, entity: EntityState, operations: list[pb.HistoryEvent]) -> pb.WorkItem:
        self._entity_in_flight.add(entity.instance_id)
        entity.dispatched_operations = operations
        request = pb.EntityRequest(
            instanceId=entity.instance_id,
            entityState=helpers.get_string_value(entity.serialized_state),
            operationRequests=operations,
        )
        return pb.WorkItem(completionToken=str(entity.completion_token), entityRequestV2=request)

    def GetEntity(self, request: pb.GetEntityRequest, context: Any) -> pb.GetEntityResponse:
        """An entity exists while it has state, whatever waits for it."""
        with self._lock:
            entity = self._entities.get(request.instanceId)
            if entity is None or entity.serialized_state is None:
                return pb.GetEntityResponse(exists=False)
            return super().GetEntity(request, context)

    def QueryEntities(
        self, request: pb.QueryEntitiesRequest, context: Any
    ) -> pb.QueryEntitiesResponse:
        """Entities by id prefix and time of last change, a page at a time."""
        del context
        query = request.query
        with self._lock:
            found = sorted(
                (e for e in self._entities.values() if _matches(e, query)),
                key=lambda e: e.instance_id,
            )
            start = int(query.continuationToken.value or "0")
            size = query.pageSize.value or len(found)
            page = found[start : start + size]
            more = str(start + size) if start + size < len(found) else None
            return pb.QueryEntitiesResponse(
                entities=[_metadata(e, query.includeState) for e in page],
                continuationToken=helpers.get_string_value(more),
            )

    def CleanEntityStorage(
        self, request: pb.CleanEntityStorageRequest, context: Any
    ) -> pb.CleanEntityStorageResponse:
        """Remove entities without state, and locks whose holder has ended."""
        with self._lock:
            released = self._release_orphans() if request.releaseOrphanedLocks else 0
            answer = super().CleanEntityStorage(
                pb.CleanEntityStorageRequest(removeEmptyEntities=request.removeEmptyEntities),
                context,
            )
            answer.orphanedLocksReleased = released
            return answer

    def _release_orphans(self) -> int:
        released = 0
        for entity in self._entities.values():
            holder = self.find(self._holders.get(entity.locked_by or "", ""))
            if entity.locked_by is not None and (holder is None or holder.ended):
                entity.locked_by = None
                released += 1
                self._enqueue_entity(entity.instance_id)
        self._try_grant_pending_locks()
        return released

    def _grant_lock(self, pending: PendingLockRequest) -> None:
        self._holders[pending.critical_section_id] = pending.parent_instance_id
        super()._grant_lock(pending)

    def _process_send_entity_message_action(
        self, instance: Any, action: pb.OrchestratorAction
    ) -> None:
        super()._process_send_entity_message_action(instance, action)
        if action.sendEntityMessage.HasField("entityUnlockSent"):
            freed = action.sendEntityMessage.entityUnlockSent.targetInstanceId.value
            if freed in self._entities:
                self._enqueue_entity(freed)

    def _schedule_delayed_entity_operation(
        self, entity_id: str, event: pb.HistoryEvent, fire_at: datetime
    ) -> None:
        self.at(fire_at, lambda: self._queue_entity_operation(entity_id, event))


def _may_run(event: pb.HistoryEvent, entity: EntityState, holder: str | None) -> bool:
    if entity.locked_by is None:
        return True
    called = event.entityOperationCalled
    return event.HasField("entityOperationCalled") and called.parentInstanceId.value == holder


def _matches(entity: EntityState, query: pb.EntityQuery) -> bool:
    changed = entity.last_modified_at
    if entity.serialized_state is None and not query.includeTransient:
        return False
    if not entity.instance_id.startswith(query.instanceIdStartsWith.value):
        return False
    if query.HasField("lastModifiedFrom") and changed < query.lastModifiedFrom.ToDatetime(UTC):
        return False
    return not (
        query.HasField("lastModifiedTo") and changed >= query.lastModifiedTo.ToDatetime(UTC)
    )


def _metadata(entity: EntityState, include_state: bool) -> pb.EntityMetadata:
    return pb.EntityMetadata(
        instanceId=entity.instance_id,
        lastModifiedTime=helpers.new_timestamp(entity.last_modified_at),
        backlogQueueSize=len(entity.pending_operations),
        lockedBy=helpers.get_string_value(entity.locked_by),
        serializedState=helpers.get_string_value(
            entity.serialized_state if include_state else None
        ),
    )
