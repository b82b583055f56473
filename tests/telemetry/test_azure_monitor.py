"""Azure's own exporter against a stand-in of its ingestion endpoint."""

import gzip
import importlib.util
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from model import telemetry
from model.origin import Origin

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = Origin(installation="shipped", run_id="r", attempt=1, subscription="s")
TELL = """
import os, sys
from datetime import UTC, datetime, timedelta
from opentelemetry import _logs, metrics, trace
from model import telemetry
from model.origin import Origin
from telemetry import emit
from telemetry.start import start

start(os.environ)
began, ended = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 1, 1, tzinfo=UTC)
run = Origin(installation="shipped", run_id="r", attempt=1, subscription="s")
stage = run.at("ensure_cluster", 1)
emit.run_event(telemetry.STAGE_ENDED, stage, {telemetry.STATE: "done"})
emit.stage_span(stage, began, ended, {telemetry.STATE: "done"})
emit.stage_times("ensure_cluster", "done", ended - began, timedelta())
emit.installation_span(run, began, ended, {telemetry.STATE: "Failed"})
trace.get_tracer_provider().force_flush()
metrics.get_meter_provider().force_flush()
_logs.get_logger_provider().force_flush()
"""


def installed() -> bool:
    """Whether Azure's exporter is there."""
    try:
        return importlib.util.find_spec("azure.monitor.opentelemetry.exporter") is not None
    except ModuleNotFoundError:
        return False


pytestmark = pytest.mark.skipif(not installed(), reason="azure-monitor-opentelemetry-exporter")


class _Ingestion(BaseHTTPRequestHandler):
    """``POST /v2.1/track``: one JSON array of envelopes."""

    kept: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        envelopes: list[dict[str, Any]] = json.loads(body)
        self.kept.extend(envelopes)
        count = len(envelopes)
        answer = json.dumps({"itemsReceived": count, "itemsAccepted": count, "errors": []}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # the base class's name
        """Nothing to the console."""
        del format, args


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What one process that tells a little has sent."""
    kept: list[dict[str, Any]] = []
    handler = type("Handler", (_Ingestion,), {"kept": kept})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    key = "00000000-0000-0000-0000-000000000000"
    here = f"InstrumentationKey={key};IngestionEndpoint=http://127.0.0.1:{server.server_port}/"
    environment = os.environ | {
        "APPLICATIONINSIGHTS_CONNECTION_STRING": here,
        "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
        "TMPDIR": str(tmp_path_factory.mktemp("storage")),
        "PYTHONPATH": str(ROOT),
    }
    subprocess.run([sys.executable, "-c", TELL], cwd=ROOT, env=environment, check=True, timeout=50)  # noqa: S603 # our own interpreter
    server.shutdown()
    thread.join()
    server.server_close()
    return kept


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
