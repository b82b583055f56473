"""What ``kots.sh`` makes of circumstances in which no emulated cluster is: programs are played."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.job_scripts.world import SCRIPTS, Run, read

type Start = Callable[..., subprocess.Popen[str]]

VERSION = {"versionLabel": "5.7.0", "sequence": 0, "deployedAt": None}
NO_POD = "Error: failed to start port forwarding: unable to find kotsadm pod"
TOOLS = (
    "awk",
    "cksum",
    "date",
    "grep",
    "head",
    "mktemp",
    "rm",
    "sed",
    "sleep",
    "tail",
    "touch",
    "tr",
)

KOTS = """#!/usr/bin/env bash
# Does what the variables say; what an installation leaves is a file.
case "$1 $2" in
  "install "*)
    printf '\\033[?25l  \\xe2\\x80\\xa2 Deploying Admin Console\\n'
    touch installed
    [ -z "$HANGS" ] || exec sleep 40
    printf '%s\\n' "$SAYS"
    exit "$ENDS" ;;
  "get versions")
    [ ! -e installed ] || echo >>looks
    [ -e installed ] && [ "$(grep -c . -v looks)" -gt "$LATE" ] || { echo "$NO_POD" >&2; exit 1; }
    printf '%s\\n' "$VERSIONS" ;;
  "get apps") printf '[{"slug": "dash", "state": "ready"}]\\n' ;;
esac
"""
KUBECTL = """#!/usr/bin/env bash
case "$*" in
  *" get deployment,"*) [ ! -e installed ] || printf 'deployment.apps/kotsadm\\n' ;;
  *" jsonpath="*) ;; # nobody has noted a configuration
  *" get secret "*) printf 'Kots token' ;;
  *" port-forward "*) [ -n "$FORWARDS" ] || exit 1
    printf 'Forwarding from 127.0.0.1:45678 -> 3000\\n'
    touch forwarding
    exec sleep 40 ;;
esac
"""
CURL = """#!/usr/bin/env bash
case "$*" in
  *http://127.0.0.1:45678/*) printf '%s' "$API"; printf '%s\\n' "$*" >>asked ;;
  *) exit 6 ;; # no such name
esac
"""
WARNED = """
There are preflight check warnings for the application. The app was not deployed.

