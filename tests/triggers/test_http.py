"""The HTTP API over a hub in memory: what each call starts, tells, raises and refuses."""

import json
from dataclasses import replace
from typing import Any

import pytest
from durabletask.client import OrchestrationStatus
from durabletask.task import FailureDetails

from model.progress import encode
from model.settings import Settings
from tests.model.samples import sample
from tests.triggers.calls import BASE, START, Api, custom, document, encoded_plan, progress
from tests.triggers.hub import RUNNING, state
from triggers._installations import INSTALL, PREFLIGHT

NAME = sample()["name"]
STATUS_URL = f"{BASE}/installations/{NAME}"
COMPLETED, FAILED = OrchestrationStatus.COMPLETED, OrchestrationStatus.FAILED


@pytest.fixture
def api() -> Api:
    """An app with an empty hub."""
    return Api()


def add(api: Api, status: OrchestrationStatus = RUNNING, **facts: Any) -> dict[str, Any]:
    """Put the sample's installation into the hub; its plan."""
    plan = encoded_plan()
    facts = {"input": plan, "custom": custom(plan, **facts.pop("progress", {})), **facts}
    api.hub.add(state(NAME, INSTALL, status, **facts))
    return plan


def test_a_post_starts_one_installation_under_its_own_name(api: Api) -> None:
    """202, where to look, when to look; the plan is the input."""
    answer = api.call("post_installation", sample())

    assert answer.status_code == 202
    assert answer.headers["Location"] == STATUS_URL
    assert answer.headers["Retry-After"] == "5"
    started = api.hub.instances[NAME]
    assert (started.name, started.get_input()["attempt"]) == (INSTALL, 1)


@pytest.mark.parametrize(
    "status",
    [RUNNING, OrchestrationStatus.PENDING, OrchestrationStatus.SUSPENDED],
    ids=lambda status: status.name,
)
def test_a_post_while_it_has_not_ended_is_a_conflict(api: Api, status: OrchestrationStatus) -> None:
    """409 with the URL of the one that there is, which is not touched."""
    add(api, status)
    before = api.hub.instances[NAME]

    answer = api.call("post_installation", sample())

    assert (answer.status_code, answer.headers["Location"]) == (409, STATUS_URL)
    assert document(answer)["statusUrl"] == STATUS_URL
    assert api.hub.instances[NAME] is before


def test_of_two_posts_at_the_same_instant_one_starts_it(api: Api) -> None:
    """The hub decides; the later one is told that it runs."""
    api.hub.twin = True

    assert api.call("post_installation", sample()).status_code == 409


@pytest.mark.parametrize("state_then", ["Failed", "Cancelled"])
def test_a_post_after_a_failure_or_a_cancellation_resumes(api: Api, state_then: str) -> None:
    """The second attempt of the same name."""
    add(api, FAILED, progress={"state": state_then})

    assert api.call("post_installation", sample()).status_code == 202
    assert api.hub.instances[NAME].get_input()["attempt"] == 2


def test_a_post_after_success_starts_nothing_unless_the_plan_is_another(api: Api) -> None:
    """200 with the status; a changed request is a new run."""
    _succeeded(api)

    same = api.call("post_installation", sample())
    other = api.call("post_installation", sample(cluster__nodeCount=6))

    assert (same.status_code, document(same)["state"]) == (200, "Succeeded")
    assert same.headers["Location"] == STATUS_URL
    assert other.status_code == 202


def test_what_is_finished_runs_again_when_that_is_asked_for(api: Api) -> None:
    """A secret may have another value by now, which no plan shows."""
    _succeeded(api)

    answer = api.call("post_installation", sample(), params={"again": "true"})

    assert answer.status_code == 202
    assert api.hub.instances[NAME].get_input()["attempt"] == 2


