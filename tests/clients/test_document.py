"""The commands of docs/clients.md are run as they stand there."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.programs import ROOT

_BLOCK = re.compile(r"```shell\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def commands() -> list[str]:
    """The page's shell blocks; the first starts the emulator."""
    return _BLOCK.findall((ROOT / "docs/clients.md").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that looks like the repository to the page, with a running emulator's line in it."""
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache/azure-cli").symlink_to(ROOT / ".cache/azure-cli")
    running = subprocess.Popen(
        [sys.executable, "-m", "emulator", "--port", "0"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip # one call
    assert running.stdout is not None
    try:
        line = running.stdout.readline()
        json.loads(line)
        (tmp_path / "emulator.json").write_text(line)
        yield tmp_path
    finally:
        running.terminate()
        running.communicate(timeout=20)


@pytest.mark.timeout(180)
def test_the_page_works_from_top_to_bottom(commands: list[str], folder: Path) -> None:
    """One shell, stopping at the first command that fails, as a person would."""
    start, *rest = commands
    assert start == "make emulator >emulator.json\n"  # the fixture has done that

    done = subprocess.run(  # noqa: S603 # the page's own words
        ["bash", "-euo", "pipefail", "-c", "\n".join(rest)],  # noqa: S607 # whichever is there
        cwd=folder, capture_output=True, text=True, check=False, timeout=170,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
    )  # fmt: skip # one call

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Emulated subscription" in done.stdout
    assert "Standard DDSv5 Family vCPUs" in done.stdout
    assert done.stdout.count(" Ready ") == 2
    assert '"hello"' in done.stdout
