"""What an installation that does not succeed removes, keeps and tells."""

from dataclasses import replace

from model.errors import Refusal
from model.finding import CLUSTER_IS_OURS, Findings, info
from model.plan import InstallPlan, LastSuccess
from tests.orchestrators.conftest import Engine, Stand

_BEFORE = LastSuccess(
    run_id="0" * 8, plan_hash="0" * 16, ended_at="2026-05-01T12:00:00Z", endpoints={}
)


def test_an_installation_that_succeeded_before_is_not_removed_by_a_later_failure(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """People use it; only a person's own word removes it, and the status says so."""
    plan = replace(plan, attempt=2, on_failure="clean", succeeded=_BEFORE)
    stand.script("ensure_cluster", Refusal("cluster-differs", "another size"))

    status = engine.install(plan, stand).get_custom_status()

    assert status["state"] == "Failed"
    assert stand.asked["remove_resource_group"] == 0
    assert _BEFORE.ended_at in status["notes"]["kept"]
    assert status["notes"]["leftovers"]["resources"] == ["id"]


def test_a_cluster_that_was_there_before_the_first_run_is_not_removed_by_its_failure(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """A task hub forgets; the cluster may have been in use for a year."""
    plan = replace(plan, on_failure="clean")
    stand.script("check_ownership", Findings(findings=(info(CLUSTER_IS_OURS, "ours"),)))
    stand.script("ensure_application", Refusal("kubernetes-forbidden", "no"))

    status = engine.install(plan, stand).get_custom_status()

    assert stand.asked["remove_resource_group"] == 0
    assert "was there before" in status["notes"]["kept"]


def test_a_persons_own_word_removes_what_succeeded_before(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """Cancelled with ``clean`` at the gate of a later run; who did it, and where, is told."""
    plan = replace(plan, approval="beforeCreate", attempt=2, succeeded=_BEFORE)
    engine.start(plan, stand)
    engine.until(plan, lambda status: status["state"] == "WaitingForApproval")

    told = {"clean": True, "by": "ada"}
    engine.client.raise_orchestration_event(plan.name, "cancel", data=told)

    status = engine.wait(plan).get_custom_status()
    assert stand.asked["remove_resource_group"] == 1
    assert status["failure"]["stage"] == "approval"
    assert status["failure"]["reason"] == "ada cancelled it"


def test_a_rejection_says_who_and_why(engine: Engine, stand: Stand, plan: InstallPlan) -> None:
    """The next request is changed by it."""
    plan = replace(plan, approval="beforeCreate")
    engine.start(plan, stand)
    engine.until(plan, lambda status: status["state"] == "WaitingForApproval")

    told = {"planHash": plan.plan_hash, "by": "ada", "reason": "too large"}
    engine.client.raise_orchestration_event(plan.name, "reject", data=told)

    status = engine.wait(plan).get_custom_status()
    assert status["failure"]["reason"] == "ada rejected the plan: too large"
