"""The durable management routes."""

import time
import uuid

import pytest

from tests.functions_host.hosting import Host, eventually


def _ended(bakery: Host, name: str = "quick", payload: object = 2) -> str:
    key = bakery.start(name, payload)
    bakery.result(key)
    return key


def test_every_url_of_the_payload_works(bakery: Host) -> None:
    """The links that a caller is given carry what they need and lead to the right routes."""
    links = bakery.call("POST", "/api/start/bake", json=3).json()
    assert (
        bakery.call("GET", links["statusQueryGetUri"].removeprefix(bakery.url)).status_code == 202
    )
    for name, values in [
        ("suspendPostUri", {"{text}": "why"}),
        ("resumePostUri", {"{text}": "why"}),
        ("sendEventPostUri", {"{eventName}": "taste"}),
    ]:
        path = links[name].removeprefix(bakery.url)
        for old, new in values.items():
            path = path.replace(old, new)
        assert bakery.call("POST", path, json="ok").status_code == 202, name
    assert bakery.result(links["id"])["output"]["taste"] == "ok"
    restarted = bakery.call("POST", links["restartPostUri"].removeprefix(bakery.url))
    assert restarted.status_code == 202
    terminate = (
        restarted.json()["terminatePostUri"].removeprefix(bakery.url).replace("{text}", "end")
    )
    assert bakery.call("POST", terminate).status_code == 202
    ended = bakery.result(restarted.json()["id"])
    assert (ended["status"], ended["output"]) == ("TERMINATED", "end")
    assert bakery.call(
        "DELETE", links["purgeHistoryDeleteUri"].removeprefix(bakery.url)
    ).json() == {"instancesDeleted": 1}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "/instances", id="list"),
        pytest.param("GET", "/instances/x", id="one"),
        pytest.param("POST", "/orchestrators/quick", id="start"),
        pytest.param("DELETE", "/instances/x", id="purge"),
        pytest.param("GET", "/entities", id="entities"),
    ],
)
def test_without_the_system_key_nothing_is_answered(bakery: Host, method: str, path: str) -> None:
    """401 without a key and with a function key."""
    whole = f"/runtime/webhooks/durabletask{path}"

    assert bakery.call(method, whole).status_code == 401
    key = bakery.keys["default"]
    assert bakery.call(method, whole, headers={"x-functions-key": key}).status_code == 401


def test_a_finished_instance_is_shown_whole(bakery: Host) -> None:
    """All fields, plain JSON, 200; the input only when wanted."""
    key = _ended(bakery)
    shown = bakery.manage("GET", f"/instances/{key}")

    assert shown.status_code == 200
    body = shown.json()
    assert set(body) == {
        "name", "instanceId", "runtimeStatus", "input", "customStatus", "output",
        "createdTime", "lastUpdatedTime",
    }  # fmt: skip
    assert (body["name"], body["input"], body["output"]) == ("quick", 2, 4)
    assert body["createdTime"].endswith("Z")
    hidden = bakery.manage("GET", f"/instances/{key}", params={"showInput": "false"}).json()
    assert hidden["input"] is None


def test_history_tells_what_happened(bakery: Host) -> None:
    """Started, the activity with its answer, completed, each with a time; output when wanted."""
    key = _ended(bakery)
    query = {"showHistory": "true", "showHistoryOutput": "true"}
    events = bakery.manage("GET", f"/instances/{key}", params=query).json()["historyEvents"]

    assert [e["EventType"] for e in events] == [
        "ExecutionStarted", "TaskCompleted", "ExecutionCompleted",
    ]  # fmt: skip
    assert (events[1]["FunctionName"], events[1]["Result"], events[1]["Input"]) == ("knead", 4, 2)
    assert events[2]["OrchestrationStatus"] == "Completed"
    year = str(time.gmtime().tm_year)
    assert all(e["Timestamp"].startswith(year) for e in events)


