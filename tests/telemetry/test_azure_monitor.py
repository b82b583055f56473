"""Azure's own exporter against a stand-in of its ingestion endpoint."""

import json
from typing import Any

import pytest

from model import telemetry
from tests.telemetry.collector import ORIGIN, collecting


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The envelopes of one process that tells a little."""
    key = "00000000-0000-0000-0000-000000000000"
    with collecting() as collector:
        here = f"InstrumentationKey={key};IngestionEndpoint=http://127.0.0.1:{collector.port}/"
        taken = collector.told(
            tmp_path_factory.mktemp("storage"),
            APPLICATIONINSIGHTS_CONNECTION_STRING=here,
            APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL="true",
        )
    return [envelope for path, body in taken if "/track" in path for envelope in json.loads(body)]


def data(sent: list[dict[str, Any]], kind: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Tags and data of the envelopes of one kind."""
    return [(e["tags"], e["data"]["baseData"]) for e in sent if e["data"]["baseType"] == kind]


def test_spans_become_dependencies_under_our_own_ids(sent: list[dict[str, Any]]) -> None:
    """The run is the root; its stage hangs under it; a failed run is no success."""
    stage, run = data(sent, "RemoteDependencyData")

    assert (run[1]["name"], run[1]["id"]) == ("installation", f"{ORIGIN.root_id:016x}")
    assert (run[1]["success"], stage[1]["success"]) == (False, True)
    assert stage[0]["ai.operation.parentId"] == run[1]["id"]
    assert {stage[0]["ai.operation.id"], run[0]["ai.operation.id"]} == {f"{ORIGIN.trace_id:032x}"}
    assert stage[1]["properties"] == {
        telemetry.INSTALLATION: "shipped",
        telemetry.ATTEMPT: "1",
        telemetry.SUBSCRIPTION: "s",
        telemetry.STAGE: "ensure_cluster",
        telemetry.STATE: "done",
    }


def test_events_become_traces_with_their_dimensions(sent: list[dict[str, Any]]) -> None:
    """In the trace of the run."""
    [(tags, event)] = data(sent, "MessageData")

    assert event["properties"][telemetry.EVENT] == telemetry.STAGE_ENDED
    assert event["properties"][telemetry.STAGE] == "ensure_cluster"
    assert tags["ai.operation.id"] == f"{ORIGIN.trace_id:032x}"


def test_metrics_become_custom_metrics_by_their_name(sent: list[dict[str, Any]]) -> None:
    """A histogram is one row of sum, count, least and most."""
    found = {metric["metrics"][0]["name"]: metric for _, metric in data(sent, "MetricData")}

    lasted = found[telemetry.STAGE_DURATION]
    assert (lasted["metrics"][0]["value"], lasted["metrics"][0]["count"]) == (3600, 1)
    assert lasted["properties"][telemetry.STAGE] == "ensure_cluster"
    assert lasted["properties"][telemetry.STATE] == "done"
