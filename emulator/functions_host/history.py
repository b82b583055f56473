"""Histories taken out of the host: as recorded, and as Azure Storage keeps them."""

import base64
import json
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.internal import helpers


def format_history(events: list[pb.HistoryEvent]) -> str:
    """Raw events as text: one base64 protobuf per line.

    ``replay_request`` turns them into what ``DurableFunctionsWorker.execute_orchestration_request``
    takes.
    """
    lines = [base64.b64encode(event.SerializeToString()).decode() for event in events]
    return "\n".join(lines) + "\n"


def parse_history(text: str) -> list[pb.HistoryEvent]:
    """The events that ``format_history`` wrote."""
    return [pb.HistoryEvent.FromString(base64.b64decode(line)) for line in text.split()]


def replay_request(instance_id: str, events: list[pb.HistoryEvent]) -> str:
    """The base64 request that makes a worker replay ``events`` and decide what comes next.

    The last turn is offered as new events, all before it as past, without the ended execution's
    last words; a worker whose code agrees with the history answers the same actions again.
    """
    kept = [e for e in events if not e.HasField("executionCompleted")]
    starts = [i for i, event in enumerate(kept) if event.HasField("orchestratorStarted")]
    turn = starts[-1] if starts else 0
    new = [event for event in kept[turn:] if _arrives(event)]
    request = pb.OrchestratorRequest(instanceId=instance_id, pastEvents=kept[:turn], newEvents=new)
    return base64.b64encode(request.SerializeToString()).decode()


_DECIDED = (
    "taskScheduled",
    "timerCreated",
    "subOrchestrationInstanceCreated",
    "eventSent",
    "entityOperationSignaled",
    "entityOperationCalled",
    "entityLockRequested",
    "entityUnlockSent",
    "orchestratorCompleted",
)


def _arrives(event: pb.HistoryEvent) -> bool:
    """Whether an event comes to an orchestrator, rather than out of it."""
    return event.WhichOneof("eventType") not in _DECIDED


def entity_messages(events: list[pb.HistoryEvent], instance_id: str) -> list[pb.HistoryEvent]:
    """Entity operations as the messages that the Azure Storage backend records for them.

    The durable client libraries read these envelopes: ``op`` is sent, its answer is raised under
    the request's id: ``RequestMessage``, ``ResponseMessage`` of https://github.com/Azure/durabletask.
    """
    return [_as_message(event, instance_id) for event in events]


def _as_message(event: pb.HistoryEvent, instance_id: str) -> pb.HistoryEvent:
    kind = event.WhichOneof("eventType")
    if kind == "entityOperationCalled":
        called = event.entityOperationCalled
        envelope = {"op": called.operation, "id": called.requestId, "parent": instance_id}
        return _sent(event, called, envelope)
    if kind == "entityOperationSignaled":
        signaled = event.entityOperationSignaled
        envelope = {"op": signaled.operation, "signal": True, "id": signaled.requestId}
        return _sent(event, signaled, envelope)
    if kind == "entityOperationCompleted":
        done = event.entityOperationCompleted
        return _raised(event, done.requestId, {"result": done.output.value or None})
    if kind == "entityOperationFailed":
        failed = event.entityOperationFailed
        text = failed.failureDetails.errorMessage
        answer = {"result": json.dumps(text), "exceptionType": failed.failureDetails.errorType}
        return _raised(event, failed.requestId, answer)
    return event


def _sent(event: pb.HistoryEvent, operation: Any, envelope: dict[str, Any]) -> pb.HistoryEvent:
    if operation.HasField("input"):
        envelope["input"] = operation.input.value
    sent = pb.EventSentEvent(
        instanceId=operation.targetInstanceId.value,
        name="op",
        input=helpers.get_string_value(json.dumps(envelope)),
    )
    return pb.HistoryEvent(eventId=event.eventId, timestamp=event.timestamp, eventSent=sent)


def _raised(event: pb.HistoryEvent, name: str, answer: dict[str, Any]) -> pb.HistoryEvent:
    raised = pb.EventRaisedEvent(name=name, input=helpers.get_string_value(json.dumps(answer)))
    return pb.HistoryEvent(eventId=event.eventId, timestamp=event.timestamp, eventRaised=raised)
