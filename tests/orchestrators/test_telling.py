"""What the story tells of itself: once, in one trace, with orchestration time and codes."""

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from durabletask.client import OrchestrationState

from model import telemetry as names
from model import wire
from model.errors import Refusal
from model.origin import Origin
from model.outcome import Pending
from model.plan import InstallPlan
from model.progress import Progress
from model.results import JobEnded, JobFailed
from model.waiting import Wait
from orchestrators._run import STOP_WAITING, WAIT_FOR_STAGE
from orchestrators._telling import Telling
from orchestrators.preflight import PREFLIGHT, PreflightInput
from tests.orchestrators.conftest import Engine, Stand
from tests.orchestrators.plans import QUICK
from tests.telemetry.rows import Rows

if TYPE_CHECKING:
    from durabletask import task

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def rows() -> Rows:
    return Rows()


def ended(engine: Engine, instance: str) -> OrchestrationState:
    state = engine.client.wait_for_orchestration_completion(instance, timeout=30)
    assert state is not None
    return state


@dataclass
class Turn:
    """One turn of an orchestration, as far as telling looks at it."""

    is_replaying: bool
    current_utc_datetime: datetime = NOON


def tell_everything(turn: Turn, name: str) -> None:
    """A stage that waits, fails with a code, and a run that fails with it."""
    key = f"ensure_cluster/{name}"
    origin = Origin(installation=name, run_id="r", attempt=1, subscription="s")
    telling = Telling(cast("task.OrchestrationContext", turn), origin)
    telling.installation_began()
    begun = Progress(run_id="r", attempt=1, plan_hash="h", started_at=NOON)
    running = begun.begin(key, NOON)
    telling.changed(begun, running)
    turn.current_utc_datetime = NOON + timedelta(seconds=10)
    waiting = running.wait(key, "Creating")
    telling.changed(running, waiting)
    telling.fault(telling.at(key), "waiting")
    turn.current_utc_datetime = NOON + timedelta(seconds=70)
    end = waiting.end(key, "failed", turn.current_utc_datetime)
    telling.changed(waiting, end, "deadline-exceeded")
    failed = replace(end, state="Failed", failure={"code": "deadline-exceeded"})
    telling.installation_ended(failed)


def test_a_replay_tells_nothing(rows: Rows) -> None:
    """What was told when it happened is not told again."""
    tell_everything(Turn(is_replaying=True), "replayed")

    assert rows.spans(names.SPAN_INSTALLATION, installation="replayed") == []
    assert rows.spans(names.SPAN_STAGE, installation="replayed") == []
    assert [rows.events(name, installation="replayed") for name in names.EVENTS] == [[]] * 8
    told = {names.STAGE: "ensure_cluster/replayed"}
    assert rows.metrics(names.STAGE_DURATION, **told) == rows.metrics(names.FAULTS, **told) == []


def test_a_failure_is_told_with_its_code_in_orchestration_time(rows: Rows) -> None:
    """Spans, events and metrics agree; the clock of the machine is nowhere."""
    tell_everything(Turn(is_replaying=False), "broken")

    [run] = rows.spans(names.SPAN_INSTALLATION, installation="broken")
    [stage] = rows.spans(names.SPAN_STAGE, installation="broken")
    assert (run["timestamp"], run["duration"]) == (NOON.isoformat(), 70_000)
    assert (stage["timestamp"], stage["duration"]) == (NOON.isoformat(), 70_000)
    assert (run["success"], stage["success"]) == (False, False)
    assert run["customDimensions"][names.STATE] == "Failed"
    assert run["customDimensions"][names.CODE] == "deadline-exceeded"
    assert stage["customDimensions"][names.CODE] == "deadline-exceeded"
    faults = rows.events(names.STAGE_FAULT, installation="broken")
    told = [(f["customDimensions"]["state"], f["customDimensions"]["code"]) for f in faults]
    assert told == [("waiting", "stage-failed"), ("failed", "deadline-exceeded")]
    counted = {
        m["customDimensions"]["code"]: m["value"]
        for m in rows.metrics(names.FAULTS, stage="ensure_cluster/broken")
    }
    assert counted == {"stage-failed": 1, "deadline-exceeded": 1}
    [lasted] = rows.metrics(names.STAGE_DURATION, stage="ensure_cluster/broken")
    [waited] = rows.metrics(names.STAGE_WAITING, stage="ensure_cluster/broken")
    assert (lasted["value"], waited["value"]) == (70, 60)


def test_two_workers_name_the_same_span_alike(rows: Rows) -> None:
    """A turn that is repeated because its worker died tells the same ids: one can tell them."""
    for _ in range(2):
        tell_everything(Turn(is_replaying=False), "twice")

    runs = rows.spans(names.SPAN_INSTALLATION, installation="twice")
    stages = rows.spans(names.SPAN_STAGE, installation="twice")
    assert [len(runs), len(stages)] == [2, 2]
    assert len({row["id"] for row in runs}) == len({row["id"] for row in stages}) == 1
    assert {row["operation_ParentId"] for row in stages} == {runs[0]["id"]}
    assert runs[0]["operation_ParentId"] == ""


