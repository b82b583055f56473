"""An installation is stuck when the next sign of life of an open stage is overdue, not before."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from model import wire
from model.plan import Pace
from model.planning import build_plan
from model.progress import Progress
from model.request import InstallRequest, parse_request
from model.settings import Settings
from model.watchdog import RESUME, TIMER, WORKER, Budgets, Sign, budgets, children, stuck
from tests.model.samples import sample

START = datetime(2026, 5, 1, 12, 0)  # noqa: DTZ001 # orchestration time is naive UTC
GRACE = timedelta(minutes=15)
PACE = Pace(deadlines={"observe_cluster": timedelta(minutes=90)})
GATE = timedelta(days=7)
ALLOWED = Budgets(pace=PACE, gates={"approval": GATE, "limits-set": GATE}, grace=GRACE)
INSTANT = timedelta(seconds=1)


def after(**time: float) -> datetime:
    return START + timedelta(**time)


def begun(key: str, *, waits: bool = False) -> Progress:
    """A run in which ``key`` is the one open stage."""
    progress = Progress(run_id="abcdef01", attempt=1, plan_hash="0" * 16, started_at=START)
    progress = progress.begin("ensure_resource_group", START)
    progress = progress.end("ensure_resource_group", "done", START)
    progress = progress.begin(key, START)
    return progress.wait(key, "something") if waits else progress


def look(again: datetime | None, *, since: datetime = START) -> dict[str, str | None]:
    """Custom status of a waiting orchestration."""
    return {"since": since.isoformat(), "nextLookAt": again.isoformat() if again else None}


type Case = tuple[Progress | None, Sign, dict[str, Sign], str, timedelta, str]

CASES: dict[str, Case] = {
    "never run": (None, Sign(START), {}, "install", timedelta(), WORKER),
    "between two stages": (
        begun("x").end("x", "done", START), Sign(START), {}, "install", timedelta(), WORKER,
    ),
    "an activity": (
        begun("ensure_cluster"), Sign(START), {}, "ensure_cluster", timedelta(), WORKER,
    ),
    "the pause after a fault": (
        begun("ensure_cluster", waits=True), Sign(START), {}, "ensure_cluster",
        PACE.longest_retry, WORKER,
    ),
    "a look": (
        begun("observe_cluster", waits=True), Sign(START),
        {"observe_cluster": Sign(START, status=look(after(seconds=30)))},
        "observe_cluster", timedelta(seconds=30), WORKER,
    ),
    "a look that is due already": (
        begun("observe_cluster", waits=True), Sign(START),
        {"observe_cluster": Sign(START, status=look(after(seconds=-5)))},
        "observe_cluster", timedelta(), WORKER,
    ),
    "a look after a fault": (
        begun("observe_cluster", waits=True), Sign(START),
        {"observe_cluster": Sign(START, status=look(None))},
        "observe_cluster", PACE.longest_retry, WORKER,
    ),
    "a wait that has not begun": (
        begun("observe_cluster", waits=True), Sign(START), {"observe_cluster": Sign(START)},
        "observe_cluster", PACE.longest_retry, WORKER,
    ),
    "a wait that ended": (
        begun("observe_cluster", waits=True), Sign(START),
        {"observe_cluster": Sign(START, active=False)},
        "observe_cluster", timedelta(), WORKER,
    ),
    "a wait that was suspended": (
        begun("observe_cluster", waits=True), Sign(START),
        {"observe_cluster": Sign(START, suspended=True)},
        "observe_cluster", timedelta(), RESUME,
    ),
    "the preflight": (
        begun("preflight"), Sign(START), {"preflight": Sign(START)},
        "preflight", PACE.deadline, WORKER,
    ),
    "a gate": (begun("approval", waits=True), Sign(START), {}, "approval", GATE, TIMER),
    "a suspended installation": (
        begun("observe_cluster", waits=True), Sign(START, suspended=True), {},
        "observe_cluster", timedelta(), RESUME,
    ),
}  # fmt: skip # a table


@pytest.mark.parametrize("case", CASES)
def test_a_silence_longer_than_budget_and_grace_is_reported(case: str) -> None:
    """At the last moment of the grace all is well; a second later the stage is named."""
    progress, own, waits, stage, budget, remedy = CASES[case]
    due = START + budget + GRACE

    assert stuck(progress, own, waits, ALLOWED, due) is None
    found = stuck(progress, own, waits, ALLOWED, due + INSTANT)

    assert found is not None
    assert (found.stage, found.since, found.budget) == (stage, START, budget)
    assert found.remedy == remedy


def test_a_wait_that_looks_beyond_its_deadline_is_reported_though_it_is_lively() -> None:
    """Its own timer should have ended it."""
    progress = begun("observe_cluster", waits=True)
    due = after(minutes=90) + GRACE

    def at(now: datetime) -> object:
        lively = Sign(now, status=look(now + timedelta(seconds=30)))
        return stuck(progress, Sign(START), {"observe_cluster": lively}, ALLOWED, now)

    assert at(due) is None
    assert at(due + INSTANT) is not None
    assert getattr(at(due + INSTANT), "remedy", "") == TIMER


def test_of_several_overdue_stages_the_one_overdue_longest_is_told() -> None:
    """Branches run side by side; one of them moving does not hide the other."""
    progress = begun("observe_application", waits=True).begin("observe_load_balancer", START)
    progress = progress.wait("observe_load_balancer", "no address")
    now = after(hours=1)
    waits = {
        "observe_application": Sign(now, status=look(now + timedelta(seconds=30))),
        "observe_load_balancer": Sign(after(minutes=3), status=look(after(minutes=4))),
    }

    found = stuck(progress, Sign(START), waits, ALLOWED, now)

    assert found is not None
    assert (found.stage, found.due) == ("observe_load_balancer", after(minutes=4))


def test_what_has_ended_is_never_stuck() -> None:
    """However long ago."""
    ended = Sign(START, active=False)

    assert stuck(begun("observe_cluster"), ended, {}, ALLOWED, after(days=99)) is None


def test_a_components_second_attempt_has_the_budget_of_its_stage() -> None:
    """A key with a subject takes the deadline of the stage before the slash."""
    key = "observe_cluster/again"
    progress = begun(key, waits=True)
    now = after(minutes=80)
    lively = Sign(now, status=look(now))

    assert stuck(progress, Sign(START), {key: lively}, ALLOWED, now) is None


def test_the_orchestrations_that_work_on_open_stages_are_found_by_name() -> None:
    """Preflight from its begin, waits while they wait, finished stages no longer."""
    progress = begun("observe_component/istiod", waits=True).begin("preflight", START)
    stages = {
        **progress.stages,
        "observe_component/istiod": replace(
            progress.stages["observe_component/istiod"], attempts=2
        ),
    }
    progress = replace(progress, stages=stages).begin("ensure_dns_records", START)

    assert children("acme", progress) == {
        "observe_component/istiod": "acme:abcdef01:observe_component:istiod~2",
        "preflight": "acme:abcdef01:preflight",
    }


def test_budgets_come_from_the_plan_that_the_installation_started_with() -> None:
    """Its own pace and gates, whatever the app's settings are by now."""
    request = parse_request(sample())
    assert isinstance(request, InstallRequest)
    plan = build_plan(request, Settings(), attempt=1, submitted_at="2026-05-01T12:00:00Z")

    found = budgets(wire.encode(plan), GRACE)

    assert found.pace == plan.pace
    assert found.gates == {"approval": plan.approval_patience, "limits-set": plan.gate_patience}
    assert found.grace == GRACE


def test_what_is_told_names_stage_time_budget_and_remedy() -> None:
    """The same object in the API and in the log."""
    found = stuck(None, Sign(START), {}, ALLOWED, after(hours=1))

    assert found is not None
    assert found.told() == {
        "stage": "install",
        "since": "2026-05-01T12:00:00Z",
        "budgetSeconds": 0.0,
        "remedy": WORKER,
    }
