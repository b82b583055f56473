# ruff: noqa: N802 - the gRPC service names these methods
"""The task hub, part four: finding, steering and removing instances."""

from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.internal import helpers
from durabletask.testing.in_memory_backend import OrchestrationInstance
from google.protobuf import wrappers_pb2

from emulator.functions_host.history import entity_messages
from emulator.functions_host.hub_core import optional
from emulator.functions_host.hub_entities import HubEntities
from emulator.functions_host.instances import Instance

_CHUNK = 100
_SLICE = 2.0
"""Real seconds after which a waiting call looks whether its caller is still there."""


class HubManagement(HubEntities):
    """What clients and the management routes ask of a task hub."""

    def WaitForInstanceStart(
        self, request: pb.GetInstanceRequest, context: Any
    ) -> pb.GetInstanceResponse:
        """Wait until an instance has run for the first time, as long as the caller waits."""
        return self._wait(request, context, lambda i: i.status != pb.ORCHESTRATION_STATUS_PENDING)

    def WaitForInstanceCompletion(
        self, request: pb.GetInstanceRequest, context: Any
    ) -> pb.GetInstanceResponse:
        """Wait until an instance has ended, as long as the caller waits."""
        return self._wait(request, context, lambda i: self._is_terminal_status(i.status))

    def _wait(
        self,
        request: pb.GetInstanceRequest,
        context: Any,
        reached: Callable[[OrchestrationInstance], bool],
    ) -> pb.GetInstanceResponse:
        """Wait in slices, so that a thread is not kept for a caller that has gone."""
        while context.is_active():
            instance = self._wait_for_state(request.instanceId, reached, timeout=_SLICE)
            if instance is not None:
                return self._build_instance_response(instance, request.getInputsAndOutputs)
        return pb.GetInstanceResponse(exists=False)

    def TerminateInstance(self, request: pb.TerminateRequest, context: Any) -> pb.TerminateResponse:
        """End an instance soon, its sub-orchestrations too when asked; nothing if it has ended."""
        with self._lock:
            self._known(request.instanceId, context)
            self._terminate_instance_internal(
                request.instanceId, optional(request, "output"), request.recursive
            )
        return pb.TerminateResponse()

    def _terminate_instance_internal(
        self, instance_id: str, output: str | None, recursive: bool = False
    ) -> None:
        instance = self.find(instance_id)
        if instance is None or instance.ended:
            return
        if recursive:
            for child in self._children(instance):
                self._terminate_instance_internal(child.instance_id, output, recursive=True)
        event = helpers.new_terminated_event(encoded_output=output)
        event.executionTerminated.recurse = recursive
        self._append(instance, event)

    def SuspendInstance(self, request: pb.SuspendRequest, context: Any) -> pb.SuspendResponse:
        """Pause an instance; its events wait."""
        with self._lock:
            self._going(request.instanceId, context)
            return super().SuspendInstance(request, context)

    def ResumeInstance(self, request: pb.ResumeRequest, context: Any) -> pb.ResumeResponse:
        """Let a suspended instance go on."""
        with self._lock:
            self._going(request.instanceId, context)
            return super().ResumeInstance(request, context)

    def RaiseEvent(self, request: pb.RaiseEventRequest, context: Any) -> pb.RaiseEventResponse:
        """Hand an event to an instance; an ended one discards it."""
        with self._lock:
            instance = self._known(request.instanceId, context)
            if not instance.ended:
                self._append(
                    instance,
                    helpers.new_event_raised_event(request.name, optional(request, "input")),
                )
        return pb.RaiseEventResponse()

    def RestartInstance(
        self, request: pb.RestartInstanceRequest, context: Any
    ) -> pb.RestartInstanceResponse:
        """Start an ended instance once more with its input and tags."""
        with self._lock:
            before = self._known(request.instanceId, context)
            answer = super().RestartInstance(request, context)
            again = self.find(answer.instanceId)
            if again is not None and before.tags:
                again.tags = dict(before.tags)
                again.pending_events.clear()
                again.begin()
            return answer

    def PurgeInstances(
        self, request: pb.PurgeInstancesRequest, context: Any
    ) -> pb.PurgeInstancesResponse:
        """Remove ended instances: one, a batch, or all that a filter matches."""
        del context
        with self._lock:
            if request.HasField("purgeInstanceFilter"):
                query = request.purgeInstanceFilter
                ids = [i.instance_id for i in self._all() if _within(i, query)]
            else:
                ids = [i for i in (request.instanceId, *request.instanceBatch.instanceIds) if i]
            gone = sum(self._purge(key, recursive=request.recursive) for key in ids)
        return pb.PurgeInstancesResponse(
            deletedInstanceCount=gone, isComplete=wrappers_pb2.BoolValue(value=True)
        )

    def _purge(self, instance_id: str, *, recursive: bool) -> int:
        if self._entities.pop(instance_id, None) is not None:
            return 1
        instance = self.find(instance_id)
        if instance is None or not instance.ended:
            return 0
        gone = 1
        if recursive:
            children = self._children(instance)
            gone += sum(self._purge(child.instance_id, recursive=True) for child in children)
        del self._instances[instance_id]
        self._state_waiters.pop(instance_id, None)
        return gone

    def QueryInstances(
        self, request: pb.QueryInstancesRequest, context: Any
    ) -> pb.QueryInstancesResponse:
        """Instances by status, time of creation and id prefix, oldest first, a page at a time."""
        del context
        query = request.query
        with self._lock:
            found = [
                i
                for i in self._all()
                if _within(i, query) and i.instance_id.startswith(query.instanceIdPrefix.value)
            ]
            found.sort(key=lambda i: (i.created_at, i.instance_id))
            start = int(query.continuationToken.value or "0")
            size = query.maxInstanceCount or len(found)
            page = found[start : start + size]
            more = str(start + size) if start + size < len(found) else None
            return pb.QueryInstancesResponse(
                orchestrationState=[self.state(i, query.fetchInputsAndOutputs) for i in page],
                continuationToken=helpers.get_string_value(more),
            )

    def _build_instance_response(
        self, instance: Any, include_payloads: bool
    ) -> pb.GetInstanceResponse:
        state = self.state(instance, include_payloads)
        return pb.GetInstanceResponse(exists=True, orchestrationState=state)

    def state(self, instance: Instance, include_payloads: bool) -> pb.OrchestrationState:
        """All that clients may know of an instance."""
        base = super()._build_instance_response(instance, include_payloads).orchestrationState
        base.executionId.value = instance.execution_id
        base.tags.update(instance.tags or {})
        if instance.version:
            base.version.value = instance.version
        if instance.parent is not None:
            base.parentInstanceId.value = instance.parent.instance_id
        base.scheduledStartTimestamp.FromDatetime(instance.starts_at)
        return base

    def StreamInstanceHistory(
        self, request: pb.StreamInstanceHistoryRequest, context: Any
    ) -> Iterator[pb.HistoryChunk]:
        """History of an instance; entity operations in the form that Azure Storage keeps them."""
        with self._lock:
            instance = self._known(request.instanceId, context)
            events = [self._clone_history_event(event) for event in instance.history]
        if not request.forWorkItemProcessing:
            events = entity_messages(events, request.instanceId)
        for start in range(0, len(events), _CHUNK):
            yield pb.HistoryChunk(events=events[start : start + _CHUNK])

    def _known(self, instance_id: str, context: Any) -> Instance:
        instance = self.find(instance_id)
        if instance is None:
            context.abort(
                grpc.StatusCode.NOT_FOUND, f"No instance with ID '{instance_id}' was found."
            )
            raise LookupError(instance_id)
        return instance

    def _going(self, instance_id: str, context: Any) -> Instance:
        instance = self._known(instance_id, context)
        if instance.ended:
            context.abort(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"The orchestration instance '{instance_id}' has ended already.",
            )
        return instance

    def _all(self) -> list[Instance]:
        return [i for i in self._instances.values() if isinstance(i, Instance)]

    def _children(self, instance: Instance) -> list[Instance]:
        key = instance.instance_id
        return [i for i in self._all() if i.parent is not None and i.parent.instance_id == key]


def _within(instance: Instance, query: Any) -> bool:
    """Whether status and time of creation match an instance query or a purge filter."""
    made = instance.created_at
    if query.runtimeStatus and instance.status not in query.runtimeStatus:
        return False
    if query.HasField("createdTimeFrom") and made < query.createdTimeFrom.ToDatetime(UTC):
        return False
    return not (query.HasField("createdTimeTo") and made >= query.createdTimeTo.ToDatetime(UTC))