def test_an_installation_that_waits_and_stumbles_is_told_once_per_stage(
    engine: Engine, stand: Stand, plan: InstallPlan, rows: Rows
) -> None:
    """However often it is replayed; a fault in a wait counts for the stage that waits."""
    stand.script("observe_cluster", *[Pending(detail="Creating")] * 3, OSError("dropped"))

    engine.install(plan, stand)

    [run] = rows.spans(names.SPAN_INSTALLATION, installation=plan.name)
    stages = rows.spans(names.SPAN_STAGE, installation=plan.name)
    keys = [row["customDimensions"][names.STAGE] for row in stages]
    assert len(set(keys)) == len(keys)
    assert {row["operation_Id"] for row in stages} == {run["operation_Id"]}
    [fault] = rows.events(names.STAGE_FAULT, installation=plan.name)
    assert fault["customDimensions"][names.STAGE] == "observe_cluster"
    assert fault["customDimensions"][names.STATE] == "waiting"


def test_an_activity_is_told_whose_look_it_is(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """Each look of a wait has the next number, in the child's history too."""
    stand.script("observe_cluster", *[Pending(detail="Creating")] * 2, OSError("dropped"))

    engine.install(plan, stand)

    looks = [o for o in stand.origins if o is not None and o.stage == "observe_cluster"]
    assert [(o.installation, o.run_id, o.attempt) for o in looks] == [
        (plan.name, plan.run_id, plan.attempt)
    ] * 4
    assert [o.look for o in looks] == [1, 2, 3, 3]  # what met a fault is looked at again
    assert {o.subscription for o in looks} == {plan.group.subscription_id}


def test_a_refusal_ends_stage_and_run_with_its_code(
    engine: Engine, stand: Stand, plan: InstallPlan, rows: Rows
) -> None:
    """The stage is refused, the run failed; what was not reached is not told."""
    stand.script("ensure_cluster", Refusal("request-invalid", "no such size"))

    engine.install(plan, stand)

    [stage] = rows.spans(names.SPAN_STAGE, installation=plan.name, stage="ensure_cluster")
    assert stage["customDimensions"][names.STATE] == "refused"
    assert stage["customDimensions"][names.CODE] == "request-invalid"
    [run] = rows.events(names.INSTALLATION_ENDED, installation=plan.name)
    assert run["customDimensions"][names.STATE] == "Failed"
    assert run["customDimensions"][names.CODE] == "request-invalid"
    assert rows.events(names.STAGE_BEGAN, installation=plan.name, stage="observe_cluster") == []


def test_jobs_that_give_up_are_told_with_the_code_that_ends_the_run(
    engine: Engine, stand: Stand, plan: InstallPlan, rows: Rows
) -> None:
    """Each Job is a use of its stage; the stage itself saw what it wanted to see."""
    gave_up = JobEnded(done=None, failed=JobFailed(job="install", detail="no license"))
    stand.script("observe_application", *[gave_up] * 3)

    engine.install(plan, stand)

    uses = rows.spans(names.SPAN_STAGE, installation=plan.name, stage="observe_application")
    assert len({use["id"] for use in uses}) == 3
    [fault] = rows.events(names.STAGE_FAULT, installation=plan.name)
    assert fault["customDimensions"][names.CODE] == "application-failed"


def test_a_preflight_alone_is_a_trace_of_its_own_and_ends_what_it_stops(
    engine: Engine, stand: Stand, plan: InstallPlan, rows: Rows
) -> None:
    """Its stages are told under the installation's name; stopped ones too."""
    stand.script("check_license", *[Pending(detail="vault busy", retry_after=60)] * 2)
    engine.stands[plan.name] = stand
    asked = PreflightInput(checks=plan.checks, pace=plan.pace, plan_hash="h", run_id="alone")
    child = f"{plan.name}:alone"
    engine.client.schedule_new_orchestration(PREFLIGHT, input=wire.encode(asked), instance_id=child)
    waiting: list[Any] = []
    while not waiting:
        state = engine.client.get_orchestration_state(child)
        status: dict[str, Any] = (state and state.get_custom_status()) or {}
        waiting = [s for s in status.get("stages", {}).values() if s[0] == "waiting"]
        threading.Event().wait(0.01)

    engine.client.raise_orchestration_event(child, STOP_WAITING)

    assert ended(engine, child).get_output() == {"findings": []}
    [stopped] = rows.spans(names.SPAN_STAGE, installation=plan.name, state="stopped")
    assert stopped["customDimensions"][names.STAGE] == "check_license"
    assert rows.spans(names.SPAN_INSTALLATION, installation=plan.name) == []


def test_a_wait_that_an_older_version_began_goes_on_and_tells_nothing(
    engine: Engine, stand: Stand, plan: InstallPlan, rows: Rows
) -> None:
    """Its request does not say whose it is; a fault in it is survived all the same."""
    engine.stands[plan.name] = stand
    stand.script("observe_cluster", OSError("dropped"))
    wait = Wait(
        stage="observe_cluster",
        request=wire.encode(plan.cluster),
        pace=QUICK,
        since=datetime.now(UTC).replace(tzinfo=None).isoformat(),
        deadline=timedelta(minutes=1),
        looks=1,
        detail="",
        retry_after=None,
    )
    child = f"{plan.name}:old"
    engine.client.schedule_new_orchestration(
        WAIT_FOR_STAGE, input=wire.encode(wait), instance_id=child
    )

    assert "done" in ended(engine, child).get_output()
    assert rows.events(names.STAGE_FAULT) == []
    assert stand.origins == [None, None]
