"""Runs the functions host as its users do: a process that says when it is ready."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import requests

APPS = Path(__file__).parent / "apps"
ROOT = Path(__file__).parents[2]


@dataclass
class Host:
    """One host process.

    Attributes:
        lines: Everything that it printed.
    """

    process: subprocess.Popen[str]
    ready: dict[str, Any]
    lines: list[str] = field(default_factory=list[str])

    @property
    def url(self) -> str:
        """Base URL."""
        return str(self.ready["url"])

    @property
    def keys(self) -> dict[str, Any]:
        """The keys that it announced."""
        return cast("dict[str, Any]", self.ready["keys"])

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """One HTTP request."""
        return requests.request(method, self.url + path, timeout=30, **options)

    def start(self, name: str, payload: Any = None, **query: Any) -> str:
        """Start an orchestration; returns its instance id."""
        answer = self.call("POST", f"/api/start/{name}", json=payload, params=query)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def result(self, instance_id: str) -> dict[str, Any]:
        """Wait for the end of an orchestration through the app's own client."""
        answer = self.call("GET", f"/api/wait/{instance_id}")
        assert answer.status_code == 200, "\n".join(self.lines[-20:])
        return cast("dict[str, Any]", answer.json())

    def manage(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request to the durable management routes, with the system key."""
        query = {**options.pop("params", {}), "code": self.keys["durable"]}
        return self.call(method, f"/runtime/webhooks/durabletask{path}", params=query, **options)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End the process; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=15)


def spawn(app: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    """Start a host process for an app folder on a free port."""
    command = [sys.executable, "-u", "-m", "emulator.functions_host", str(app), "--port", "0"]
    return subprocess.Popen(  # noqa: S603 - our own module
        [*command, "--ready-json", *options],
        cwd=ROOT,
        env={**os.environ, "AzureWebJobsStorage": "", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def start_host(app: Path, *options: str, **environment: str) -> Host:
    """Start a host and wait until it says that it is ready."""
    process = spawn(app, *options, **environment)
    lines: list[str] = []
    announced: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                lines.append(line.rstrip("\n"))
                if line.startswith('{"ready"'):
                    announced.put(json.loads(line))
        announced.put(None)

    threading.Thread(target=read, daemon=True).start()
    ready = announced.get(timeout=30)
    assert ready is not None, "\n".join(lines)
    return Host(process, ready, lines)


def eventually[T](look: Callable[[], T], what: str, seconds: float = 10.0) -> T:
    """Look until what is seen is true; fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"{what} did not come true: {seen}"
        time.sleep(0.05)
    return seen
