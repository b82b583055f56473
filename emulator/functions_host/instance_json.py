"""Instances, histories and entities as the management routes show them.

Shapes: https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api
"""

import json
from datetime import UTC, datetime
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from google.protobuf import timestamp_pb2

type Json = dict[str, Any]

_PREFIX = "ORCHESTRATION_STATUS_"


def status_name(status: int) -> str:
    """``ORCHESTRATION_STATUS_CONTINUED_AS_NEW`` as ``ContinuedAsNew``."""
    words = pb.OrchestrationStatus.Name(pb.OrchestrationStatus.ValueType(status))
    return "".join(w.capitalize() for w in words.removeprefix(_PREFIX).split("_"))


STATUSES = {status_name(v).lower(): v for v in pb.OrchestrationStatus.values()}
"""Every runtime status by its name in lower case."""


def instance_json(state: pb.OrchestrationState, *, show_input: bool) -> Json:
    """One instance without its history."""
    output: Any = payload(state.output.value) if state.HasField("output") else None
    if output is None and state.HasField("failureDetails"):
        output = f"{state.failureDetails.errorType}: {state.failureDetails.errorMessage}"
    return {
        "name": state.name,
        "instanceId": state.instanceId,
        "runtimeStatus": status_name(state.orchestrationStatus),
        "input": payload(state.input.value) if show_input and state.HasField("input") else None,
        "customStatus": payload(state.customStatus.value)
        if state.HasField("customStatus")
        else None,
        "output": output,
        "createdTime": _seconds(state.createdTimestamp),
        "lastUpdatedTime": _seconds(state.lastUpdatedTimestamp),
    }


def entity_json(entity: pb.EntityMetadata, *, with_state: bool) -> Json:
    """One entity of a list."""
    name, key = entity.instanceId.removeprefix("@").split("@", 1)
    shown: Json = {
        "entityId": {"name": name, "key": key},
        "lastOperationTime": moment(entity.lastModifiedTime),
    }
    if with_state:
        shown["state"] = payload(entity.serializedState.value)
    return shown


def history_json(
    events: list[pb.HistoryEvent], *, with_output: bool, with_input: bool
) -> list[Json]:
    """A history: a completed task carries what was scheduled, which is not shown by itself."""
    shown: list[Json] = []
    scheduled: dict[int, tuple[str, pb.HistoryEvent]] = {}
    for event in events:
        kind = event.WhichOneof("eventType") or ""
        if kind in ("taskScheduled", "subOrchestrationInstanceCreated"):
            scheduled[event.eventId] = (kind, event)
        elif kind not in ("orchestratorStarted", "orchestratorCompleted"):
            shown.append(
                _event(kind, event, scheduled, with_output=with_output, with_input=with_input)
            )
    waiting = [_waiting(kind, event, with_input) for kind, event in scheduled.values()]
    return shown + waiting


def _event(
    kind: str,
    event: pb.HistoryEvent,
    scheduled: dict[int, tuple[str, pb.HistoryEvent]],
    *,
    with_output: bool,
    with_input: bool,
) -> Json:
    body = getattr(event, kind)
    item: Json = {"EventType": kind[0].upper() + kind[1:], "Timestamp": moment(event.timestamp)}
    fields = {field.name for field in body.DESCRIPTOR.fields}
    if "taskScheduledId" in fields and body.taskScheduledId in scheduled:
        of, origin = scheduled.pop(body.taskScheduledId)
        asked = getattr(origin, of)
        item |= {"ScheduledTime": moment(origin.timestamp), "FunctionName": asked.name}
        if with_input and asked.HasField("input"):
            item["Input"] = payload(asked.input.value)
    elif kind == "executionStarted":
        item["FunctionName"] = body.name
    elif "name" in fields:
        item["Name"] = body.name
    if with_input and "input" in fields and body.HasField("input"):
        item["Input"] = payload(body.input.value)
    if with_output and "result" in fields and body.HasField("result"):
        item["Result"] = payload(body.result.value)
    if "failureDetails" in fields and body.HasField("failureDetails"):
        item["Reason"] = body.failureDetails.errorMessage
        item["Details"] = body.failureDetails.errorType
    if kind == "executionCompleted":
        item["OrchestrationStatus"] = status_name(body.orchestrationStatus)
    if "fireAt" in fields:
        item["FireAt"] = moment(body.fireAt)
    return item


def _waiting(kind: str, event: pb.HistoryEvent, with_input: bool) -> Json:
    asked = getattr(event, kind)
    item: Json = {
        "EventType": kind[0].upper() + kind[1:],
        "Timestamp": moment(event.timestamp),
        "FunctionName": asked.name,
    }
    if with_input and asked.HasField("input"):
        item["Input"] = payload(asked.input.value)
    return item


def payload(text: str) -> Any:
    """A stored value: JSON, or the text itself when it is none; None for empty."""
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def moment(stamp: timestamp_pb2.Timestamp) -> str:
    """A time with its fraction."""
    return stamp.ToDatetime(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _seconds(stamp: timestamp_pb2.Timestamp) -> str:
    return stamp.ToDatetime(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: str) -> timestamp_pb2.Timestamp:
    """A time in ISO 8601; UTC when it names no zone.

    Raises:
        ValueError: It is none.
    """
    read = datetime.fromisoformat(text.replace(" ", "+"))
    stamp = timestamp_pb2.Timestamp()
    stamp.FromDatetime(read if read.tzinfo else read.replace(tzinfo=UTC))
    return stamp
