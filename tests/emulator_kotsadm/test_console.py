"""The Admin Console's HTTP API as its callers rely on it.

Source of the answers: https://github.com/replicatedhq/kots/tree/main/pkg/handlers
"""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.job_scripts.world import World, cluster_with_console

NAMESPACE = "plotly-system"
APP = "/api/v1/app/dash-enterprise"


@dataclass(frozen=True, slots=True)
class Console:
    """The console of an installation whose preflight check warned, so that nothing is deployed."""

    world: World
    token: str

    def ask(self, method: str, path: str, body: Any = None, *, token: str = "") -> tuple[int, Any]:
        """Status and JSON of one request through the cluster's proxy; None for an empty body."""
        proxy = urllib.request.ProxyHandler({"http": self.world.kotsadm.proxy_url})
        request = urllib.request.Request(
            f"http://kotsadm.{NAMESPACE}.svc:3000{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": token or self.token},
            method=method,
        )
        try:
            with urllib.request.build_opener(proxy).open(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """One installation for all tests here."""
    folder = tmp_path_factory.mktemp("console")
    with cluster_with_console(folder, ("dash.example.com",)) as world:
        world.behaviour.preflight_warning = "Memory"
        environment = world.application(NAMESPACE)
        run = world.run("kots.sh", environment)
        assert run.result["code"] == "kots-preflight-refused", run.text
        path = ["get", "secret", "kotsadm-authstring", "-n", NAMESPACE, "-o"]
        encoded = world.cluster.kubectl(*path, "jsonpath={.data.kotsadm-authstring}")
        yield Console(world, base64.b64decode(encoded).decode())


def test_health_is_told_to_everybody(console: Console) -> None:
    """It proves only that the automated install has ended."""
    status, answer = console.ask("GET", "/healthz", token="nobody")

    assert (status, answer["status"]["database"]) == (200, {"connected": True})


def test_everything_else_asks_for_the_token(console: Console) -> None:
    """A wrong one is a 401 in kotsadm's shape."""
    status, answer = console.ask("GET", "/api/v1/apps", token="Kots wrong")

    assert (status, answer["error"]) == (401, "missing authorization token")


def test_an_unknown_application_is_an_empty_500(console: Console) -> None:
    """Not a 404: a caller that waits for one would wait for ever."""
    assert console.ask("GET", "/api/v1/app/other") == (500, None)


def test_a_version_with_results_is_pending_even_when_a_check_warned(console: Console) -> None:
    """Only while the checks run is it ``pending_preflight``; then somebody has to deploy it."""
    _, answer = console.ask("GET", f"{APP}/versions?currentPage=0&pageSize=20")

    assert [row["status"] for row in answer["versionHistory"]] == ["pending"]


def test_preflight_results_belong_to_one_version(console: Console) -> None:
    """The short path is the first version's; a version that is not there has none."""
    first = console.ask("GET", f"{APP}/preflight/result")
    by_number = console.ask("GET", f"{APP}/sequence/0/preflight/result")
    other = console.ask("GET", f"{APP}/sequence/7/preflight/result")

    assert first == by_number
    rows = json.loads(first[1]["preflightResult"]["result"])["results"]
    assert [row["title"] for row in rows if row["isWarn"]] == ["Memory"]
    assert other[1]["preflightResult"]["result"] == ""


def test_license_and_configuration_are_taken_up_and_removed(console: Console) -> None:
    """Both Secrets are gone once kotsadm has made the application of them."""
    listed = console.world.cluster.kubectl("get", "secret", "-n", NAMESPACE, "-o", "name")

    assert "secret/kotsadm-authstring" in listed
    assert "kotsadm-default-" not in listed