def test_a_success_is_remembered_by_every_later_run(api: Api) -> None:
    """In the plan, which decides what a failure may remove; and in the status of a failed run."""
    _succeeded(api)
    api.call("post_installation", sample(cluster__nodeCount=6))
    second = api.hub.instances[NAME].get_input()
    add(api, FAILED, progress={"state": "Failed", "attempt": 2}, input=second)

    api.call("post_installation", sample(cluster__nodeCount=7))

    third = api.hub.instances[NAME].get_input()
    assert third["succeeded"] == second["succeeded"]
    assert third["succeeded"]["endpoints"] == {"portal": "https://dash.example.com"}
    assert third["succeeded"]["endedAt"] == "2026-05-01T12:00:00Z"
    told = document(api.call("get_installation", name=NAME))
    assert told["lastSucceeded"] == third["succeeded"]


@pytest.mark.parametrize(
    ("leftovers", "forgotten"),
    [
        ({"resources": [], "busy": [], "removed": ["group"]}, True),
        ({"resources": ["group"], "busy": [], "removed": []}, False),
        (None, False),
    ],
)
def test_a_removal_makes_a_success_the_past(
    api: Api, leftovers: dict[str, Any] | None, forgotten: bool
) -> None:
    """What is installed then is new, and may be removed when it fails."""
    _succeeded(api)
    api.call("post_installation", sample(cluster__nodeCount=6))
    plan = api.hub.instances[NAME].get_input()
    output = {"state": "Cancelled", "leftovers": leftovers}
    add(api, COMPLETED, progress={"state": "Cancelled"}, input=plan, output=output)

    api.call("post_installation", sample())

    assert (api.hub.instances[NAME].get_input()["succeeded"] is None) == forgotten


def _succeeded(api: Api) -> None:
    output = {"state": "Succeeded", "endpoints": {"portal": "https://dash.example.com"}}
    add(api, COMPLETED, progress={"state": "Succeeded"}, output=output)


@pytest.mark.parametrize(
    ("raw", "code"),
    [(b"{", 400), (b"\xff", 400), (b"[]", 400), (b'{"a": 1, "a": 2}', 400), (b"1" * 65537, 413)],
    ids=["cut", "not UTF-8", "no object", "a key twice", "too large"],
)
@pytest.mark.parametrize("function", ["post_installation", "post_preflight"])
def test_a_bad_body_starts_nothing(api: Api, function: str, raw: bytes, code: int) -> None:
    """A problem document, and an empty hub."""
    answer = api.call(function, raw=raw)

    assert answer.status_code == code
    assert answer.mimetype == "application/problem+json"
    assert api.hub.instances == {}


def test_a_preflight_of_its_own_has_an_id_that_no_installation_can_have(api: Api) -> None:
    """Its status shows findings when it has ended."""
    answer = api.call("post_preflight", sample())
    assert (answer.status_code, answer.headers["Location"]) == (202, f"{BASE}/preflights/{NAME}")
    running = document(api.call("get_preflight", name=NAME))
    finding = {"severity": "error", "rule": "r"}
    api.hub.add(state(f"preflight:{NAME}", PREFLIGHT, COMPLETED, output={"findings": [finding]}))

    ended = document(api.call("get_preflight", name=NAME))

    assert (running["state"], running["findings"]) == ("Running", [])
    assert (ended["state"], ended["findings"]) == ("Failed", [finding])
    assert api.call("get_preflight", name="unknown").status_code == 404


def waiting(api: Api, stage: str, **changes: Any) -> dict[str, Any]:
    """An installation that waits at a stage; its plan."""
    plan = encoded_plan(**changes)
    now = progress(plan).begin(stage, START).wait(stage, "somebody")
    api.hub.add(state(NAME, INSTALL, input=plan, custom=encode(now)))
    return plan


@pytest.mark.parametrize(
    ("signs_in", "body", "by"),
    [
        pytest.param(True, {"by": "eve"}, "ada@example.com", id="signed-in"),
        pytest.param(False, {"by": "eve"}, "eve (not signed in)", id="anyone-could-send-it"),
        pytest.param(False, None, "somebody (not signed in)", id="nobody-said"),
    ],
)
def test_an_event_carries_who_raised_it_and_for_which_plan(
    api: Api, signs_in: bool, body: Any, by: str
) -> None:
    """The header with a name is believed only where the platform signs people in."""
    api.settings = Settings(signs_in=signs_in)
    plan = waiting(api, "limits-set")
    headers = {"x-ms-client-principal-name": "ada@example.com"}

    answer = api.call("raise_event", body, name=NAME, event="limits-set", headers=headers)

    assert answer.status_code == 202
    told = {"by": by, "planHash": plan["planHash"], "clean": False, "reason": ""}
    assert api.hub.events == [(NAME, "limits-set", told)]


