"""The queries find what the app itself tells of two emulated installations."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from emulator.telemetry import FILE, read
from tests.e2e.driver import Driver
from tests.queries import texts
from tests.queries.rows import fill
from tests.queries.service import TABLES

engine: Any = pytest.importorskip(
    "duckdb_kql", reason="no engine for KQL: the package duckdb-kql[duckdb] is not installed"
)

pytestmark = [pytest.mark.trust, pytest.mark.timeout(180)]  # two whole installations

type Ask = Callable[..., list[dict[str, Any]]]

GOOD, BAD = "queried", "queried-refused"


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Runs a query on what was told of an installation that succeeded and of a refused one."""
    path = tmp_path_factory.mktemp("telemetry") / "rows.jsonl"
    os.environ[FILE] = str(path)
    try:
        driver = Driver()
    finally:
        del os.environ[FILE]
    try:
        assert driver.install(driver.request(GOOD), 120)["state"] == "Succeeded"
        driver.world.cloud.azure.state.set_quota("eastus", "cores", 1, 0)
        assert driver.install(driver.request(BAD))["state"] == "Failed"
    finally:
        driver.close()  # the app tells its last metrics when it ends
    rows = {table: list(map(stored, read(path, table))) for table in TABLES}
    for table, columns in rows.items():  # else a misspelt column would be dropped in silence
        assert {name for row in columns for name in row} <= set(TABLES[table]["columns"]), table
    connection = engine.connect()
    fill(connection, rows)

    def asked(name: str, installation: str = "") -> list[dict[str, Any]]:
        text = texts.files()[name].replace("{Installation}", installation)
        answer = engine.query(connection, text)
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]

    return asked


def stored(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a file as Azure stores it, which fills in some columns itself."""
    filled = {"valueSum": row["value"]} if "value" in row else {"itemCount": 1}
    return filled | {name: value for name, value in row.items() if name != "table"}


def test_an_installation_is_told_from_its_start_to_its_end(ask: Ask) -> None:
    """The timeline begins and ends with the run, and every stage that began has ended."""
    events = ask("timeline", GOOD)

    assert events[0]["event"] == "installation-started"
    assert (events[-1]["event"], events[-1]["state"]) == ("installation-ended", "Succeeded")
    began = [row["stage"] for row in events if row["event"] == "stage-began"]
    ended = [row["stage"] for row in events if row["event"] == "stage-ended"]
    assert len(began) > 20
    assert sorted(began) == sorted(ended)
    assert {row["attempt"] for row in events} == {1}
    assert ask("installations-now") == []


def test_every_stage_that_ended_has_its_length_and_its_looks(ask: Ask) -> None:
    """Spans and events tell of the same stages; the cluster's carry a request id of Azure."""
    events = ask("timeline", GOOD)
    stages = {row["stage"]: row for row in ask("stages-of-one", GOOD)}

    assert {row["stage"] for row in events if row["event"] == "stage-ended"} <= set(stages)
    assert all(row["seconds"] is not None for row in stages.values())
    assert stages["observe_cluster"]["looks"] >= 1
    assert stages["observe_cluster"]["state"] == "done"
    assert stages["ensure_cluster"]["arm_request_id"]


def test_the_refused_one_is_the_one_that_failed(ask: Ask) -> None:
    """Its code is in the alert's query, and counted among the faults."""
    failed = ask("failed")

    assert [(row["installation"], row["attempt"]) for row in failed] == [(BAD, "1")]
    code = failed[0]["code"]
    assert code
    assert [row["faults"] for row in ask("faults-by-code") if row["code"] == code] == [1]


def test_the_slowest_stages_are_those_that_wait(ask: Ask) -> None:
    """Lengths and waits come from the metrics."""
    stages = ask("slowest-stages")

    assert stages[0]["waiting_percent"] > 50
    assert all(0 <= row["waiting_percent"] <= 100 for row in stages)
    assert all(row["mean"] <= row["longest"] for row in stages)


def test_nothing_is_stuck_poisoned_or_about_to_end(ask: Ask) -> None:
    """Two ordinary installations fire no other alert."""
    assert [name for name in ("stuck", "poison", "certificates") if ask(name)] == []


def test_both_are_offered_and_their_looks_are_counted(ask: Ask) -> None:
    """The names fill the workbook's choice."""
    assert {row["installation"] for row in ask("installation-names")} == {GOOD, BAD}
    looks = {row["installation"]: row["looks"] for row in ask("looks")}
    assert looks[GOOD] > looks[BAD] > 0
