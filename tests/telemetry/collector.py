"""A stand-in of whatever takes telemetry by HTTP, and a process of its own that tells a little."""

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from model.origin import Origin

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = Origin(installation="shipped", run_id="r", attempt=1, subscription="s")
"""Whose telemetry the process tells."""
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


@dataclass
class Collector:
    """Takes everything and says so.

    Attributes:
        taken: Path and unpacked body of each request.
    """

    port: int
    taken: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])

    def told(self, folder: Path, **settings: str) -> list[tuple[str, bytes]]:
        """What came from a process with these settings; ``folder`` is for its own files."""
        environment = os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(ROOT)} | settings
        command = [sys.executable, "-c", TELL]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=50)  # noqa: S603 # our own interpreter
        return self.taken


class _Handler(BaseHTTPRequestHandler):
    collector: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.collector.taken.append((self.path, body))
        answer = b""
        if self.path.endswith("/track"):  # Application Insights counts what it takes
            count = len(json.loads(body))
            said: dict[str, Any] = {"itemsReceived": count, "itemsAccepted": count, "errors": []}
            answer = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # the base class's name
        """Nothing to the console."""
        del format, args


@contextmanager
def collecting() -> Generator[Collector]:
    """A collector that listens."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    collector = Collector(server.server_port)
    handler.collector = collector
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
