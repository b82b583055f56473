"""Every query finds what its sentence says, on rows that are made up here.

They are run by ``duckdb-kql``, which translates KQL to DuckDB. That is not Azure's engine: what
Azure understands is proved in ``test_binding``, and what a query means is proved here.
"""

from collections.abc import Callable
from typing import Any

import pytest

from model import telemetry
from tests.queries import texts
from tests.queries.rows import Story, at

engine: Any = pytest.importorskip(
    "duckdb_kql", reason="no engine for KQL: the package duckdb-kql[duckdb] is not installed"
)

type Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def story() -> Story:
    """Nothing was told yet."""
    return Story()


@pytest.fixture
def ask(story: Story) -> Ask:
    """Runs a query file on the story; rows by column."""

    def asked(name: str, installation: str = "") -> list[dict[str, Any]]:
        connection = engine.connect()
        story.load(connection)
        text = texts.files()[name].replace("{Installation}", installation)
        answer = engine.query(connection, text)
        rows: list[tuple[Any, ...]] = answer.fetchall()
        return [dict(zip(answer.columns, row, strict=True)) for row in rows]

    return asked


def test_installations_now_are_those_that_have_not_ended(story: Story, ask: Ask) -> None:
    """One runs with two stages, one ended, one failed and was begun again, one only started."""
    for name, attempt, minutes in (("one", 1, 0), ("two", 1, 1), ("three", 1, 2), ("three", 2, 30)):
        story.event(minutes, "installation-started", installation=name, attempt=attempt)
    for minutes, event, stage in (
        (3, "stage-began", "ensure_network"),
        (4, "stage-ended", "ensure_network"),
        (5, "stage-began", "observe_cluster"),
        (6, "stage-began", "observe_network"),
        (7, "stage-fault", "observe_network"),
        (8, "stage-ended", "observe_network"),
        (9, "stage-began", "observe_network"),
    ):
        story.event(minutes, event, installation="one", attempt=1, stage=stage)
    story.event(9, "installation-ended", installation="two", attempt=1, state="Succeeded")
    story.event(10, "stage-began", installation="three", attempt=1, stage="observe_nodes")
    story.event(11, "installation-ended", installation="three", attempt=1, state="Failed")

    found = ask("installations-now")

    assert [(row["installation"], row["attempt"], row["faults"]) for row in found] == [
        ("one", 1, 1),
        ("three", 2, 0),
    ]
    assert found[0]["stages"] == "observe_cluster, observe_network"
    assert not found[1]["stages"]
    assert found[0]["last_heard"].replace(tzinfo=None) == at(9).replace(tzinfo=None)


def test_the_timeline_is_one_installations_in_order(story: Story, ask: Ask) -> None:
    """What others did, and lines that are no event, are left out."""
    story.event(5, "stage-began", installation="one", attempt=1, stage="observe_cluster")
    story.event(0, "installation-started", installation="one", attempt=1)
    story.event(1, "installation-started", installation="other", attempt=1)
    story.event(2, "", installation="one")
    story.event(
        9,
        "stage-fault",
        installation="one",
        attempt=1,
        stage="observe_cluster",
        code="quota",
        look=3,
    )

    found = ask("timeline", "one")

    assert [(row["event"], row["stage"], row["code"]) for row in found] == [
        ("installation-started", "", ""),
        ("stage-began", "observe_cluster", ""),
        ("stage-fault", "observe_cluster", "quota"),
    ]
    assert found[2]["look"] == 3


def test_the_stages_of_one_tell_length_looks_and_the_last_request(story: Story, ask: Ask) -> None:
    """The request id that Azure's support asks for is the latest one."""
    told = {"installation": "one", "attempt": 1, "stage": "observe_cluster"}
    story.span(1, "look", 2, **told, look=1, arm_request_id="first")
    story.span(4, "look", 2, **told, look=2, arm_request_id="second")
    story.span(6, "look", 2, **told, look=3)
    story.span(1, "stage", 321.04, **told, state="done")
    story.span(0, "stage", 3, installation="one", attempt=1, stage="ensure_cluster", state="done")
    story.span(0, "installation", 999, installation="one", attempt=1)
    story.span(0, "stage", 3, installation="other", attempt=1, stage="ensure_cluster")

    found = ask("stages-of-one", "one")

    assert [row["stage"] for row in found] == ["ensure_cluster", "observe_cluster"]
    assert (found[1]["seconds"], found[1]["looks"], found[1]["state"]) == (321.0, 3, "done")
    assert found[1]["arm_request_id"] == "second"


def test_the_slowest_stages_are_told_with_mean_longest_and_waiting(story: Story, ask: Ask) -> None:
    """Rows that hold several measurements count each of them."""
    for minutes, values in ((0, (100.0, 700.0)), (1, (400.0,))):
        story.metric(
            minutes, telemetry.STAGE_DURATION, values, stage="observe_cluster", state="done"
        )
    story.metric(1, telemetry.STAGE_WAITING, (960.0,), stage="observe_cluster")
    story.metric(1, telemetry.STAGE_DURATION, (2.0,), stage="ensure_cluster", state="done")
    story.metric(1, telemetry.FAULTS, (9000.0,), stage="ensure_cluster", code="x")
    story.metric(1, telemetry.STAGE_WAITING, (60.0,), stage="observe_nodes")

    assert ask("slowest-stages") == [
        {
            "stage": "observe_cluster",
            "ended": 3,
            "mean": 400.0,
            "longest": 700.0,
            "waiting_percent": 80.0,
        },
        {
            "stage": "ensure_cluster",
            "ended": 1,
            "mean": 2.0,
            "longest": 2.0,
            "waiting_percent": pytest.approx(0.0),
        },
    ]


