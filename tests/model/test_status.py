"""What people read of an installation at every moment of its life."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from model.progress import Progress, decode, encode
from model.status import STATES, WEIGHTS, render, waiting_children

START = datetime(2026, 5, 1, 12, 0)  # noqa: DTZ001 # orchestration time is naive UTC


def begun() -> Progress:
    """A run with one finished and one waiting stage."""
    progress = Progress(run_id="abcdef01", attempt=1, plan_hash="0" * 16, started_at=START)
    progress = progress.begin("ensure_resource_group", START)
    progress = progress.end("ensure_resource_group", "done", START + timedelta(seconds=2))
    progress = progress.begin("observe_component/istiod", START + timedelta(seconds=3))
    return progress.wait("observe_component/istiod", "the Job runs")


def shown(runtime: str, progress: Progress | None, **more: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"waits": {}, "findings": None, "output": None, "failure": None}
    return render("acme", runtime, progress, **(facts | more))


@pytest.mark.parametrize(
    ("runtime", "progress", "state"),
    [
        ("Pending", begun(), "Pending"),
        ("Running", None, "Pending"),
        ("Running", begun(), "Running"),
        ("FAILED", begun(), "Failed"),
        ("Terminated", begun(), "Cancelled"),
    ],
)
def test_the_state_is_one_of_the_apis_words(
    runtime: str, progress: Progress | None, state: str
) -> None:
    """Whatever the durable runtime calls it."""
    assert shown(runtime, progress)["state"] == state
    assert state in STATES


def test_a_waiting_stage_tells_what_for_and_when_it_looks_again() -> None:
    """The waiting orchestration's own words are fresher than the installation's."""
    key = "observe_component/istiod"
    waits = {key: {"looks": 7, "detail": "1 of 2 ready", "nextLookAt": "2026-05-01T12:01:00"}}

    stages = shown("Running", begun(), waits=waits)["stages"]

    assert stages[1] == {
        "stage": key,
        "state": "waiting",
        "startedAt": "2026-05-01T12:00:03.000Z",
        "finishedAt": None,
        "attempts": 1,
        "looks": 7,
        "detail": "1 of 2 ready",
        "nextLookAt": "2026-05-01T12:01:00Z",
    }
    assert stages[0]["finishedAt"] == "2026-05-01T12:00:02.000Z"


def test_the_orchestration_that_waits_is_found_by_the_stage() -> None:
    """Its id has no slash, which Azure Storage forbids."""
    children = waiting_children("acme", begun())

    assert children == {"observe_component/istiod": "acme:abcdef01:observe_component:istiod"}


def test_only_success_is_a_hundred_percent() -> None:
    """Finished stages count by their usual length; a clean-up counts nothing."""
    progress = begun()
    for stage in ("observe_cluster", "observe_application", "observe_component/istiod"):
        progress = progress.begin(stage, START).end(stage, "done", START)
    before = shown("Running", progress)["percent"]
    cleaned = progress.begin("observe_removal", START).end("observe_removal", "done", START)
    for stage in WEIGHTS:
        progress = progress.begin(stage, START).end(stage, "done", START)

    assert 0 < shown("Running", begun())["percent"] < 5
    assert 80 < before < 90
    assert shown("Running", cleaned)["percent"] == before
    assert shown("Running", progress)["percent"] == 99
    done = decode(encode(progress) | {"state": "Succeeded"})
    assert shown("Completed", done)["percent"] == 100


def test_a_failure_that_the_orchestrator_could_not_tell_is_told_from_the_runtimes_text() -> None:
    """And it is retryable by posting again."""
    silent = shown("Failed", begun(), failure="x" * 1000)["failure"]

    assert (silent["code"], len(silent["reason"]), silent["retryable"]) == (
        "stage-failed",
        300,
        True,
    )
    assert shown("Failed", None)["failure"]["reason"] == "the runtime ended it"


def test_a_failure_that_the_orchestrator_told_is_shown_as_it_is() -> None:
    """With its code, reason and remedy; findings and output stand beside it."""
    told = {"code": "quota-exceeded", "stage": "preflight", "reason": "r", "remedy": "m"}
    progress = decode(encode(begun()) | {"failure": told, "notes": {"address": "1.2.3.4"}})

    status = shown(
        "Failed", progress, findings=[{"rule": "quota"}], output={"state": "Failed", "nodes": 4}
    )

    assert status["failure"] == told
    assert (status["findings"], status["nodes"], status["address"]) == (
        [{"rule": "quota"}],
        4,
        "1.2.3.4",
    )
    assert status["state"] == "Failed"


def test_a_stuck_installation_says_so_and_what_to_do() -> None:
    """Only while it is stuck is there such a field."""
    told = {"stage": "install", "since": "", "budgetSeconds": 0, "remedy": "restart"}

    assert shown("Running", begun(), stuck=told)["stuck"] == told
    assert "stuck" not in shown("Running", begun())
