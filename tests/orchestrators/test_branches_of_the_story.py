"""The chapters that only some plans have: own network, manual DNS, and how things break midway."""

from dataclasses import replace

import pytest
from durabletask.client import OrchestrationStatus

from model import results
from model.errors import Refusal
from model.finding import Finding, Findings
from model.outcome import Pending
from model.plan import InstallPlan, NetworkSpec
from model.results import Leftovers
from tests.orchestrators.conftest import Engine, Stand

ERROR = Finding(rule="r", severity="error", code="license-expired", found="bad", remedy="renew")


def with_network(plan: InstallPlan) -> InstallPlan:
    network = NetworkSpec(
        group=plan.group,
        virtual_network="vnet",
        subnet="nodes",
        address_space="10.1.0.0/16",
        subnet_prefix="10.1.0.0/20",
    )
    return replace(plan, network=network, cluster=replace(plan.cluster, subnet_id="subnet"))


def test_a_network_of_our_own_stands_before_the_cluster_is_asked_for(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """Network, cluster, role on the subnet, in this order."""
    engine.install(with_network(plan), stand)

    order = [name for name, _ in stand.requests]
    wanted = ["observe_network", "ensure_cluster", "ensure_subnet_access", "observe_cluster"]
    assert [name for name in order if name in wanted] == wanted


def test_manual_dns_shows_the_records_until_they_resolve(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """The status lists what to create, and forgets it once the names resolve."""
    plan = replace(plan, domain=replace(plan.domain, mode="manual"))
    records = results.DnsRecords(records=(), written=0)
    stand.script("observe_dns_records", *[Pending(detail="NXDOMAIN", retry_after=1)] * 2, records)
    engine.start(plan, stand)

    status = engine.until(plan, lambda status: "dnsRecords" in status.get("notes", {}))
    assert status["notes"]["dnsRecords"] == ["dash.example.com A 20.1.2.3"]

    ended = engine.wait(plan)
    assert ended.runtime_status is OrchestrationStatus.COMPLETED
    assert "notes" not in ended.get_custom_status()


def test_a_person_may_vouch_for_names_that_we_cannot_resolve(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """The event dns-ready ends the wait for resolution, and the status says so."""
    plan = replace(plan, domain=replace(plan.domain, mode="manual"))
    stand.script("observe_dns_records", *[Pending(detail="NXDOMAIN", retry_after=1)] * 5000)
    engine.start(plan, stand)
    engine.until(
        plan, lambda status: status["stages"].get("observe_dns_records", [""])[0] == "waiting"
    )

    engine.client.raise_orchestration_event(plan.name, "dns-ready", data={"by": "ada"})

    ended = engine.wait(plan)
    assert ended.runtime_status is OrchestrationStatus.COMPLETED
    word = ended.get_custom_status()["stages"]["observe_dns_records"][-1]
    assert word == "taken on the word of ada"
    assert f"not seen to resolve; {word}" in [e["proof"] for e in ended.get_output()["evidence"]]


def test_an_ensure_stage_may_ask_to_come_back_later(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """A throttled write waits like any look, and is then done."""
    made = results.Made(resource_id="id", changed=True)
    stand.script("ensure_resource_group", Pending(detail="429", retry_after=0), made)

    assert engine.install(plan, stand).runtime_status is OrchestrationStatus.COMPLETED
    assert stand.asked["ensure_resource_group"] == 2


def test_a_refusal_during_a_wait_ends_it(engine: Engine, stand: Stand, plan: InstallPlan) -> None:
    """A cluster that fails late is a refusal of the stage that watched it."""
    stand.script(
        "observe_cluster",
        Pending(detail="Creating"),
        Refusal("request-invalid", "AllocationFailed"),
    )

    failure = engine.install(plan, stand).get_custom_status()["failure"]

    assert (failure["stage"], failure["code"]) == ("observe_cluster", "request-invalid")


def test_faults_during_a_wait_run_out_like_any_others(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """Five faults in one look end the wait with code stage-failed."""
    stand.script("observe_cluster", Pending(detail="Creating"), *[OSError("dropped")] * 5)

    failure = engine.install(plan, stand).get_custom_status()["failure"]

    assert failure["code"] == "stage-failed"
    assert "dropped" in failure["reason"]


def test_a_wait_that_an_operator_terminates_fails_the_installation(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """Ending a waiting orchestration by hand is a failure with a reason, not a hang."""
    stand.script("observe_cluster", *[Pending(detail="Creating", retry_after=1)] * 5000)
    engine.start(plan, stand)
    engine.until(plan, lambda status: status["stages"].get("observe_cluster", [""])[0] == "waiting")

    engine.client.terminate_orchestration(f"{plan.name}:{plan.run_id}:observe_cluster")

    ended = engine.wait(plan)
    assert ended.runtime_status is OrchestrationStatus.FAILED
    assert ended.get_custom_status()["failure"]["code"] == "stage-failed"


def test_trouble_while_tidying_hides_nothing_of_the_first_failure(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """The failure stays that of the stage that ended the installation."""
    stand.script("observe_application", Refusal("request-invalid", "no"))
    stand.script("remove_installer_access", Refusal("request-invalid", "cannot tidy"))

    ended = engine.install(plan, stand)

    assert ended.get_custom_status()["failure"]["reason"] == "no"
    assert ended.get_custom_status()["stages"]["remove_installer_access"][0] == "refused"


def test_a_component_that_cannot_be_installed_fails_with_its_own_code(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """Three Jobs of one component give up: the code names components, the stage the component."""
    gave_up = results.JobEnded(done=None, failed=None)
    stand.script("observe_component", *[gave_up] * 3)

    failure = engine.install(plan, stand).get_custom_status()["failure"]

    assert failure["code"] == "component-failed"


def test_a_cancellation_before_anything_was_made_leaves_nothing_to_tidy(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """Cancelled at the approval gate: no removal is tried, and nothing is left."""
    plan = replace(plan, approval="beforeCreate")
    engine.start(plan, stand)
    engine.until(plan, lambda status: status["state"] == "WaitingForApproval")

    engine.client.raise_orchestration_event(plan.name, "cancel", data={"clean": True})

    ended = engine.wait(plan)
    assert ended.get_output()["state"] == "Cancelled"
    assert ended.get_output()["leftovers"] is None
    assert stand.asked["remove_resource_group"] == 0


@pytest.mark.parametrize("clean", [True, False], ids=["clean", "keep"])
def test_a_cancelled_second_attempt_tells_what_the_first_one_left(
    engine: Engine, stand: Stand, plan: InstallPlan, clean: bool
) -> None:
    """It made nothing itself; only a person's own word removes what an earlier attempt made."""
    plan = replace(plan, approval="beforeCreate", attempt=2, on_failure="clean")
    engine.start(plan, stand)
    engine.until(plan, lambda status: status["state"] == "WaitingForApproval")

    engine.client.raise_orchestration_event(plan.name, "cancel", data={"clean": clean})

    ended = engine.wait(plan)
    assert ended.get_output()["leftovers"]["resources"] == ["id"]
    assert stand.asked["remove_resource_group"] == clean


def test_a_refused_second_attempt_touches_nothing(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """What the first attempt made may be in use; a failed check is no reason to remove it."""
    plan = replace(plan, attempt=2, on_failure="clean")
    stand.script("check_license", Findings(findings=(ERROR,)))

    engine.install(plan, stand)

    assert stand.asked["remove_resource_group"] == 0
    assert stand.asked["observe_leftovers"] == 0


def test_a_failed_installation_tells_what_is_left_and_what_was_removed(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """It has no output, so its status tells it."""
    plan = replace(plan, on_failure="clean")
    stand.script(
        "observe_leftovers",
        Leftovers(resources=("group", "cluster"), busy=()),
        Leftovers(resources=("group",), busy=("group is Deleting",)),
    )
    stand.script("ensure_application", Refusal("kubernetes-forbidden", "no"))

    status = engine.install(plan, stand).get_custom_status()

    assert status["state"] == "Failed"
    assert status["failure"]["code"] == "kubernetes-forbidden"
    assert status["notes"]["leftovers"] == {
        "resources": ["group"],
        "busy": ["group is Deleting"],
        "removed": ["cluster"],
    }


def test_a_clean_up_goes_on_when_one_of_its_steps_is_refused(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """A cluster that answers no more keeps nobody from removing its group."""
    plan = replace(plan, on_failure="clean")
    stand.script("ensure_application", Refusal("kubernetes-forbidden", "no"))
    stand.script("remove_installer_access", Refusal("kubernetes-forbidden", "no"))

    status = engine.install(plan, stand).get_custom_status()

    assert stand.asked["remove_resource_group"] == 1
    assert stand.asked["observe_removal"] == 1
    assert status["stages"]["remove_installer_access"][0] == "refused"
    assert status["failure"]["stage"] == "ensure_application"


def test_a_refused_removal_is_not_waited_for_and_what_exists_is_told(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """A lock on the group: everything is still there, and the status says so."""
    plan = replace(plan, on_failure="clean")
    stand.script("ensure_application", Refusal("kubernetes-forbidden", "no"))
    stand.script("remove_resource_group", Refusal("azure-refused", "ScopeLocked"))

    status = engine.install(plan, stand).get_custom_status()

    assert stand.asked["observe_removal"] == 0
    assert status["stages"]["remove_resource_group"][0] == "refused"
    assert status["notes"]["leftovers"]["resources"] == ["id"]
    assert status["notes"]["leftovers"]["removed"] == []
