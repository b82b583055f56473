"""What one emulated installation tells of itself, as Application Insights would keep it."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from emulator import telemetry as insights
from model import telemetry
from tests.e2e.driver import Driver
from tests.trust.canaries import canaries, forms

pytestmark = pytest.mark.e2e

NAME = "measured"
SUBSCRIPTION_DIGITS = 36
UNHAPPY = {
    telemetry.INSTALLATION_STUCK,
    telemetry.POISON_MESSAGE,
    telemetry.CERTIFICATE_EXPIRES,
    telemetry.STAGE_FAULT,
}
"""Events that a success has not; ``tests/telemetry`` has them."""


class Told:
    """A finished installation, and the rows that its app left."""

    def __init__(self, path: Path, status: dict[str, Any], secrets: dict[str, str]) -> None:
        self.path = path
        self.status = status
        self.secrets = secrets

    def spans(self, name: str) -> list[dict[str, Any]]:
        return [r for r in insights.read(self.path, "dependencies") if r["name"] == name]

    def events(self, name: str) -> list[dict[str, Any]]:
        traces = insights.read(self.path, "traces")
        return [r for r in traces if r["customDimensions"].get(telemetry.EVENT) == name]

    def metrics(self, name: str) -> list[dict[str, Any]]:
        return [r for r in insights.read(self.path, "customMetrics") if r["name"] == name]


def lasted(stage: dict[str, Any]) -> float:
    """Seconds, by the status."""
    began, ended = (datetime.fromisoformat(stage[at]) for at in ("startedAt", "finishedAt"))
    return (ended - began).total_seconds()


def orchestrated(stages: dict[str, dict[str, Any]]) -> str:
    """Span of the stage that is an orchestration of its own, without looks."""
    return next(span for span, told in stages.items() if told[telemetry.STAGE] == "preflight")


def until(reached: Callable[[], Any], seconds: float = 20) -> None:
    """Wait for what is exported a moment later."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "never exported"
        threading.Event().wait(0.1)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return installed(tmp_path_factory.mktemp("telemetry") / "rows.jsonl")


def installed(path: Path, *host_options: str) -> Told:
    """One installation, told into a file, with the watchdog looking every second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(insights.FILE, str(path))
        patch.setenv("WATCHDOG_SCHEDULE", "* * * * * *")
        driver = Driver(*host_options)
    try:
        status = driver.install(driver.request(NAME))
        found = Told(path, status, canaries(driver))
        until(lambda: found.spans(telemetry.SPAN_INSTALLATION) and found.metrics(telemetry.STUCK))
    finally:
        driver.close()
    return found


def test_the_run_is_one_span_as_long_as_the_run_and_the_root_of_its_trace(told: Told) -> None:
    """Its attributes say who, which run and how it ended."""
    [run] = told.spans(telemetry.SPAN_INSTALLATION)

    assert told.status["state"] == "Succeeded"
    assert run["operation_ParentId"] == ""
    assert run["success"] is True
    dimensions = run["customDimensions"]
    assert len(dimensions.pop(telemetry.SUBSCRIPTION)) == SUBSCRIPTION_DIGITS
    assert dimensions == {
        telemetry.INSTALLATION: NAME,
        telemetry.ATTEMPT: "1",
        telemetry.STATE: "Succeeded",
    }


def test_every_stage_of_the_status_is_one_span_under_the_run(told: Told) -> None:
    """None is missing, none comes twice; and each lasts as long as the status says."""
    [run] = told.spans(telemetry.SPAN_INSTALLATION)
    stages = told.spans(telemetry.SPAN_STAGE)
    seconds = {s["customDimensions"][telemetry.STAGE]: s["duration"] / 1000 for s in stages}
    shown = {stage["stage"]: stage for stage in told.status["stages"]}

    assert len(seconds) == len(stages)
    assert {s for s in seconds if not s.startswith("check_")} == set(shown)
    for key, stage in shown.items():
        assert seconds[key] == pytest.approx(lasted(stage), abs=0.02), key
    assert {s["operation_ParentId"] for s in stages} == {run["id"]}
    assert {s["customDimensions"][telemetry.STATE] for s in stages} == {"done"}
    assert len({s["id"] for s in stages}) == len(stages)


def test_every_look_is_under_its_stage_and_all_is_one_trace(told: Told) -> None:
    """What a stage looked at last was ready; the looks before it were pending."""
    stages = {s["id"]: s["customDimensions"] for s in told.spans(telemetry.SPAN_STAGE)}
    looks = told.spans(telemetry.SPAN_LOOK)
    everything = insights.read(told.path, "dependencies")
    ready = Counter(
        look["operation_ParentId"]
        for look in looks
        if look["customDimensions"][telemetry.STATE] == "ready"
    )

    assert len({row["operation_Id"] for row in everything}) == 1
    assert {row["name"] for row in everything} == set(telemetry.SPANS)
    assert ready == dict.fromkeys(set(stages) - {orchestrated(stages)}, 1)
    for look in looks:
        assert (
            look["customDimensions"][telemetry.STAGE]
            == stages[look["operation_ParentId"]][telemetry.STAGE]
        )
    assert "pending" in {look["customDimensions"][telemetry.STATE] for look in looks}
    numbers = {int(look["customDimensions"][telemetry.LOOK]) for look in looks}
    assert numbers == set(range(1, max(numbers) + 1))


def test_looks_at_azure_carry_the_request_id_of_its_last_answer(told: Told) -> None:
    """It is what Azure's support asks for."""
    ids = {
        look["customDimensions"][telemetry.STAGE]: look["customDimensions"].get(
            telemetry.ARM_REQUEST_ID
        )
        for look in told.spans(telemetry.SPAN_LOOK)
    }

    assert ids["ensure_cluster"]
    assert ids["ensure_resource_group"]
    assert ids["check_license"] is None


