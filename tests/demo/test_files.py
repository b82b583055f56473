"""Files that cannot be read are told in one line, with exit code 2, before anything starts."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from emulator.__main__ import app as emulator
from emulator.demo import app as demo
from emulator.fault_file import read_faults

_UNREADABLE = [
    ("missing", None, "No such file"),
    ("empty", b"", "not JSON: line 1 column 1"),
    ("yaml", b"name: acme\n", "not JSON: line 1 column 1"),
    ("cut", b'{\n"name": ', "not JSON: line 2"),
    ("binary", b"\xff\xfe\xfa", "not JSON: "),
    ("deep", b"[" * 100_000, "not JSON: nested too deeply"),
]
_NO_RULES = [
    ("object", b"{}", "not a list of rules"),
    ("strings", b'["arm"]', "rule 1: not an object"),
    ("unknown-field", b'[{}, {"sever": "arm"}]', "rule 2: sever: no such field"),
    ("wrong-type", b'[{"status": "503"}]', "rule 1: status: '503'"),
    ("bad-pattern", b'[{"path": "("}]', "rule 1: path: not a regular expression"),
]


@pytest.mark.parametrize(
    ("content", "told"), [pytest.param(*case[1:], id=case[0]) for case in _UNREADABLE]
)
def test_a_request_that_is_no_json_is_told_in_one_line(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    """The line names the file and the place in it."""
    file = tmp_path / "request.json"
    if content is not None:
        file.write_bytes(content)

    result = CliRunner().invoke(demo, [str(file)])

    assert result.exit_code == 2
    assert result.stderr.startswith(f"{file}: {told}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [pytest.param(*case[1:], id=case[0]) for case in (*_UNREADABLE, *_NO_RULES)],
)
def test_a_file_without_fault_rules_is_told_in_one_line(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    """The line names the file, the rule and its field."""
    file = tmp_path / "faults.json"
    if content is not None:
        file.write_bytes(content)

    result = CliRunner().invoke(emulator, ["--faults", str(file)])

    assert result.exit_code == 2
    assert result.stderr.startswith(f"{file}: {told}")
    assert result.stderr.count("\n") == 1


def test_fault_rules_are_taken_in_the_files_order(tmp_path: Path) -> None:
    """What the file leaves out has its usual value."""
    file = tmp_path / "faults.json"
    file.write_text('[{"server": "arm", "delay": 1, "status": 503}, {"times": null}]')

    first, second = read_faults(file).rules

    assert (first.server, first.delay, first.status, first.times) == ("arm", 1, 503, 1)
    assert second.times is None


def test_a_busy_port_is_told_with_the_way_out() -> None:
    """Nothing is started; the line says how to get a free port."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(emulator, ["--port", str(port)])

    assert result.exit_code == 1
    assert result.stderr == f"Port {port} is in use; --port 0 takes a free one.\n"
