"""Replaying a long history: a history ten times as long must not take much more than ten times."""

import time
from datetime import UTC, datetime
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from azure.durable_functions.worker import DurableFunctionsWorker
from durabletask import task
from durabletask.internal import helpers

from benchmarks.figure import Figure
from emulator.functions_host.history import replay_request

SHORT, LONG = 100, 1000
"""Activities in the two histories."""
_ROUNDS = 5


def chain(ctx: task.OrchestrationContext, count: int) -> Any:
    """As many activities, one after another, each shown in the custom status."""
    for number in range(count):
        ctx.set_custom_status({"done": number})
        yield ctx.call_activity("step", input=number)
    return count


def measure() -> list[Figure]:
    """The best of several rounds of each."""
    short, long = _best(SHORT), _best(LONG)
    detail = f"{SHORT} activities {short * 1000:.1f} ms, {LONG} activities {long * 1000:.1f} ms"
    return [Figure("replay of a history ten times as long", long / short, 12, detail)]


def _best(count: int) -> float:
    request = replay_request("bench", _history(count))
    worker = DurableFunctionsWorker()
    worker.execute_orchestration_request(chain, request)
    times: list[float] = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        worker.execute_orchestration_request(chain, request)
        times.append(time.perf_counter() - begun)
    return min(times)


def _history(count: int) -> list[pb.HistoryEvent]:
    now = datetime.now(UTC)
    events = [
        helpers.new_orchestrator_started_event(now),
        helpers.new_execution_started_event("chain", "bench", str(count)),
    ]
    for number in range(1, count + 1):
        events += [
            helpers.new_task_scheduled_event(number, "step"),
            helpers.new_orchestrator_started_event(now),
            helpers.new_task_completed_event(number, "null"),
        ]
    return events
