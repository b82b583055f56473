"""What ``helm.sh`` makes of helm's last words, and of a Job that is taken away; helm is played."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.job_scripts.world import SCRIPTS, read

type Start = Callable[..., subprocess.Popen[str]]

HELM = """#!/usr/bin/env bash
case "$1" in
  upgrade)
    echo 'Release "c" does not exist. Installing it now.'
    [ -z "$HANGS" ] || exec sleep 40
    printf '%s\\n' "$SAYS"
    exit 1 ;;
esac
"""


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts the script beside a helm that says what the variables say."""
    (tmp_path / "helm").write_text(HELM)
    (tmp_path / "kubectl").write_text("#!/bin/sh\n")
    for name in ("helm", "kubectl"):
        (tmp_path / name).chmod(0o755)

    def started(**changes: str) -> subprocess.Popen[str]:
        environment = {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "TMPDIR": str(tmp_path),
            "COMPONENT": "c",
            "KIND": "chart",
            "CHART": "c",
            "REPOSITORY": "",
            "VERSION": "1.0.0",
            "NAMESPACE": "n",
            "WAIT_SECONDS": "60",
            "HANGS": "",
            "SAYS": "",
            **changes,
        }
        return subprocess.Popen(  # noqa: S603 # our own script
            ["/bin/bash", str(SCRIPTS / "helm.sh")], env=environment, cwd=tmp_path,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip # one call

    return started


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param("Error: insufficient memory: 1500 Mi asked for", 10, id="a-no-with-a-number"),
        pytest.param("Error: values 429 not allowed", 10, id="a-no-with-another"),
        pytest.param("Error: failed to fetch https://x: 503 Service Unavailable", 20, id="503"),
        pytest.param("Error: failed to fetch https://x: 502 Bad Gateway", 20, id="502"),
        pytest.param("Error: 500 Internal Server Error", 20, id="500"),
        pytest.param("Error: 429 Too Many Requests", 20, id="429"),
    ],
)
def test_only_a_servers_bad_moment_is_a_fault(start: Start, words: str, code: int) -> None:
    """A number that looks like a status is none."""
    process = start(SAYS=words)
    text, _ = process.communicate(timeout=30)

    run = read(process.returncode, text)

    assert (run.code, run.result["detail"]) == (code, words)


def test_a_run_that_is_asked_to_end_while_helm_works_says_so_at_once(
    start: Start, tmp_path: Path
) -> None:
    """A pod that is taken away has half a minute; helm may wait for twenty."""
    process = start(HANGS="1")
    assert process.stdout is not None
    before = process.stdout.readline() + process.stdout.readline()

    os.kill(process.pid, signal.SIGTERM)

    text, _ = process.communicate(timeout=10)
    run = read(process.returncode, before + text)
    assert (run.code, run.result["code"]) == (20, "ended-from-outside")
    assert not list(tmp_path.glob("helm.*")), "a temporary file is left"