STATE    TITLE              MESSAGE
PASS     Kubernetes         It is new enough.
WARN     Memory "of" it     Less than 32 GiB,
on one node.
"""
PREFLIGHTS = {"results": [{"isWarn": True, "title": "Memory", "message": "low"}], "errors": []}


def versions(status: str) -> str:
    return json.dumps([{**VERSION, "status": status}], indent=4)


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts the script in a pod whose programs are played; keywords are their variables."""
    programs = {"kots": KOTS, "kubectl": KUBECTL, "curl": CURL}
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in TOOLS:
        (folder / name).symlink_to(shutil.which(name) or name)
    for name in ("bash", "env"):
        (folder / name).symlink_to(shutil.which(name) or name)
    for name, text in programs.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    (tmp_path / "input").write_text("{}")

    def started(*, lacks: str = "", **changes: str) -> subprocess.Popen[str]:
        if lacks:
            (folder / lacks).unlink()
        environment = {
            "PATH": str(folder),
            "TMPDIR": str(tmp_path),
            "APP_SLUG": "dash",
            "APP_UPSTREAM": "dash/stable",
            "APP_NAMESPACE": "ns",
            "LICENSE_FILE": str(tmp_path / "input"),
            "CONFIG_VALUES_FILE": str(tmp_path / "input"),
            "KOTS_SHARED_PASSWORD": "-",
            "WAIT_SECONDS": "5",
            "POLL_SECONDS": "0.05",
            "NO_POD": NO_POD,
            "VERSIONS": versions("deployed"),
            "ENDS": "1",
            "LATE": "0",
            **dict.fromkeys(("HANGS", "SAYS", "FORWARDS", "API"), ""),
            **changes,
        }
        return subprocess.Popen(  # noqa: S603 # our own script
            [str(folder / "bash"), str(SCRIPTS / "kots.sh")], env=environment, cwd=tmp_path,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip # one call

    return started


def ended(process: subprocess.Popen[str], before: str = "") -> Run:
    text, _ = process.communicate(timeout=30)
    return read(process.returncode, before + text)


def ends(run: Run, code: int, result: str) -> str:
    assert (run.code, run.result["code"]) == (code, result), run.text
    return str(run.result["detail"])


@pytest.mark.parametrize("status", ["pending_preflight", "pending"])
def test_a_check_that_warns_is_named_even_when_only_kots_tells(start: Start, status: str) -> None:
    """Where the Admin Console's API is out of reach, the table that KOTS prints is the reason."""
    run = ended(start(SAYS=WARNED, VERSIONS=versions(status)))

    detail = ends(run, 10, "kots-preflight-refused")
    assert detail == 'warning: Memory "of" it: Less than 32 GiB, on one node.'


def test_a_check_that_could_not_be_made_is_named_even_when_only_kots_tells(start: Start) -> None:
    """KOTS lists such checks before the table."""
    says = "There are preflight check errors. The app was not deployed.\n\n    - no rights\n"

    run = ended(start(SAYS=says, VERSIONS=versions("pending_preflight")))

    assert ends(run, 10, "kots-preflight-refused").endswith("no rights")


def test_the_api_is_asked_through_the_api_server_where_its_name_is_unknown(
    start: Start, tmp_path: Path
) -> None:
    """An allowed warning is deployed all the same."""
    result = {"preflightResult": {"result": json.dumps(PREFLIGHTS)}, "success": True}
    api, pending = json.dumps(result), versions("pending_preflight")

    run = ended(start(FORWARDS="1", API=api, VERSIONS=pending, ALLOWED_WARNINGS="Memory"))

    ends(run, 20, "deadline")
    assert "/sequence/0/deploy" in (tmp_path / "asked").read_text()
    assert "Kots" not in (tmp_path / "asked").read_text(), "the token on a command line"


@pytest.mark.parametrize(
    ("why", "result"),
    [("no room", "kots-deploy-failed"), ("license is expired", "license-expired")],
)
def test_a_failed_version_has_the_reason_that_kots_gave(
    start: Start, why: str, result: str
) -> None:
    """The version's status says only that it failed; the installation said why."""
    says = f"Error: failed to validate installation: {why}"

    run = ended(start(SAYS=says, VERSIONS=versions("failed")))

    assert why in ends(run, 10, result)


def test_a_console_that_answers_late_is_waited_for(start: Start) -> None:
    """KOTS gives it ten seconds; what counts is what is seen then."""
    says = "Error: failed to forward port: failed to query healthz: status 503"

    run = ended(start(SAYS=says, LATE="9"))

    ends(run, 0, "ready")


def test_a_line_before_the_versions_hides_none_of_them(start: Start) -> None:
    """KOTS may print a note of its port-forward first."""
    ends(ended(start(VERSIONS=f"  • lost connection\n{versions('deployed')}")), 0, "ready")


def test_without_kubectl_the_word_of_kots_counts(start: Start) -> None:
    """What KOTS does not find is not there."""
    ends(ended(start(lacks="kubectl")), 0, "ready")


def test_a_run_that_is_asked_to_end_while_kots_installs_says_so_at_once(
    start: Start, tmp_path: Path
) -> None:
    """A pod that is taken away has half a minute, an installation may take half an hour."""
    process = start(HANGS="1", WAIT_SECONDS="60")
    assert process.stdout is not None
    before = process.stdout.readline() + process.stdout.readline()

    os.kill(process.pid, signal.SIGTERM)

    ends(ended(process, before), 20, "ended-from-outside")
    assert not list(tmp_path.glob("kots.*")), "a temporary file is left"