def test_a_failure_can_be_500(bakery: Host) -> None:
    """200 by default, 500 when the caller asks for it."""
    key = _ended(bakery, "fragile", "9-c")
    query = {"returnInternalServerErrorOnFailure": "true"}

    assert bakery.manage("GET", f"/instances/{key}").status_code == 200
    failed = bakery.manage("GET", f"/instances/{key}", params=query)
    assert failed.status_code == 500
    assert failed.json()["runtimeStatus"] == "Failed"
    assert "dough" in failed.json()["output"]


def test_instances_are_listed_in_pages(bakery: Host) -> None:
    """Prefix, status and page size; the continuation token leads through all of them once."""
    prefix = uuid.uuid4().hex
    for number in range(5):
        bakery.result(bakery.start(f"quick/{prefix}-{number}", number))
    query = {"instanceIdPrefix": prefix, "top": "2", "runtimeStatus": "Completed,Failed"}
    found: list[str] = []
    headers: dict[str, str] = {}
    for _ in range(3):
        page = bakery.manage("GET", "/instances", params=query, headers=headers)
        found += [instance["instanceId"] for instance in page.json()]
        headers = {"x-ms-continuation-token": page.headers.get("x-ms-continuation-token", "")}

    assert found == [f"{prefix}-{number}" for number in range(5)]
    assert not headers["x-ms-continuation-token"]


def test_ended_instances_are_purged_by_time_and_status(bakery: Host) -> None:
    """Those that match go, running ones stay; 404 when none matched, 400 without a time."""
    began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    kept, gone = bakery.start("nap", 30), _ended(bakery)
    query = {"createdTimeFrom": began, "runtimeStatus": "Completed"}

    assert bakery.manage("DELETE", "/instances", params=query).json()["instancesDeleted"] >= 1
    assert bakery.manage("GET", f"/instances/{gone}").status_code == 404
    assert bakery.manage("GET", f"/instances/{kept}").status_code == 202
    assert bakery.manage("DELETE", "/instances", params=query).status_code == 404
    assert bakery.manage("DELETE", "/instances").status_code == 400


def test_starting_over_http(bakery: Host) -> None:
    """With and without an id, with a wait for the output, and the refusals."""
    key = uuid.uuid4().hex
    started = bakery.manage("POST", f"/orchestrators/quick/{key}", json=5)
    assert started.status_code == 202
    assert started.json()["id"] == key
    assert started.headers["Location"] == started.json()["statusQueryGetUri"]
    waited = bakery.manage("POST", "/orchestrators/quick", params={"timeout": "10"}, json=8)
    assert (waited.status_code, waited.json()) == (200, 16)
    assert bakery.manage("POST", "/orchestrators/nothing").status_code == 400
    assert bakery.manage("POST", "/orchestrators/quick", data="{").status_code == 400
    napping = bakery.start("nap", 30)
    assert bakery.manage("POST", f"/orchestrators/nap/{napping}", json=1).status_code == 409


@pytest.mark.parametrize("action", ["terminate", "suspend", "resume", "raiseEvent/x"])
def test_steering_what_is_gone_is_refused(bakery: Host, action: str) -> None:
    """404 for an unknown instance, 410 for one that has ended."""
    key = _ended(bakery)

    assert bakery.manage("POST", f"/instances/nobody/{action}").status_code == 404
    assert bakery.manage("POST", f"/instances/{key}/{action}").status_code == 410


def test_a_failed_instance_is_rewound_over_http(bakery: Host) -> None:
    """The rewind route sets a failed instance going again."""
    key = _ended(bakery, "fragile", f"2-{uuid.uuid4().hex}")
    assert (
        bakery.manage("POST", f"/instances/{key}/rewind", params={"reason": "x"}).status_code == 202
    )
    eventually(
        lambda: bakery.manage("GET", f"/instances/{key}").json()["runtimeStatus"] == "Completed",
        "the rewind",
    )
