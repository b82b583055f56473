"""Recorded histories, replayed against code."""

import base64
from collections.abc import Generator
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from azure.durable_functions.worker import DurableFunctionsWorker

from emulator.functions_host.history import parse_history, replay_request
from tests.functions_host.hosting import Host

pytestmark = pytest.mark.filterwarnings(
    "ignore:azure.functions df_loads:DeprecationWarning"  # the SDK's own call, once per process
)


def _replay(orchestrator: Any, text: str) -> Any:
    asked = replay_request("x", parse_history(text))
    answer = DurableFunctionsWorker().execute_orchestration_request(orchestrator, asked)
    response = pb.OrchestratorResponse.FromString(base64.b64decode(answer))
    return response.actions[-1].completeOrchestration


def _same(ctx: Any, flour: int) -> Generator[Any, Any, Any]:
    return (yield ctx.call_activity("knead", input=flour))


def _other(ctx: Any, flour: int) -> Generator[Any, Any, Any]:
    return (yield ctx.call_activity("fry", input=flour))


@pytest.fixture
def recorded(bakery: Host) -> str:
    """The raw history of one finished orchestration."""
    key = bakery.start("quick", 2)
    bakery.result(key)
    return bakery.manage("GET", f"/instances/{key}/rawHistory").text


def test_the_same_code_replays_a_recorded_history_to_its_end(recorded: str) -> None:
    """The last turn decides again what it decided."""
    done = _replay(_same, recorded)

    assert done.orchestrationStatus == pb.ORCHESTRATION_STATUS_COMPLETED
    assert done.result.value == "4"


def test_other_code_does_not_replay_a_recorded_history(recorded: str) -> None:
    """Code that asks for something else is found out."""
    done = _replay(_other, recorded)

    assert done.orchestrationStatus == pb.ORCHESTRATION_STATUS_FAILED
    assert "NonDeterminism" in done.failureDetails.errorType
