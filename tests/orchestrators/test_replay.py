"""Recorded histories replayed against today's code: none may diverge."""

import base64
from pathlib import Path
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from azure.durable_functions.worker import DurableFunctionsWorker

from emulator.functions_host.history import parse_history, replay_request
from orchestrators.install import install_dash_enterprise
from orchestrators.preflight import preflight
from orchestrators.wait import wait_for_stage
from tests.histories.record import ENDINGS

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:azure.functions"  # the SDK's codec wants types that JSON needs not
)

FOLDER = Path(__file__).resolve().parents[1] / "histories"
ORCHESTRATORS: dict[str, Any] = {
    "install_dash_enterprise": install_dash_enterprise,
    "preflight": preflight,
    "wait_for_stage": wait_for_stage,
}
HISTORIES = sorted(path.stem for path in FOLDER.glob("*.history"))


def started(events: list[pb.HistoryEvent]) -> pb.ExecutionStartedEvent:
    return next(e.executionStarted for e in events if e.HasField("executionStarted"))


def replayed(events: list[pb.HistoryEvent]) -> pb.OrchestratorResponse:
    start = started(events)
    request = replay_request(start.orchestrationInstance.instanceId, events)
    answer = DurableFunctionsWorker().execute_orchestration_request(
        ORCHESTRATORS[start.name], request
    )
    response = pb.OrchestratorResponse()
    response.ParseFromString(base64.b64decode(answer))
    return response


def diverged(response: pb.OrchestratorResponse) -> str:
    """The failure of a replay that met another history than its code writes; else empty."""
    for action in response.actions:
        details = action.completeOrchestration.failureDetails
        if "NonDeterminism" in details.errorType:
            return details.errorMessage
    return ""


def test_histories_of_every_ending_are_recorded() -> None:
    """Each way in which a run ends; and the two other orchestrators."""
    endings = {ending.__name__ for ending in ENDINGS}
    assert {*HISTORIES} == endings | {"preflight", "wait"}


@pytest.mark.parametrize("name", HISTORIES)
def test_a_recorded_history_replays_to_the_same_end(name: str) -> None:
    """Today's code decides what was decided then."""
    events = parse_history((FOLDER / f"{name}.history").read_text())
    ended = next(e.executionCompleted for e in events if e.HasField("executionCompleted"))

    response = replayed(events)

    assert diverged(response) == ""
    [last] = [
        a.completeOrchestration for a in response.actions if a.HasField("completeOrchestration")
    ]
    assert last.orchestrationStatus == ended.orchestrationStatus


def test_a_history_of_another_story_is_noticed() -> None:
    """With a stage renamed in the past, the replay diverges: the test above can fail."""
    events = parse_history((FOLDER / "succeeded.history").read_text())
    for event in events:
        if event.taskScheduled.name == "ensure_cluster":
            event.taskScheduled.name = "ensure_something_else"

    assert "ensure_something_else" in diverged(replayed(events))


def test_the_largest_history_at_realistic_durations_stays_below_a_thousand_rows() -> None:
    """An installation's own history has a fixed number of rows, however long its waits are."""
    events = parse_history((FOLDER / "succeeded.history").read_text())

    assert len(events) < 1000
