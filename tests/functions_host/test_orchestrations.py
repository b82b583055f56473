"""Orchestrations, driven over HTTP as the app's callers do."""

import json
import re
import time
import uuid

import pytest

from tests.functions_host.hosting import Host, eventually


def test_timer_activity_child_and_event_make_one_orchestration(bakery: Host) -> None:
    """Everything that an orchestrator can wait for arrives, and a child knows its parent."""
    key = bakery.start("bake", 21)
    eventually(
        lambda: bakery.manage("GET", f"/instances/{key}").json()["customStatus"] is not None,
        "status",
    )
    assert bakery.call("POST", f"/api/steer/{key}/event/taste", json="fine").status_code == 202

    done = bakery.result(key)

    assert done["status"] == "COMPLETED"
    assert done["output"] == {"loaves": 42, "crust": 84, "parent": key, "taste": "fine"}
    assert done["custom"] == {"oven": "off"}


def test_an_event_that_comes_early_is_kept(bakery: Host) -> None:
    """An event raised before the orchestrator waits for it is not lost."""
    key = bakery.start("bake", 1)
    bakery.call("POST", f"/api/steer/{key}/event/taste", json=["early"])

    assert bakery.result(key)["output"]["taste"] == ["early"]


def test_many_activities_run_and_are_collected(bakery: Host) -> None:
    """A fan-out of thirty comes back complete."""
    assert bakery.result(bakery.start("fan", 30))["output"] == sum(2 * i for i in range(30))


def test_timers_of_an_earlier_round_do_not_disturb_a_later_one(bakery: Host) -> None:
    """After continue-as-new a left-over timer with the same id is not taken for a new one."""
    began = time.monotonic()

    assert bakery.result(bakery.start("rounds", 0))["output"] == 4
    assert time.monotonic() - began > 0.5


@pytest.mark.parametrize(
    "route", [pytest.param("wait", id="async"), pytest.param("wait-sync", id="sync")]
)
def test_both_clients_wait_without_blocking_the_host(bakery: Host, route: str) -> None:
    """A client that waits inside a function leaves room for the work that it waits for."""
    key = bakery.start("quick", 4)

    assert bakery.call("GET", f"/api/{route}/{key}").json()["output"] == 8


def test_a_coroutine_that_blocks_on_the_task_hub_is_served(bakery: Host) -> None:
    """The task hub answers a synchronous call made from the app's event loop."""
    key = bakery.start("quick", 4)

    assert bakery.call("GET", f"/api/blocked/{key}").json() is True


def test_a_retried_activity_succeeds_in_the_end(bakery: Host) -> None:
    """Two faults, then an answer: three runs."""
    name = f"3-{uuid.uuid4().hex}"

    assert bakery.result(bakery.start("patient", name))["output"] == "stood up"
    assert len(bakery.call("GET", f"/api/runs/{name}").json()) == 3


def test_a_failed_activity_fails_its_orchestration_with_type_and_text(bakery: Host) -> None:
    """The failure says what was raised and what it said."""
    done = bakery.result(bakery.start("fragile", "9-a"))

    assert done["status"] == "FAILED"
    assert "dough on the floor: 9-a" in done["failure"][1]


def test_a_failed_child_is_seen_by_its_parent(bakery: Host) -> None:
    """The parent gets the child's own failure and may go on."""
    done = bakery.result(bakery.start("outer", "9-b"))

    assert done["status"] == "COMPLETED"
    assert "dough on the floor: 9-b" in done["output"][1]


def test_a_missing_activity_fails_the_orchestration(bakery: Host) -> None:
    """An activity that the app does not have is named in the failure."""
    done = bakery.result(bakery.start("nobody"))

    assert done["status"] == "FAILED"
    assert "does_not_exist" in done["failure"][1]


def test_a_missing_orchestrator_fails_the_instance(bakery: Host) -> None:
    """An orchestrator that the app does not have fails, instead of waiting for ever."""
    assert bakery.result(bakery.start("unheard_of"))["status"] == "FAILED"


def test_what_is_not_json_does_not_cross(bakery: Host) -> None:
    """A dataclass as an activity's answer fails, as it does on Azure."""
    assert bakery.result(bakery.start("object_result"))["status"] == "FAILED"


def test_the_default_version_is_given_to_new_instances(bakery: Host) -> None:
    """``defaultVersion`` of host.json, unless the caller names one that may run here."""
    assert bakery.result(bakery.start("versioned"))["output"] == "1.5"
    assert bakery.result(bakery.start("versioned", version="1.2"))["output"] == "1.2"