_GATES = {
    "approve": "approval",
    "reject": "approval",
    "limits-set": "limits-set",
    "dns-ready": "observe_dns_records",
}


@pytest.mark.parametrize("event", _GATES)
def test_an_event_that_nothing_waits_for_is_a_conflict(api: Api, event: str) -> None:
    """It would be kept and open a gate before anyone could see what it asks for."""
    plan = waiting(api, "observe_cluster", domain__dns={"mode": "manual"})
    body = {"planHash": plan["planHash"]}
    early = api.call("raise_event", body, name=NAME, event=event)
    waiting(api, _GATES[event], domain__dns={"mode": "manual"})
    right = api.call("raise_event", body, name=NAME, event=event)

    assert (early.status_code, right.status_code) == (409, 202)
    assert event in document(early)["detail"]
    assert [name for _, name, _ in api.hub.events] == [event]


def test_records_that_the_app_writes_are_nobodys_to_vouch_for(api: Api) -> None:
    """Only in manual mode a person says that DNS is ready."""
    waiting(api, "observe_dns_records")

    assert api.call("raise_event", name=NAME, event="dns-ready").status_code == 409


@pytest.mark.parametrize("event", ["approve", "reject"])
def test_a_decision_about_another_plan_is_refused(api: Api, event: str) -> None:
    """409 with the hash of the plan that waits; nothing is raised."""
    plan = waiting(api, "approval")

    missing = api.call("raise_event", name=NAME, event=event)
    answer = api.call("raise_event", {"planHash": "x"}, name=NAME, event=event)
    right = api.call("raise_event", {"planHash": plan["planHash"]}, name=NAME, event=event)

    assert (answer.status_code, document(answer)["planHash"]) == (409, plan["planHash"])
    assert (missing.status_code, "is missing" in document(missing)["detail"]) == (409, True)
    assert right.status_code == 202
    assert [name for _, name, _ in api.hub.events] == [event]


def test_an_event_that_does_not_exist_is_not_found(api: Api) -> None:
    """``stop`` belongs to the waiting orchestrations, not to people."""
    add(api)

    assert api.call("raise_event", name=NAME, event="stop").status_code == 404
    assert api.hub.events == []


@pytest.mark.parametrize("status", [RUNNING, OrchestrationStatus.PENDING], ids=lambda s: s.name)
@pytest.mark.parametrize(
    ("body", "clean"), [(None, False), ({"clean": True}, True), ({"clean": "yes"}, False)]
)
def test_a_cancellation_is_raised_even_before_the_first_step(
    api: Api, status: OrchestrationStatus, body: Any, clean: bool
) -> None:
    """An installation that has not yet shown anything can be cancelled as well."""
    plan = encoded_plan()
    api.hub.add(state(NAME, INSTALL, status, input=plan))

    assert api.call("cancel_installation", body, name=NAME).status_code == 202
    [(_, event, told)] = api.hub.events
    assert (event, told["clean"], told["planHash"]) == ("cancel", clean, plan["planHash"])


def test_a_cancellation_of_what_is_ending_or_has_ended_is_a_conflict(api: Api) -> None:
    """Nobody listens any longer: the answer says so instead of 202."""
    add(api, progress={"failure": {"code": "cancelled"}})
    ending = api.call("cancel_installation", {"clean": True}, name=NAME)
    add(api, FAILED)
    ended = api.call("cancel_installation", name=NAME)

    assert [answer.status_code for answer in (ending, ended)] == [409, 409]
    assert "ending already" in document(ending)["detail"]
    assert "resumes what failed" in document(ended)["detail"]
    assert api.hub.events == []


