"""What the task hub keeps about one orchestration beyond the published backend's record."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.internal import helpers
from durabletask.testing.in_memory_backend import ActivityWorkItem, OrchestrationInstance

TERMINAL = frozenset(
    {
        pb.ORCHESTRATION_STATUS_COMPLETED,
        pb.ORCHESTRATION_STATUS_FAILED,
        pb.ORCHESTRATION_STATUS_TERMINATED,
        pb.ORCHESTRATION_STATUS_CANCELED,
    }
)


@dataclass(frozen=True, slots=True)
class Parent:
    """Who waits for a sub-orchestration, and under which task."""

    name: str
    instance_id: str
    execution_id: str
    task_id: int


@dataclass
class Instance(OrchestrationInstance):
    """One orchestration.

    Attributes:
        execution_id: Changes with every continue-as-new and rewind; answers of an earlier execution
            are dropped.
        parent: Who waits for it; None when a client or an entity started it.
        trace: Context of the spans that its code makes; None for none.
        starts_at: Not offered to the worker before this time.
        awaited: Tokens of activities without an answer; an answer with any other token is dropped.
    """

    execution_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    parent: Parent | None = None
    trace: pb.TraceContext | None = None
    starts_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    awaited: set[str] = field(default_factory=set[str])

    @property
    def ended(self) -> bool:
        """Whether nothing more can happen to it."""
        return self.status in TERMINAL

    @property
    def waits_for_start(self) -> bool:
        """Whether its scheduled start is still ahead; a termination does not wait for it."""
        return self.starts_at > datetime.now(UTC) and not any(
            event.HasField("executionTerminated") for event in self.pending_events
        )

    def begin(self) -> None:
        """Put the events that start it in front of whatever waits already."""
        started = helpers.new_execution_started_event(
            self.name,
            self.instance_id,
            self.input,
            self.tags,
            version=self.version,
            parent_trace_context=self.trace,
        )
        body = started.executionStarted
        body.orchestrationInstance.executionId.value = self.execution_id
        if self.parent is not None:
            body.parentInstance.CopyFrom(_parent_info(self.parent))
        self.pending_events[:0] = [helpers.new_orchestrator_started_event(self.starts_at), started]

    def next_execution(self) -> None:
        """Make the execution that continue-as-new asked for: same instance, new execution id."""
        self.execution_id = uuid.uuid4().hex
        self.awaited.clear()
        for event in self.pending_events:
            if event.HasField("executionStarted"):
                body = event.executionStarted
                body.orchestrationInstance.executionId.value = self.execution_id
                body.tags.update(self.tags or {})
                if self.trace is not None:
                    body.parentTraceContext.CopyFrom(self.trace)
                if self.parent is not None:
                    body.parentInstance.CopyFrom(_parent_info(self.parent))


@dataclass
class Activity(ActivityWorkItem):
    """One activity to run.

    Attributes:
        execution_id: Of the orchestration that asked.
        token: Unique per scheduling, because a retry uses the task id of the try before it.
    """

    execution_id: str = ""
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    def work_item(self) -> pb.WorkItem:
        """As it is offered to the worker."""
        request = pb.ActivityRequest(
            name=self.name,
            taskId=self.task_id,
            input=helpers.get_string_value(self.input),
            version=helpers.get_string_value(self.version),
            orchestrationInstance=pb.OrchestrationInstance(
                instanceId=self.instance_id,
                executionId=helpers.get_string_value(self.execution_id),
            ),
        )
        return pb.WorkItem(completionToken=self.token, activityRequest=request)


def stamp(events: list[pb.HistoryEvent]) -> None:
    """Give events the present time that have none; the published backend leaves them at zero."""
    now = datetime.now(UTC)
    for event in events:
        if not event.timestamp.seconds:
            event.timestamp.FromDatetime(now)


def _parent_info(parent: Parent) -> pb.ParentInstanceInfo:
    return pb.ParentInstanceInfo(
        taskScheduledId=parent.task_id,
        name=helpers.get_string_value(parent.name),
        orchestrationInstance=pb.OrchestrationInstance(
            instanceId=parent.instance_id,
            executionId=helpers.get_string_value(parent.execution_id),
        ),
    )
