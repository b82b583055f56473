"""What a person reads of a plan before approving it."""

import json
from datetime import datetime
from typing import Any

import pytest

from model import wire
from model.plan_summary import summary
from model.planning import build_plan
from model.progress import Progress
from model.request import InstallRequest, parse_request
from model.settings import Settings
from model.status import render
from tests.model.samples import NAMES, sample


def encoded(request: dict[str, Any]) -> wire.JsonObject:
    parsed = parse_request(request)
    assert isinstance(parsed, InstallRequest)
    return wire.encode(build_plan(parsed, Settings(), attempt=1, submitted_at="2026-05-01"))


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_is_shown_with_everything_that_will_be_made(name: str) -> None:
    """The cluster as Azure will be asked for it, seven names, what runs in it."""
    request = sample(name)

    shown = summary(encoded(request))

    assert shown["resourceGroup"] == request["azure"]["resourceGroup"]
    assert shown["cluster"]["name"] == request["cluster"]["name"]
    assert shown["cluster"]["properties"]["agentPoolProfiles"][0]["vmSize"] == "Standard_D8ds_v5"
    assert len(shown["dns"]["names"]) == 7
    assert [each["name"] for each in shown["components"]] == [
        each["name"] for each in request["components"]
    ]


def test_values_of_configuration_and_charts_are_not_shown() -> None:
    """A person may have written into them what others should not read."""
    request = sample()
    request["kots"]["configValues"]["spec"]["values"]["note"] = {"value": "canary-config"}
    request["components"][0]["values"] = {"note": "canary-chart"}
    network = {"addressSpace": "10.60.0.0/16", "subnetPrefix": "10.60.0.0/20"}
    request["cluster"]["network"] = network

    shown = summary(encoded(request))

    assert "canary" not in json.dumps(shown)
    assert shown["network"]["addressSpace"] == network["addressSpace"]


def test_the_last_success_is_shown_only_while_the_present_run_is_none() -> None:
    """People look at the status of an installation that works, not at its past."""
    success: wire.JsonObject = {
        "runId": "0" * 8,
        "planHash": "0" * 16,
        "endedAt": "2026-05-01",
        "endpoints": {},
    }
    plan: wire.JsonObject = {**encoded(sample()), "succeeded": success}
    begun = Progress(
        run_id="1" * 8, attempt=2, plan_hash="1" * 16, started_at=datetime(2026, 5, 1)  # noqa: DTZ001 # orchestration time is naive
    )  # fmt: skip # one value

    def told(runtime: str, progress: Progress) -> dict[str, Any]:
        facts: dict[str, Any] = {"waits": {}, "findings": None, "output": None, "failure": None}
        return render("acme", runtime, progress, plan=plan, **facts)

    assert told("Failed", begun)["lastSucceeded"] == success
    done = Progress(
        run_id="", attempt=2, plan_hash="", started_at=begun.started_at, state="Succeeded"
    )
    assert "lastSucceeded" not in told("Completed", done)
