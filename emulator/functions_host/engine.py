"""The task hub: the published in-memory backend with the promises that the Azure backends keep.

The published backend (``durabletask.testing``) is made for short unit tests. Here it also gives:
sub-orchestrations that may take longer than 30 seconds, scheduled starts, timers and answers bound
to one execution, duplicate answers dropped, finished instance ids that can be started again, and
work items offered again when their worker is lost.
"""

import asyncio
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.internal import helpers
from durabletask.internal import orchestrator_service_pb2_grpc as stubs
from durabletask.testing.in_memory_backend import InMemoryOrchestrationBackend

from emulator.functions_host.instances import Activity, Instance, Parent, stamp

_WAITERS = 512
"""Threads for gRPC calls; each client that waits for a completion holds one."""
_NO_LIMIT = 1_000_000


class Refused(Exception):
    """A call of the task hub cannot be served.

    Attributes:
        code: gRPC status code.
    """

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Bell(threading.Event):
    """Rung by the backend when there is work; passes the ring on to the dispatcher."""

    def __init__(self, ring: Callable[[], None]) -> None:
        super().__init__()
        self._ring = ring

    def set(self) -> None:
        self._ring()


class Engine(InMemoryOrchestrationBackend):
    """One task hub, served over gRPC on loopback.

    Args:
        ring: Called from any thread whenever there may be work.
        default_version: Version of instances that are started without one; None for no version.
        replace_any: Whether starting an id replaces a running instance too
            (``overridableExistingInstanceStates: AnyState``).
    """

    def __init__(
        self,
        ring: Callable[[], None],
        *,
        default_version: str | None = None,
        replace_any: bool = False,
    ) -> None:
        super().__init__(max_history_size=_NO_LIMIT)
        self._work_available = _Bell(ring)
        self._default_version = default_version
        self._replace_any = replace_any
        self._loop = asyncio.get_running_loop()
        self._calls = ThreadPoolExecutor(_WAITERS, thread_name_prefix="task-hub")

    def start(self) -> str:
        """Listen on a free loopback port; returns ``127.0.0.1:port``."""
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        server = grpc.server(self._calls, options=options)
        add: Callable[[Any, grpc.Server], None] = stubs.add_TaskHubSidecarServiceServicer_to_server  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - generated without types
        add(self, server)
        self._port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self._server = server
        return f"127.0.0.1:{self._port}"

    def stop(self, grace: float | None = None) -> None:
        """Refuse new calls and let every waiting client go."""
        super().stop(grace)
        self.reset()
        self._calls.shutdown(wait=False, cancel_futures=True)

    # Starting

    def StartInstance(
        self, request: pb.CreateInstanceRequest, context: Any
    ) -> pb.CreateInstanceResponse:
        """Start an instance; an id whose instance has ended is free again, as on Azure."""
        instance_id = request.instanceId or uuid.uuid4().hex
        with self._lock:
            existing = self._instances.get(instance_id)
            if existing is not None and not self._replaceable(existing, request):
                context.abort(
                    grpc.StatusCode.ALREADY_EXISTS,
                    f"An Orchestration instance with the ID {instance_id} already exists.",
                )
            version = request.version.value if request.HasField("version") else None
            instance = self._new_instance(
                instance_id, request.name, _value(request, "input"), version or self._default_version
            )
            instance.tags = dict(request.tags) or None
            if request.HasField("scheduledStartTimestamp"):
                instance.starts_at = request.scheduledStartTimestamp.ToDatetime(UTC)
            self._launch(instance)
        return pb.CreateInstanceResponse(instanceId=instance_id)

    def _replaceable(self, existing: Any, request: pb.CreateInstanceRequest) -> bool:
        allowed = list(request.orchestrationIdReusePolicy.replaceableStatus)
        if allowed:
            return existing.status in allowed
        return self._replace_any or existing.ended

    def _new_instance(
        self, instance_id: str, name: str, encoded_input: str | None, version: str | None
    ) -> Instance:
        self._next_completion_token += 1
        return Instance(
            instance_id=instance_id,
            name=name,
            status=pb.ORCHESTRATION_STATUS_PENDING,
            version=version,
            input=encoded_input,
            completion_token=self._next_completion_token,
        )

    def _launch(self, instance: Instance) -> None:
        key = instance.instance_id
        self._orchestration_queue_set.discard(key)
        self._orchestration_in_flight.discard(key)
        instance.begin()
        self._instances[key] = instance
        self._enqueue_orchestration(key)
        if instance.waits_for_start:
            self.at(instance.starts_at, lambda: self._enqueue_orchestration(key))

    def _create_instance_internal(
        self,
        instance_id: str,
        name: str,
        encoded_input: str | None = None,
        version: str | None = None,
    ) -> None:
        existing = self.find(instance_id)
        if existing is not None and not existing.ended:
            raise ValueError(f"Orchestration instance '{instance_id}' already exists")
        self._launch(
            self._new_instance(instance_id, name, encoded_input, version or self._default_version)
        )

    def find(self, instance_id: str) -> Instance | None:
        """The instance with this id."""
        found = self._instances.get(instance_id)
        return found if isinstance(found, Instance) else None

    def at(self, when: datetime, act: Callable[[], None]) -> None:
        """Do ``act`` under the lock at a wall-clock time; at once when that has passed."""

        def locked() -> None:
            with self._lock:
                act()

        def arm() -> None:
            self._loop.call_later(max(0.0, (when - datetime.now(UTC)).total_seconds()), locked)

        self._loop.call_soon_threadsafe(arm)

    # Work items

    def _enqueue_orchestration(self, instance_id: str) -> None:
        instance = self.find(instance_id)
        if instance is not None and not instance.ended and not instance.waits_for_start:
            super()._enqueue_orchestration(instance_id)

    def take_orchestration(self) -> pb.WorkItem | None:
        """The next orchestration that has events and no worker; its history goes along."""
        with self._lock:
            while self._orchestration_queue:
                key = self._orchestration_queue.popleft()
                self._orchestration_queue_set.discard(key)
                instance = self.find(key)
                if instance is None or key in self._orchestration_in_flight:
                    continue
                if instance.pending_events:
                    return self._offer(instance)
        return None

    def _offer(self, instance: Instance) -> pb.WorkItem:
        events = list(instance.pending_events)
        instance.pending_events.clear()
        if instance.history and not events[0].HasField("orchestratorStarted"):
            events.insert(0, helpers.new_orchestrator_started_event(datetime.now(UTC)))
        stamp(events)
        instance.dispatched_events = events
        self._orchestration_in_flight.add(instance.instance_id)
        request = pb.OrchestratorRequest(
            instanceId=instance.instance_id,
            executionId=helpers.get_string_value(instance.execution_id),
            pastEvents=instance.history,
            newEvents=events,
        )
        return pb.WorkItem(
            completionToken=str(instance.completion_token), orchestratorRequest=request
        )

    def take_activity(self) -> pb.WorkItem | None:
        """The next activity to run."""
        with self._lock:
            if not self._activity_queue:
                return None
            activity = self._activity_queue.popleft()
            return activity.work_item() if isinstance(activity, Activity) else None

    def take_entity(self) -> pb.WorkItem | None:
        """The next entity that has operations and no worker."""
        with self._lock:
            while self._entity_queue:
                key = self._entity_queue.popleft()
                self._entity_queue_set.discard(key)
                entity = self._entities.get(key)
                if entity is None or key in self._entity_in_flight or not entity.pending_operations:
                    continue
                self._entity_in_flight.add(key)
                operations = list(entity.pending_operations)
                entity.pending_operations.clear()
                entity.dispatched_operations = operations
                request = pb.EntityRequest(
                    instanceId=key,
                    entityState=helpers.get_string_value(entity.serialized_state),
                    operationRequests=operations,
                )
                token = str(entity.completion_token)
                return pb.WorkItem(completionToken=token, entityRequestV2=request)
        return None

    def CompleteOrchestratorTask(
        self, request: pb.OrchestratorResponse, context: Any
    ) -> pb.CompleteTaskResponse:
        """Record what an orchestrator decided; an answer to an old offer is dropped."""
        with self._lock:
            instance = self.find(request.instanceId)
            if instance is None or str(instance.completion_token) != request.completionToken:
                return pb.CompleteTaskResponse()
            super().CompleteOrchestratorTask(request, context)
            stamp(instance.history)
            if instance.pending_events:
                self._enqueue_orchestration(instance.instance_id)
            if instance.ended:
                self._tell_parent(instance)
        return pb.CompleteTaskResponse()

    def CompleteActivityTask(
        self, request: pb.ActivityResponse, context: Any
    ) -> pb.CompleteTaskResponse:
        """Record an activity's answer; a second one, or one of an old execution, is dropped."""
        del context
        with self._lock:
            instance = self.find(request.instanceId)
            if (
                instance is None
                or instance.ended
                or instance.execution_id != request.completionToken
                or request.taskId in instance.answered
            ):
                return pb.CompleteTaskResponse()
            instance.answered.add(request.taskId)
            self._append(instance, _activity_event(request))
        return pb.CompleteTaskResponse()

    def take_back(self, item: pb.WorkItem) -> None:
        """Offer a work item again whose worker was lost before its answer was recorded."""
        with self._lock:
            if item.HasField("activityRequest"):
                self._take_back_activity(item.activityRequest)
            elif item.HasField("orchestratorRequest"):
                self.AbandonTaskOrchestratorWorkItem(
                    pb.AbandonOrchestrationTaskRequest(completionToken=item.completionToken),
                    None,  # pyright: ignore[reportArgumentType] - the backend does not look at it
                )
            else:
                self.AbandonTaskEntityWorkItem(
                    pb.AbandonEntityTaskRequest(completionToken=item.completionToken),
                    None,  # pyright: ignore[reportArgumentType] - the backend does not look at it
                )

    def _take_back_activity(self, request: pb.ActivityRequest) -> None:
        owner = request.orchestrationInstance
        activity = Activity(
            instance_id=owner.instanceId,
            name=request.name,
            task_id=request.taskId,
            input=_value(request, "input"),
            completion_token=0,
            version=_value(request, "version"),
            execution_id=owner.executionId.value,
        )
        self._activity_queue.append(activity)
        self._work_available.set()

    def _append(self, instance: Instance, event: pb.HistoryEvent) -> None:
        stamp([event])
        instance.pending_events.append(event)
        instance.last_updated_at = datetime.now(UTC)
        self._enqueue_orchestration(instance.instance_id)

    # Actions of an orchestrator

    def _process_schedule_task_action(self, instance: Any, action: pb.OrchestratorAction) -> None:
        asked = action.scheduleTask
        event = helpers.new_task_scheduled_event(action.id, asked.name, _value(asked, "input"))
        event.taskScheduled.version.CopyFrom(asked.version)
        instance.history.append(event)
        self._activity_queue.append(
            Activity(
                instance_id=instance.instance_id,
                name=asked.name,
                task_id=action.id,
                input=_value(asked, "input"),
                completion_token=0,
                version=_value(asked, "version"),
                execution_id=instance.execution_id,
            )
        )
        self._work_available.set()

    def _process_create_timer_action(self, instance: Any, action: pb.OrchestratorAction) -> None:
        fire_at = action.createTimer.fireAt.ToDatetime(UTC)
        instance.history.append(helpers.new_timer_created_event(action.id, fire_at))
        key, execution = instance.instance_id, instance.execution_id

        def fire() -> None:
            found = self.find(key)
            if found is not None and found.execution_id == execution and not found.ended:
                self._append(found, helpers.new_timer_fired_event(action.id, fire_at))

        self.at(fire_at, fire)

    def _process_create_sub_orchestration_action(
        self, instance: Any, action: pb.OrchestratorAction
    ) -> None:
        asked = action.createSubOrchestration
        key = asked.instanceId or f"{instance.execution_id}:{action.id:x}"
        version = _value(asked, "version") or self._default_version
        instance.history.append(
            helpers.new_sub_orchestration_created_event(
                action.id, asked.name, key, _value(asked, "input"), version=version
            )
        )
        existing = self.find(key)
        if existing is not None and not existing.ended:
            clash = ValueError(f"Orchestration instance '{key}' already exists")
            self._append(instance, helpers.new_sub_orchestration_failed_event(action.id, clash))
            return
        child = self._new_instance(key, asked.name, _value(asked, "input"), version)
        child.tags = dict(asked.tags) or None
        child.parent = Parent(instance.name, instance.instance_id, instance.execution_id, action.id)
        self._launch(child)

    def _process_complete_orchestration_action(
        self, instance: Any, complete_action: pb.CompleteOrchestrationAction
    ) -> None:
        super()._process_complete_orchestration_action(instance, complete_action)
        if complete_action.orchestrationStatus == pb.ORCHESTRATION_STATUS_CONTINUED_AS_NEW:
            instance.next_execution()

    def _tell_parent(self, child: Instance) -> None:
        waiting = child.parent
        parent = self.find(waiting.instance_id) if waiting else None
        if waiting is None or parent is None or parent.ended:
            return
        if parent.execution_id == waiting.execution_id:
            self._append(parent, _child_event(child, waiting.task_id))


