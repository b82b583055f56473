"""The whole task hub: work items are taken from here and given back to here."""

from datetime import UTC, datetime

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.internal import helpers

from emulator.functions_host.hub_core import optional
from emulator.functions_host.hub_management import HubManagement
from emulator.functions_host.instances import Activity, Instance, stamp
from emulator.functions_host.versions import Verdict


class Engine(HubManagement):
    """A task hub whose work items are taken one by one."""

    def take_orchestration(self) -> pb.WorkItem | None:
        """The next orchestration that has events and no worker; its history goes along."""
        with self._lock:
            while self._orchestration_queue:
                key = self._orchestration_queue.popleft()
                self._orchestration_queue_set.discard(key)
                instance = self.find(key)
                if instance is None or key in self._orchestration_in_flight:
                    continue
                if instance.pending_events and self.verdict(instance) != "wait":
                    return self._offer(instance)
        return None

    def verdict(self, instance: Instance) -> Verdict:
        """Whether its version runs here, waits for other code or fails."""
        return self._versions.verdict(instance.version)

    def _offer(self, instance: Instance) -> pb.WorkItem:
        events = list(instance.pending_events)
        instance.pending_events.clear()
        if instance.history and not events[0].HasField("orchestratorStarted"):
            events.insert(0, helpers.new_orchestrator_started_event(datetime.now(UTC)))
        if events[0].HasField("orchestratorStarted") and self._clock.speed != 1:
            events[0].timestamp.FromDatetime(self._clock.now())
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

    def take_back(self, item: pb.WorkItem) -> None:
        """Offer a work item again whose worker was lost before its answer was recorded."""
        with self._lock:
            if item.HasField("activityRequest"):
                self._take_back_activity(item.activityRequest, item.completionToken)
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

    def _take_back_activity(self, request: pb.ActivityRequest, token: str) -> None:
        owner = request.orchestrationInstance
        activity = Activity(
            instance_id=owner.instanceId,
            name=request.name,
            task_id=request.taskId,
            input=optional(request, "input"),
            completion_token=0,
            version=optional(request, "version"),
            execution_id=owner.executionId.value,
            token=token,
        )
        self._activity_queue.append(activity)
        self._work_available.set()