def test_a_newer_version_waits_for_newer_code(bakery: Host) -> None:
    """``CurrentOrOlder`` with ``Reject``: the instance stays pending."""
    key = bakery.start("versioned", version="2.0")
    bakery.result(bakery.start("versioned"))

    assert bakery.manage("GET", f"/instances/{key}").json()["runtimeStatus"] == "Pending"


def test_a_scheduled_start_waits_for_its_time(bakery: Host) -> None:
    """An instance with a start time is pending until then."""
    began = time.monotonic()
    key = bakery.start("quick", 2, delay=1)

    assert bakery.manage("GET", f"/instances/{key}").json()["runtimeStatus"] == "Pending"
    assert bakery.result(key)["output"] == 4
    assert time.monotonic() - began >= 0.9


def test_an_ended_id_can_be_started_again_but_a_running_one_not(bakery: Host) -> None:
    """As on Azure: a second start of a running instance fails, of an ended one replaces it."""
    key = f"again-{uuid.uuid4().hex}"
    bakery.result(bakery.start(f"quick/{key}", 1))
    assert bakery.result(bakery.start(f"quick/{key}", 5))["output"] == 10
    running = bakery.start("nap", 30)

    assert bakery.call("POST", f"/api/start/nap/{running}", json=30).status_code == 500


def test_a_suspended_instance_goes_on_after_resume(bakery: Host) -> None:
    """Events wait while it is suspended and are seen after it is resumed."""
    key = bakery.start("bake", 1)
    bakery.call("POST", f"/api/steer/{key}/suspend")
    status = lambda: bakery.manage("GET", f"/instances/{key}").json()["runtimeStatus"]  # noqa: E731
    eventually(lambda: status() == "Suspended", "suspension")
    bakery.call("POST", f"/api/steer/{key}/event/taste", json="late")
    bakery.call("POST", f"/api/steer/{key}/resume")

    assert bakery.result(key)["output"]["taste"] == "late"


def test_termination_takes_the_children_along(bakery: Host) -> None:
    """Recursive termination ends a parent and its child at once, also a suspended parent."""
    key = bakery.start("napping", 60)
    eventually(
        lambda: bakery.manage("GET", f"/instances/{key}-child").status_code == 202, "the child"
    )
    bakery.call("POST", f"/api/steer/{key}/suspend")
    bakery.call("POST", f"/api/steer/{key}/terminate")

    assert bakery.result(key)["status"] == "TERMINATED"
    assert bakery.result(f"{key}-child")["status"] == "TERMINATED"


def test_a_failed_instance_is_rewound(bakery: Host) -> None:
    """Rewind runs the failed activity again and keeps what went well."""
    key = bakery.start("fragile", f"2-{uuid.uuid4().hex}")
    assert bakery.result(key)["status"] == "FAILED"
    bakery.call("POST", f"/api/steer/{key}/rewind")

    eventually(lambda: bakery.result(key)["status"] == "COMPLETED", "the rewind")


def test_restart_and_purge(bakery: Host) -> None:
    """Restart makes a new instance with the old input; purge removes one."""
    key = bakery.start("quick", 6)
    bakery.result(key)
    again = bakery.call("POST", f"/api/steer/{key}/restart").json()

    assert again != key
    assert bakery.result(again)["output"] == 12
    assert bakery.call("POST", f"/api/steer/{key}/purge").json() == 1
    assert bakery.manage("GET", f"/instances/{key}").status_code == 404


def test_logs_have_the_hosts_form_and_follow_its_levels(bakery: Host) -> None:
    """Lines are ``[time] text``; a function's level in host.json hides what is below it."""
    key = bakery.start("hushed")
    bakery.result(key)
    eventually(lambda: any(f"loud {key}" in line for line in bakery.lines), "the warning")

    assert any(re.fullmatch(rf"\[[^\]]+Z\] loud {key}", line) for line in bakery.lines)
    assert not any(f"quiet {key}" in line for line in bakery.lines)
    started = f"Starting new 'hushed' instance with ID = '{key}'."
    assert any(re.fullmatch(rf"\[[^\]]+Z\] {re.escape(started)}", line) for line in bakery.lines)
    assert not any(f"{key}: Orchestration hushed completed" in line for line in bakery.lines)


def test_histories_show_entity_calls_as_azure_storage_keeps_them(bakery: Host) -> None:
    """An entity operation is a sent message, its answer a raised event with a result in it."""
    key = bakery.start("locked", f"history-{uuid.uuid4().hex}")
    bakery.result(key)
    events = bakery.call("GET", f"/api/history/{key}").json()

    sent = [json.loads(text) for kind, text in events if kind == "EventSentEvent"]
    raised = [json.loads(text) for kind, text in events if kind == "EventRaisedEvent"]
    assert [s["op"] for s in sent] == ["get", "set", "get"]
    assert [r["result"] for r in raised] == ["0", None, "1"]