def _child_event(child: Instance, task_id: int) -> pb.HistoryEvent:
    if child.status == pb.ORCHESTRATION_STATUS_COMPLETED:
        return helpers.new_sub_orchestration_completed_event(task_id, child.output)
    event = pb.HistoryEvent(eventId=-1)
    failed = event.subOrchestrationInstanceFailed
    failed.taskScheduledId = task_id
    if child.failure_details is not None:
        failed.failureDetails.CopyFrom(child.failure_details)
    else:
        failed.failureDetails.errorType = "DurableTask.Core.Exceptions.OrchestrationException"
        failed.failureDetails.errorMessage = child.output or "The sub-orchestration was terminated."
    return event


def _activity_event(request: pb.ActivityResponse) -> pb.HistoryEvent:
    event = pb.HistoryEvent(eventId=-1)
    if request.HasField("failureDetails"):
        event.taskFailed.taskScheduledId = request.taskId
        event.taskFailed.failureDetails.CopyFrom(request.failureDetails)
        return event
    event.taskCompleted.taskScheduledId = request.taskId
    if request.HasField("result"):
        event.taskCompleted.result.CopyFrom(request.result)
    return event


def _value(message: Any, field: str) -> str | None:
    """The text of an optional string field; None when it is not set."""
    return getattr(message, field).value if message.HasField(field) else None