def test_every_event_of_a_success_is_told_once_per_stage_and_run(told: Told) -> None:
    """In the run's trace; what only a bad day has is absent."""
    [run] = told.spans(telemetry.SPAN_INSTALLATION)
    stages = len(told.spans(telemetry.SPAN_STAGE))
    counted = {name: len(told.events(name)) for name in telemetry.EVENTS}

    assert counted == dict.fromkeys(UNHAPPY, 0) | {
        telemetry.INSTALLATION_STARTED: 1,
        telemetry.INSTALLATION_ENDED: 1,
        telemetry.STAGE_BEGAN: stages,
        telemetry.STAGE_ENDED: stages,
    }
    [ended] = told.events(telemetry.INSTALLATION_ENDED)
    assert ended["operation_Id"] == run["operation_Id"]
    assert ended["customDimensions"][telemetry.STATE] == "Succeeded"


def test_every_metric_of_a_success_is_measured(told: Told) -> None:
    """Each stage once, by stage and state; what it waited is no longer than it lasted."""
    stages = {s["customDimensions"][telemetry.STAGE] for s in told.spans(telemetry.SPAN_STAGE)}
    lasted = told.metrics(telemetry.STAGE_DURATION)
    waited = told.metrics(telemetry.STAGE_WAITING)

    assert {m["customDimensions"][telemetry.STAGE] for m in lasted} == stages
    assert {m["customDimensions"][telemetry.STATE] for m in lasted} == {"done"}
    assert sum(m["valueCount"] for m in lasted) == len(stages)
    assert {m["customDimensions"][telemetry.STAGE] for m in waited} == stages
    assert 0 < sum(m["value"] for m in waited) <= sum(m["value"] for m in lasted)
    assert 1 in {m["value"] for m in told.metrics(telemetry.ACTIVE)}
    assert {m["value"] for m in told.metrics(telemetry.STUCK)} == {0}
    assert told.metrics(telemetry.FAULTS) == told.metrics(telemetry.THROTTLED) == []


def test_nothing_but_the_listed_attributes_is_told(told: Told) -> None:
    """Of spans, metrics and lines alike."""
    rows = [
        row
        for table in ("dependencies", "traces", "customMetrics")
        for row in insights.read(told.path, table)
    ]

    assert {key for row in rows for key in row["customDimensions"]} <= set(telemetry.ATTRIBUTES)


def test_no_secret_of_the_world_is_in_any_row(told: Told) -> None:
    """In no form in which it could be written."""
    text = told.path.read_text()

    assert NAME in text
    assert [k for k, secret in told.secrets.items() if any(f in text for f in forms(secret))] == []


@pytest.mark.trust
def test_what_a_lost_turn_told_is_told_again_under_the_same_ids(tmp_path: Path) -> None:
    """The first answer of every orchestrator's turn is lost, after all was told: ids tell twins."""
    told = installed(tmp_path / "rows.jsonl", "--lose-turns", "1")

    stages = told.spans(telemetry.SPAN_STAGE)
    distinct = {row["id"]: row["customDimensions"] for row in stages}
    shown = {stage["stage"] for stage in told.status["stages"]}
    assert told.status["state"] == "Succeeded"
    assert len(told.events(telemetry.INSTALLATION_STARTED)) == 2
    keys = [d[telemetry.STAGE] for d in distinct.values()]
    assert len(set(keys)) == len(keys)
    assert shown <= set(keys)
    assert len({row["id"] for row in told.spans(telemetry.SPAN_INSTALLATION)}) == 1
    assert len({row["operation_Id"] for row in insights.read(told.path, "dependencies")}) == 1
