"""Starting, failing to start, stopping."""

import contextlib
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.functions_host.hosting import APPS, ROOT, eventually, spawn, start_host

_HEAD = "import azure.functions as func\napp = func.FunctionApp()\n"
_ROUTE = "@app.route(route='{0}')\ndef {1}(req: func.HttpRequest) -> str: return ''\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["interrupt", "terminate"])
def test_a_signal_ends_the_host_cleanly(number: int) -> None:
    """Exit code 0, also while an orchestration waits."""
    host = start_host(APPS / "durable")
    host.start("nap", 60)

    assert host.stop(number) == 0


@pytest.mark.parametrize(
    ("source", "says"),
    [
        pytest.param("import nowhere_to_be_found\n", "nowhere_to_be_found", id="import-error"),
        pytest.param("x = 1\n", "top level function app", id="no-app"),
        pytest.param(_HEAD, "No functions", id="no-functions"),
        pytest.param(
            _HEAD + _ROUTE.format("a", "same") + _ROUTE.format("b", "same"), "unique", id="twice"
        ),
        pytest.param(
            _HEAD + _ROUTE.format("a/{b:colour}", "bad"), "colour", id="unknown-constraint"
        ),
        pytest.param(_HEAD + "def broken(:\n", "invalid syntax", id="syntax"),
    ],
)
def test_an_app_that_does_not_load_ends_the_host_with_the_reason(
    tmp_path: Path, source: str, says: str
) -> None:
    """Exit code 1 and the reason on standard output."""
    (tmp_path / "host.json").write_text('{"version": "2.0"}', encoding="utf-8")
    (tmp_path / "function_app.py").write_text(source, encoding="utf-8")
    process = spawn(tmp_path)
    output, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "Worker failed to load" in output
    assert says in output


def test_a_missing_host_json_is_named(tmp_path: Path) -> None:
    """A folder that is no app is refused by what it lacks."""
    process = spawn(tmp_path)
    output, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "host.json" in output


def test_a_port_that_is_taken_is_named() -> None:
    """The host says so and ends, instead of looking for another port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = spawn(APPS / "clock", "--port", port, RARELY="0 0 0 29 2 *")
        output, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert f"Port {port} is unavailable" in output


def test_blocked_work_does_not_keep_the_host_from_ending(tmp_path: Path) -> None:
    """A function that sleeps on a thread is abandoned; the exit code is still 0."""
    slow = "import time\n" + _HEAD + "@app.route(route='slow', auth_level='anonymous')\n"
    slow += "def slow(req: func.HttpRequest) -> str:\n"
    slow += "    print('asleep', flush=True)\n    time.sleep(60)\n"
    (tmp_path / "host.json").write_text('{"version": "2.0"}', encoding="utf-8")
    (tmp_path / "function_app.py").write_text(slow, encoding="utf-8")
    host = start_host(tmp_path)
    with contextlib.suppress(requests.Timeout):
        requests.get(f"{host.url}/api/slow", timeout=0.5)
    eventually(lambda: "asleep" in host.lines, "the call")

    assert host.stop() == 0


_EMBEDDED = """
import asyncio, sys
from pathlib import Path
import aiohttp
from emulator.functions_host.host import FunctionsHost, Options

async def main():
    async with FunctionsHost(Path(sys.argv[1]), Options(enforce_keys=True)) as host:
        async with aiohttp.ClientSession(headers={"x-functions-key": host.keys.default}) as session:
            answer = await session.post(f"{host.url}/api/start/quick/one", json=4)
            assert answer.status == 202, answer.status
            answer = await session.get(f"{host.url}/api/wait/one")
            print((await answer.json())["output"], len(host.engine.find("one").history))

asyncio.run(main())
"""


def test_a_host_can_be_entered_from_python() -> None:
    """``async with FunctionsHost``: URL, keys and task hub are there, and it ends by itself."""
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-c", _EMBEDDED, str(APPS / "durable")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert any(line.startswith("8 ") for line in done.stdout.splitlines())
