"""Corners of the rules that people meet on a bad day."""

import base64
import json
from datetime import datetime
from typing import Any

import pytest

from model import outcome, wire
from model.cluster_state import (
    capacity,
    claim_state,
    load_balancer_address,
    pod_state,
    quota_state,
    secret_values,
)
from model.draft import Draft
from model.finding import warning
from model.kots_files import faults_of, render_config_values
from model.manifests.names import earlier_runs, every_run, record, shown
from model.manifests.scripts import script
from model.outcome import Done, Pending, Refused
from model.progress import DETAIL_LIMIT, Progress
from model.request import InstallRequest, parse_request, request_schema
from model.request_errors import shape_problems
from model.results import Made
from model.settings import Settings
from tests.model.samples import sample


def test_an_answer_that_is_no_outcome_is_refused() -> None:
    """An activity of another version must not be taken for done."""
    assert isinstance(outcome.read(Made, {"done": {"resourceId": "x", "changed": True}}), Done)
    assert isinstance(outcome.read(Made, {"pending": {"detail": "later"}}), Pending)
    refused = {"code": "c", "reason": "r", "remedy": "m", "retryable": False}
    assert isinstance(outcome.read(Made, {"refused": refused}), Refused)
    with pytest.raises(wire.Undecodable):
        outcome.read(Made, {"ok": {}})


def test_a_template_of_the_wrong_shape_tells_every_fault() -> None:
    """Names of items, never their values."""
    template: dict[str, Any] = {"spec": {"values": {"a": "canary", "b": {"value": 1}}}}

    told = faults_of(template)

    assert len(told) == 4
    assert "canary" not in " ".join(told)
    assert faults_of({"apiVersion": "kots.io/v1beta1", "kind": "ConfigValues", "spec": {}}) == (
        "spec.values is not an object",
    )


def test_placeholders_are_looked_for_at_every_depth() -> None:
    """In lists too; what is no text has none."""
    template: dict[str, Any] = {
        "apiVersion": "kots.io/v1beta1",
        "kind": "ConfigValues",
        "spec": {"values": {"a": {"value": "${unknown}"}, "b": {"value": "${open"}}},
        "more": ["${baseDomain}", 1, None, {"x": "$${kept}"}],
    }

    told = faults_of(template)

    assert [fault.partition(" ")[0] for fault in told] == [
        "template.spec.values.a.value",
        "template.spec.values.b.value",
    ]


def test_capacity_counts_ready_nodes_and_the_disks_their_driver_takes() -> None:
    """A node that is not Ready, or whose driver has not registered, counts for nothing."""

    def node(name: str, ready: str) -> dict[str, Any]:
        status = {
            "allocatable": {"pods": "110"},
            "conditions": [{"type": "Ready", "status": ready}],
        }
        return {"metadata": {"name": name}, "status": status}

    def driver(name: str, count: int) -> dict[str, Any]:
        drivers = [{"name": "disk.csi.azure.com", "allocatable": {"count": count}}]
        return {"metadata": {"name": name}, "spec": {"drivers": drivers}}

    nodes = [node("a", "True"), node("b", "True"), node("c", "False")]

    found = capacity(nodes, [driver("a", 16), driver("c", 16)], 12)

    assert (found.nodes, found.pods, found.volumes, found.pods_running) == (2, 220, 16, 12)


def test_a_claim_without_a_status_is_pending() -> None:
    """The API server has it, and nobody has looked at it yet."""
    assert claim_state({"metadata": {"namespace": "n", "name": "c"}}).phase == "Pending"


def test_a_scheduled_pod_tells_only_what_its_containers_wait_for() -> None:
    """Conditions that hold, and containers that start or run, say nothing."""
    waiting = {"reason": "ImagePullBackOff", "message": "back-off\npulling"}
    status: dict[str, Any] = {
        "phase": "Pending",
        "conditions": [
            {"type": "PodScheduled", "status": "True"},
            {"type": "Ready", "status": "False"},
        ],
        "containerStatuses": [
            {"name": "main", "state": {"waiting": waiting}},
            {"name": "side", "state": {"running": {}}},
        ],
    }

    found = pod_state({"metadata": {"namespace": "n", "name": "p"}, "status": status})

    assert found.reasons == ("main: ImagePullBackOff: back-off pulling",)


def test_an_ipv4_address_is_chosen_before_any_other() -> None:
    """A dual-stack load balancer may tell both."""
    ingress = [{"ip": "fd00::1"}, {"ip": "20.0.0.1"}, {"hostname": "lb.example"}]

    assert load_balancer_address({"status": {"loadBalancer": {"ingress": ingress}}}) == "20.0.0.1"
    assert load_balancer_address({}) is None


