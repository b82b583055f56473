"""Starting, failing to start, stopping."""

import signal
import socket
from pathlib import Path

import pytest

from tests.functions_host.hosting import APPS, spawn, start_host

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