def test_faults_are_counted_by_code_and_stage(story: Story, ask: Ask) -> None:
    """Counts come from the metric, installations from the events."""
    for minutes in (0, 5):
        story.metric(minutes, telemetry.FAULTS, (2.0,), stage="ensure_cluster", code="quota")
    story.metric(1, telemetry.FAULTS, (1.0,), stage="observe_nodes", code="stage-failed")
    for name in ("one", "one", "two"):
        story.event(0, "stage-fault", installation=name, stage="ensure_cluster", code="quota")

    found = ask("faults-by-code")

    assert [(row["code"], row["faults"], row["installations"]) for row in found] == [
        ("quota", 4, 2),
        ("stage-failed", 1, None),
    ]


def test_throttling_is_counted_in_quarters_of_an_hour(story: Story, ask: Ask) -> None:
    """By subscription and stage."""
    for minutes in (1, 14, 16):
        story.metric(minutes, telemetry.THROTTLED, (3.0,), stage="ensure_cluster", subscription="s")

    found = ask("throttling")

    assert [(row["series"], row["answers"]) for row in found] == [
        ("s ensure_cluster", 6),
        ("s ensure_cluster", 3),
    ]


def test_the_load_is_what_the_watchdog_counted(story: Story, ask: Ask) -> None:
    """The highest count in each quarter of an hour."""
    for minutes, active, stuck in ((1, 4, 0), (11, 3, 1)):
        story.metric(minutes, telemetry.ACTIVE, (active,))
        story.metric(minutes, telemetry.STUCK, (stuck,))

    found = {row["what"]: row["installations"] for row in ask("load")}

    assert found == {"running": 4, "stuck": 1}


def test_looks_are_counted_for_each_run(story: Story, ask: Ask) -> None:
    """Their seconds are what the function app was paid for."""
    for attempt, seconds in ((1, 2.0), (1, 3.0), (2, 1.5)):
        story.span(0, "look", seconds, installation="one", attempt=attempt, stage="observe_cluster")
    story.span(0, "stage", 900, installation="one", attempt=1, stage="observe_cluster")

    found = [(row["attempt"], row["looks"], row["seconds"]) for row in ask("looks")]

    assert found == [(1, 2, 5.0), (2, 1, 1.5)]


def test_failed_runs_are_told_with_their_code(story: Story, ask: Ask) -> None:
    """Neither those that succeeded nor those that somebody cancelled."""
    for minutes, state in enumerate(("Succeeded", "Cancelled", "Failed")):
        story.event(
            minutes,
            "installation-ended",
            installation=state.lower(),
            attempt=2,
            state=state,
            code="c",
        )

    found = [(row["installation"], row["attempt"], row["code"]) for row in ask("failed")]

    assert found == [("failed", "2", "c")]


def test_stuck_installations_are_told_once_each(story: Story, ask: Ask) -> None:
    """The watchdog tells again at each look; its latest word counts."""
    for minutes, stage in ((0, "ensure_network"), (10, "observe_cluster")):
        text = f"stuck at {stage}"
        story.event(minutes, "installation-stuck", text, installation="one", stage=stage)

    found = [(row["installation"], row["stage"], row["message"]) for row in ask("stuck")]

    assert found == [("one", "observe_cluster", "stuck at observe_cluster")]


def test_a_poison_message_is_told_once(story: Story, ask: Ask) -> None:
    """However often the host delivered it."""
    for minutes in range(5):
        story.event(minutes, "poison-message", "message 7 is not JSON", code="request-invalid")

    found = [(row["code"], row["tries"], row["message"]) for row in ask("poison")]

    assert found == [("request-invalid", 5, "message 7 is not JSON")]


def test_certificates_are_sorted_by_the_days_that_are_left(story: Story, ask: Ask) -> None:
    """As numbers, with the latest look of each installation."""
    for minutes, name, days in ((0, "one", 21), (9, "one", 9), (1, "two", 20), (1, "late", -2)):
        story.event(minutes, "certificate-expires", installation=name, days_left=days)

    found = [(row["installation"], row["days_left"]) for row in ask("certificates")]

    assert found == [("late", -2), ("one", 9), ("two", 20)]


def test_names_are_offered_with_the_latest_first(story: Story, ask: Ask) -> None:
    """Each once, and no line without a name."""
    for minutes, name in ((0, "one"), (1, "two"), (2, "one"), (3, "")):
        story.event(minutes, "stage-began", installation=name)

    assert ask("installation-names") == [{"installation": "one"}, {"installation": "two"}]


@pytest.mark.parametrize("name", texts.files())
def test_a_query_finds_nothing_where_nothing_was_told(ask: Ask, name: str) -> None:
    """Neither an error nor a row of zeros: an alert would fire on a row."""
    assert ask(name, "one") == []