def test_details_are_cut_to_what_a_status_holds() -> None:
    """With a sign that there was more."""
    now = datetime(2026, 5, 1)  # noqa: DTZ001 # orchestration time is naive UTC
    progress = Progress(run_id="r", attempt=1, plan_hash="h", started_at=now)

    detail = progress.begin("s", now).wait("s", "x" * 5000).stages["s"].detail

    assert len(detail) == DETAIL_LIMIT
    assert detail.endswith("…")


def test_a_quota_tells_its_limits_and_their_use() -> None:
    """Empty where the controller has not counted yet."""
    document = {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "9"}}}

    assert quota_state(document).hard == {"pods": "9"}
    assert quota_state(document).used == {}


def test_values_of_a_secret_are_text() -> None:
    """What is none is left out."""
    binary, text = (base64.b64encode(raw).decode() for raw in (b"\xff", b"found"))

    assert secret_values({"data": {"a": binary, "b": text}}) == {"b": "found"}


def test_a_warning_stops_nothing_and_has_no_code() -> None:
    """It says what to look at."""
    found = warning("rule", "found", "remedy")

    assert (found.severity, found.code, found.remedy) == ("warning", None, "remedy")


def test_every_setting_has_a_name_and_its_default() -> None:
    """As the documentation lists them."""
    assert Settings.names()["PACE_DIVISOR"] == Settings().pace_divisor


def test_other_runs_are_found_by_their_labels() -> None:
    """Those of this installation, and not this run."""
    assert every_run("acme") in earlier_runs("acme", "r1")
    assert earlier_runs("acme", "r1").endswith("!=r1")


def test_names_of_the_installers_objects_tell_their_place() -> None:
    """As people type them to kubectl."""
    assert shown(record("acme")) == "dash-enterprise-installer/dash-enterprise-installation-acme"
    assert script("kots.sh").startswith("#!/usr/bin/env bash")


def test_a_draft_is_read_however_wrong_it_is() -> None:
    """A path through a list, past its end, or through a text finds nothing."""
    draft = Draft({"components": [{"name": "a"}], "name": "x"})

    assert draft.at("/components/0/name") == "a"
    assert draft.at("/components/7/name") is None
    assert draft.at("/name/first") is None


def test_one_place_gets_one_message_however_many_readings_it_has() -> None:
    """Pydantic names each member of a union behind the place; people know the place alone."""
    payload: dict[str, Any] = {"limits": {"pods": []}}
    faults = [
        wire.WireFault(path=("limits", "pods", reading), kind="int_type", message="m")
        for reading in ("int", "word")
    ]

    problems = list(shape_problems(faults, payload, request_schema()))

    assert [problem.pointer for problem in problems] == ["/limits/pods"]


def test_a_setting_without_a_value_has_its_default() -> None:
    """An app setting that somebody emptied is not a value."""
    read = Settings.read({"PACE_DIVISOR": "", "PUBLIC_RESOLVER": "9.9.9.9", "OTHER": "x"})

    assert (read.pace_divisor, read.public_resolver) == ("1", "9.9.9.9")


def test_text_in_lists_of_a_template_is_filled_in_too() -> None:
    """Numbers and nothing stay what they are."""
    template: dict[str, Any] = {
        "apiVersion": "kots.io/v1beta1",
        "kind": "ConfigValues",
        "spec": {"values": {}},
        "more": ["${baseDomain}", 1, None],
    }

    filled = render_config_values(template, base_domain="d", certificate="c", certificate_key="k")

    assert json.loads(filled)["more"] == ["d", 1, None]


@pytest.mark.parametrize("value", ["a\x00b", "two\nlines", float("inf"), 10**30])
def test_what_a_later_reader_would_misread_is_an_error(value: Any) -> None:
    """Control characters, and numbers that YAML readers round."""
    problems = parse_request(sample(azure__tags={"note": value}))
    assert not isinstance(problems, InstallRequest)

    assert any(problem.pointer.startswith("/azure/tags") for problem in problems)


def test_a_key_that_cannot_be_shown_is_told_without_it() -> None:
    """And what is nested deeper than anybody means is not walked."""
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"x": deep}

    for odd, code in ({"a\x00": 1}, "key"), (deep, "nested-deeply"):
        problems = parse_request(sample(azure__tags=odd))
        assert not isinstance(problems, InstallRequest)
        assert [problem.code for problem in problems] == [code]
        assert "\x00" not in problems[0].pointer
