"""A container's log by itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from emulator.kubelet.log_file import LogFile


def test_only_beginnings_of_lines_get_a_time(tmp_path: Path) -> None:
    """A line that came in two pieces has the time of its first."""
    log = LogFile(tmp_path / "log")
    log.append(b"one\ntw")
    log.append(b"o\n")

    assert [line.split(b" ")[1] for line in log.read(stamped=True).splitlines()] == [b"one", b"two"]


def test_lines_before_a_moment_are_left_out(tmp_path: Path) -> None:
    """Nothing of a log is newer than an hour from now."""
    log = LogFile(tmp_path / "log")
    log.append(b"one\n")

    now = datetime.now(UTC)
    assert log.read(since=now - timedelta(hours=1)) == b"one\n"
    assert log.read(since=now + timedelta(hours=1)) == b""


def test_times_survive_the_loss_of_the_older_half(tmp_path: Path) -> None:
    """What is left is still split at the right places."""
    log = LogFile(tmp_path / "log", limit=8)
    for said in (b"one\n", b"two\n", b"six\n"):
        log.append(said)

    assert log.read(stamped=True).endswith(b" six\n")