@pytest.mark.parametrize("name", ["unknown", "preflight:acme", "Not A Name", "x" * 50])
def test_what_nobody_posted_is_not_found(api: Api, name: str) -> None:
    """No instance id can be guessed through a name."""
    api.hub.add(state("preflight:acme", PREFLIGHT, input={}))

    found = [
        api.call("get_installation", name=name),
        api.call("cancel_installation", name=name),
        api.call("raise_event", name=name, event="dns-ready"),
    ]

    assert [answer.status_code for answer in found] == [404, 404, 404]


def test_an_instance_of_another_orchestrator_is_no_installation(api: Api) -> None:
    """Even under a name that an installation could have."""
    api.hub.add(state(NAME, PREFLIGHT, input={}))

    assert api.call("get_installation", name=NAME).status_code == 404
    assert api.call("cancel_installation", name=NAME).status_code == 404


def test_a_status_tells_what_its_waits_and_its_preflight_told(api: Api) -> None:
    """Details of the waiting orchestration, findings of the preflight."""
    plan = encoded_plan()
    now = progress(plan).begin("observe_cluster", START).wait("observe_cluster", "asked for")
    finding = {"severity": "warning"}
    wait = f"{NAME}:{plan['runId']}:observe_cluster"
    checks = f"{NAME}:{plan['runId']}:preflight"
    look = {"detail": "Creating", "looks": 3, "nextLookAt": "2026-05-01T12:00:30", "since": ""}
    api.hub.add(
        state(NAME, INSTALL, input=plan, custom=encode(now)),
        state(wait, "wait_for_stage", custom=look),
        state(checks, PREFLIGHT, COMPLETED, output={"findings": [finding]}),
    )

    told = document(api.call("get_installation", name=NAME))

    [stage] = told["stages"]
    assert (stage["detail"], stage["attempts"], stage["looks"]) == ("Creating", 1, 3)
    assert told["plan"]["cluster"]["properties"]["agentPoolProfiles"][0]["count"] == 4
    assert told["findings"] == [finding]
    assert "stuck" not in told


def test_a_run_that_the_runtime_ended_is_told_as_failed(api: Api) -> None:
    """With the runtime's own words, when the story had none."""
    plan = encoded_plan()
    failure = FailureDetails("out of memory", "Error", None)
    api.hub.add(state(NAME, INSTALL, FAILED, input=plan, failure=failure))

    told = document(api.call("get_installation", name=NAME))

    assert (told["state"], told["failure"]["reason"]) == ("Failed", "out of memory")


def test_the_list_has_the_newest_first_and_nothing_but_installations(api: Api) -> None:
    """Waits and preflights are in the same hub, and not in the list."""
    plan = encoded_plan()
    for day, name in ((1, "older"), (2, "newer")):
        created = START.replace(day=day)
        api.hub.add(
            state(name, INSTALL, COMPLETED, created=created, custom=custom(plan), input=plan)
        )
    api.hub.add(state("newer:x:observe_cluster", "wait_for_stage"))

    told = document(api.call("list_installations"))["installations"]

    assert [one["name"] for one in told] == ["newer", "older"]
    assert set(told[0]) == {"name", "state", "percent", "startedAt"}


def test_health_says_when_the_host_is_too_old(api: Api) -> None:
    """Without the extension's gRPC endpoint nothing durable works."""
    well = api.call("get_health")
    api.hub.rpcBaseUrl = ""

    assert (well.status_code, document(well)["taskHub"]) == (200, "TestHub")
    assert api.call("get_health").status_code == 503


def test_the_contracts_are_served_as_they_are(api: Api) -> None:
    """The API's own description, and the schema of a request."""
    assert document(api.call("get_openapi"))["openapi"] == "3.1.0"
    assert "properties" in document(api.call("get_schema"))


def test_the_hub_never_answers_with_a_class_of_its_own(api: Api) -> None:
    """Every answer is JSON, whatever it is about."""
    add(api)
    moved = replace(api.hub.instances[NAME], instance_id="other")
    api.hub.add(moved)

    assert json.loads(api.call("list_installations").get_body())
