# ruff: noqa: N802 - the gRPC service names these methods
"""The task hub, part two: what orchestrators and activities decided is put into effect."""

from datetime import UTC
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.internal import helpers

from emulator.functions_host.hub_core import HubCore, optional
from emulator.functions_host.instances import Activity, Instance, Parent, stamp


class HubActions(HubCore):
    """Answers of the worker and the actions in them."""

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
                or request.completionToken not in instance.awaited
            ):
                return pb.CompleteTaskResponse()
            instance.awaited.discard(request.completionToken)
            self._append(instance, _activity_event(request))
        return pb.CompleteTaskResponse()

    def _process_schedule_task_action(self, instance: Any, action: pb.OrchestratorAction) -> None:
        asked = action.scheduleTask
        event = helpers.new_task_scheduled_event(action.id, asked.name, optional(asked, "input"))
        event.taskScheduled.version.CopyFrom(asked.version)
        instance.history.append(event)
        activity = Activity(
            instance_id=instance.instance_id,
            name=asked.name,
            task_id=action.id,
            input=optional(asked, "input"),
            completion_token=0,
            version=optional(asked, "version"),
            execution_id=instance.execution_id,
        )
        instance.awaited.add(activity.token)
        self._activity_queue.append(activity)
        self._work_available.set()

    def _process_create_timer_action(self, instance: Any, action: pb.OrchestratorAction) -> None:
        fire_at = action.createTimer.fireAt.ToDatetime(UTC)
        instance.history.append(helpers.new_timer_created_event(action.id, fire_at))
        key, execution = instance.instance_id, instance.execution_id

        def fire() -> None:
            found = self.find(key)
            if found is not None and found.execution_id == execution and not found.ended:
                self._append(found, helpers.new_timer_fired_event(action.id, fire_at))

        self.at(self._clock.wall(fire_at), fire)

    def _process_create_sub_orchestration_action(
        self, instance: Any, action: pb.OrchestratorAction
    ) -> None:
        asked = action.createSubOrchestration
        key = asked.instanceId or f"{instance.execution_id}:{action.id:x}"
        version = optional(asked, "version") or self._versions.default
        instance.history.append(
            helpers.new_sub_orchestration_created_event(
                action.id, asked.name, key, optional(asked, "input"), version=version
            )
        )
        existing = self.find(key)
        if existing is not None and not existing.ended:
            clash = ValueError(f"Orchestration instance '{key}' already exists")
            self._append(instance, helpers.new_sub_orchestration_failed_event(action.id, clash))
            return
        child = self._new_instance(key, asked.name, optional(asked, "input"), version)
        child.tags = dict(asked.tags) or None
        child.parent = Parent(instance.name, instance.instance_id, instance.execution_id, action.id)
        child.trace = (
            asked.parentTraceContext if asked.parentTraceContext.traceParent else instance.trace
        )
        self._launch(child)

    def _process_complete_orchestration_action(
        self, instance: Any, complete_action: pb.CompleteOrchestrationAction
    ) -> None:
        super()._process_complete_orchestration_action(instance, complete_action)
        if complete_action.orchestrationStatus == pb.ORCHESTRATION_STATUS_CONTINUED_AS_NEW:
            instance.next_execution()

    def _process_rewind_orchestration_action(
        self, instance: Any, rewind_action: pb.RewindOrchestrationAction
    ) -> None:
        """Go on under the execution id that the worker gave the rewound history."""
        super()._process_rewind_orchestration_action(instance, rewind_action)
        instance.awaited.clear()
        for event in instance.history:
            if event.HasField("executionStarted"):
                started = event.executionStarted.orchestrationInstance
                instance.execution_id = started.executionId.value or instance.execution_id

    def _watch_sub_orchestration(
        self, parent_instance_id: str, sub_instance_id: str, task_id: int
    ) -> None:
        """Have a rewound child answer its parent's present execution."""
        child, parent = self.find(sub_instance_id), self.find(parent_instance_id)
        if child is None or parent is None:
            return
        child.parent = Parent(parent.name, parent.instance_id, parent.execution_id, task_id)
        if child.ended:
            self._tell_parent(child)

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
