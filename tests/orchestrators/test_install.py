"""How an installation goes when all is well, and how it ends when somebody says no."""

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from durabletask.client import OrchestrationStatus

from model import results
from model.errors import Refusal
from model.finding import Finding, Findings
from model.outcome import Pending
from model.plan import InstallPlan
from tests.orchestrators.conftest import Engine, Stand


def test_a_good_day_ends_succeeded_with_every_stage_done(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """Each stage runs once, and the report says what was installed."""
    state = engine.install(plan, stand)

    assert state.runtime_status is OrchestrationStatus.COMPLETED, state.failure_details
    assert state.get_output()["state"] == "Succeeded"
    assert state.get_output()["applicationVersion"] == "5.7.0"
    status = state.get_custom_status()
    assert status["state"] == "Succeeded"
    assert {stage[0] for stage in status["stages"].values()} == {"done"}
    assert len(json.dumps(status)) < 4096  # a custom status beyond 16 KB fails its instance
    assert stand.asked["ensure_cluster"] == 1
    assert stand.asked["ensure_component"] == 2


def test_a_refusal_fails_the_install_at_once(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """A refusal is final: asked once, nothing after it, and the status names code and remedy."""
    stand.script("ensure_cluster", Refusal("request-invalid", "no such size", "choose another"))

    state = engine.install(plan, stand)

    assert state.runtime_status is OrchestrationStatus.FAILED
    failure = state.get_custom_status()["failure"]
    assert failure["code"] == "request-invalid"
    assert failure["stage"] == "ensure_cluster"
    assert failure["remedy"] == "choose another"
    assert stand.asked["ensure_cluster"] == 1
    assert stand.asked["observe_cluster"] == 0


@pytest.mark.parametrize(
    ("faults", "ends"),
    [
        pytest.param(4, OrchestrationStatus.COMPLETED, id="last-attempt-succeeds"),
        pytest.param(5, OrchestrationStatus.FAILED, id="attempts-run-out"),
    ],
)
def test_a_stumbling_cloud_is_asked_five_times(
    engine: Engine, stand: Stand, plan: InstallPlan, faults: int, ends: OrchestrationStatus
) -> None:
    """Faults, unlike refusals, are tried again until the stage's attempts run out."""
    stand.script(
        "ensure_cluster", *[OSError("dropped")] * faults, results.Made(resource_id="", changed=True)
    )

    state = engine.install(plan, stand)

    assert state.runtime_status is ends
    assert stand.asked["ensure_cluster"] == 5


@pytest.mark.parametrize(
    ("unseen", "code"),
    [pytest.param(4, None, id="seen-at-last"), pytest.param(5, "cluster-missing", id="never-seen")],
)
def test_a_no_that_may_pass_is_looked_at_again_and_keeps_its_code(
    engine: Engine, stand: Stand, plan: InstallPlan, unseen: int, code: str | None
) -> None:
    """Azure may show a cluster late that it accepted."""
    unsighted = Refusal("cluster-missing", "not to be seen", passing=True)
    facts = results.ClusterFacts(
        resource_id="id", fqdn="f", kubernetes_version="1.36.1", node_resource_group="MC"
    )
    stand.script("observe_cluster", *[unsighted] * unseen, facts)

    state = engine.install(plan, stand)

    failure = state.get_custom_status().get("failure")
    assert (failure["code"] if failure else None) == code
    assert stand.asked["observe_cluster"] == 5


def test_waiting_goes_on_in_a_history_of_its_own(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """Ninety looks leave the installation's own history as long as one look does."""
    busy = Pending(detail="Creating")
    facts = results.ClusterFacts(
        resource_id="id", fqdn="f", kubernetes_version="1.36.1", node_resource_group="MC"
    )
    stand.script("observe_cluster", *[busy] * 90, facts)

    state = engine.install(plan, stand)

    assert state.runtime_status is OrchestrationStatus.COMPLETED
    assert stand.asked["observe_cluster"] == 91
    assert len(engine.client.get_orchestration_history(plan.name)) < 300


def test_patience_ends_with_what_was_waited_for(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """A deadline is a failure with its own code, naming the last thing waited for."""
    stand.script("observe_cluster", *[Pending(detail="still Creating")] * 5000)
    pace = replace(plan.pace, deadlines={"observe_cluster": timedelta(seconds=0.5)})

    state = engine.install(replace(plan, pace=pace), stand)

    failure = state.get_custom_status()["failure"]
    assert failure["code"] == "deadline-exceeded"
    assert "still Creating" in failure["reason"]


def test_a_preflight_error_creates_nothing(engine: Engine, stand: Stand, plan: InstallPlan) -> None:
    """All checks run; the first error's code ends the installation before any ensure stage."""
    bad = Finding(rule="r", severity="error", code="request-invalid", found="bad", remedy="mend")
    stand.script("check_license", Findings(findings=(bad,)))

    state = engine.install(plan, stand)

    assert state.runtime_status is OrchestrationStatus.FAILED
    assert state.get_custom_status()["failure"]["stage"] == "preflight"
    assert stand.asked["check_compute"] == 1
    assert not [name for name in stand.asked if name.startswith("ensure")]


def test_a_check_that_breaks_is_a_finding_and_hides_no_other(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """Five faults of one check become an error finding of that check."""
    stand.script("check_network", *[OSError("dropped")] * 5)

    state = engine.install(plan, stand)

    assert state.get_custom_status()["failure"]["code"] == "stage-failed"
    assert stand.asked["check_egress"] == 1


def test_nothing_is_created_before_the_plan_is_approved(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """An approval of another plan decides nothing; that of this plan lets it go on."""
    plan = replace(plan, approval="beforeCreate")
    engine.start(plan, stand)
    engine.until(plan, lambda status: status["state"] == "WaitingForApproval")
    assert stand.asked["ensure_resource_group"] == 0

    engine.client.raise_orchestration_event(
        plan.name, "approve", data={"planHash": "other", "by": "eve"}
    )
    engine.client.raise_orchestration_event(
        plan.name, "approve", data={"planHash": plan.plan_hash, "by": "ada"}
    )

    state = engine.wait(plan)
    assert state.runtime_status is OrchestrationStatus.COMPLETED
    assert state.get_output()["approvedBy"] == "ada"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        pytest.param("reject", "approval-rejected", id="rejected"),
        pytest.param("", "approval-expired", id="expired"),
    ],
)
def test_a_plan_that_nobody_approves_ends_with_nothing_created(
    engine: Engine, stand: Stand, plan: InstallPlan, event: str, code: str
) -> None:
    """A rejection and the end of patience are refusals of the gate."""
    patience = timedelta(seconds=20 if event else 0.2)
    plan = replace(plan, approval="beforeCreate", approval_patience=patience)
    engine.start(plan, stand)
    if event:
        engine.until(plan, lambda status: status["state"] == "WaitingForApproval")
        engine.client.raise_orchestration_event(
            plan.name, event, data={"planHash": plan.plan_hash, "by": "ada"}
        )

    state = engine.wait(plan)

    assert state.get_custom_status()["failure"]["code"] == code
    assert stand.asked["ensure_resource_group"] == 0


@pytest.mark.parametrize("clean", [True, False], ids=["clean", "keep"])
def test_a_cancellation_ends_the_waiting_and_tells_what_is_left(
    engine: Engine, stand: Stand, plan: InstallPlan, clean: bool
) -> None:
    """Cancelled while Azure works: waits stop, rights are taken back, leftovers are told."""
    stand.script("observe_application", *[Pending(detail="rolling out", retry_after=1)] * 5000)
    plan = replace(plan, on_failure="clean" if clean else "keep")
    engine.start(plan, stand)
    engine.until(
        plan, lambda status: status["stages"].get("observe_application", [""])[0] == "waiting"
    )

    engine.client.raise_orchestration_event(plan.name, "cancel", data={})

    state = engine.wait(plan)
    assert state.runtime_status is OrchestrationStatus.COMPLETED
    assert state.get_output()["state"] == "Cancelled"
    assert state.get_output()["leftovers"]["resources"] == ["id"]
    assert stand.asked["remove_installer_access"] == 1
    assert stand.asked["remove_resource_group"] == clean
    child = engine.client.wait_for_orchestration_completion(
        f"{plan.name}:{plan.run_id}:observe_application", timeout=10
    )
    assert child is not None
    assert child.runtime_status is OrchestrationStatus.COMPLETED


@pytest.mark.parametrize("first", [(), (Pending(detail="busy", retry_after=0),)], ids=str)
def test_what_is_being_made_at_a_cancellation_is_made_before_its_removal(
    engine: Engine, stand: Stand, plan: InstallPlan, first: tuple[Pending, ...]
) -> None:
    """An activity goes on when nobody waits for it: rights granted late would never be removed."""
    order: list[str] = []
    making, removed = threading.Event(), threading.Event()

    def make() -> None:
        making.set()
        removed.wait(1)  # long enough for a removal that does not wait for us
        order.append("made")

    def remove() -> None:
        order.append("removed")
        removed.set()

    stand.script("ensure_application", *first, make)
    stand.script("remove_installer_access", remove)
    engine.start(plan, stand)
    assert making.wait(20)

    engine.client.raise_orchestration_event(plan.name, "cancel", data={})

    assert engine.wait(plan).get_output()["state"] == "Cancelled"
    assert order == ["made", "removed"]


def test_names_are_published_while_the_application_rolls_out(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """DNS does not wait for the application: both are under way at once."""
    rolling = Pending(detail="rolling out")
    job = results.JobDone(job="job", detail="ready", version="5.7.0")
    stand.script("observe_application", *[rolling] * 30, results.JobEnded(done=job, failed=None))

    engine.install(plan, stand)

    order = [name for name, _ in stand.requests]
    last_look = len(order) - 1 - order[::-1].index("observe_application")
    assert order.index("observe_dns_records") < last_look


def test_a_job_that_gave_up_is_followed_by_another(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """The second Job has its own attempt number, and so its own name."""
    gave_up = results.JobEnded(
        done=None, failed=results.JobFailed(job="job", detail="license server down")
    )
    done = results.JobDone(job="job", detail="ready", version="5.7.0")
    stand.script(
        "observe_application",
        gave_up,
        Pending(detail="x"),
        results.JobEnded(done=done, failed=None),
    )

    state = engine.install(plan, stand)

    assert state.runtime_status is OrchestrationStatus.COMPLETED
    attempts = [spec.job.attempt for name, spec in stand.requests if name == "ensure_application"]
    assert attempts == [1, 2]


def test_jobs_that_give_up_three_times_fail_with_the_last_reason(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """After three Jobs the installation fails and the installer's rights are gone."""
    gave_up = results.JobEnded(
        done=None, failed=results.JobFailed(job="job", detail="license server down")
    )
    stand.script("observe_application", *[gave_up] * 3)

    state = engine.install(plan, stand)

    failure = state.get_custom_status()["failure"]
    assert failure["code"] == "application-failed"
    assert "license server down" in failure["reason"]
    assert stand.asked["remove_installer_access"] == 1


def test_limits_by_hand_wait_for_a_person(engine: Engine, stand: Stand, plan: InstallPlan) -> None:
    """The gate shows what to type; the event lets the installation go on."""
    stand.script(
        "ensure_limits",
        results.Limits(
            pods=396, volumes=57, baseline_pods=97, applied=(), instructions="type 396 and 57"
        ),
    )
    engine.start(plan, stand)
    status = engine.until(plan, lambda status: "todo" in status.get("notes", {}))
    assert "396" in status["notes"]["todo"]

    engine.client.raise_orchestration_event(plan.name, "limits-set", data={"by": "ada"})

    assert engine.wait(plan).runtime_status is OrchestrationStatus.COMPLETED


def test_a_gate_that_nobody_passes_fails_with_the_instructions(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """The end of a gate's patience is a deadline whose remedy is the instruction."""
    stand.script(
        "ensure_limits",
        results.Limits(pods=396, volumes=57, baseline_pods=97, applied=(), instructions="type 396"),
    )

    state = engine.install(replace(plan, gate_patience=timedelta(seconds=0.2)), stand)

    failure = state.get_custom_status()["failure"]
    assert (failure["code"], failure["remedy"]) == ("deadline-exceeded", "type 396")
