"""Runs the real programs, as a person at a terminal would."""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
AZ = ROOT / ".cache/azure-cli/bin/az"
"""Where ``scripts/install-az`` puts it."""
WANTED = os.environ.get("TEST_CLIENTS") == "1"
IN_CI = bool(os.environ.get("CI"))


def missing() -> str:
    """Why the real programs cannot be run; empty when they can."""
    if not AZ.exists():
        return "the Azure CLI is not installed: scripts/install-az"
    return "" if shutil.which("kubectl") else "kubectl is not on PATH"


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    words: str
    code: int
    out: str
    said: str
    """Standard error."""

    @property
    def json(self) -> Any:
        """Standard output, read."""
        return json.loads(self.out)

    def well(self) -> "Ended":
        """Itself, when the program ended well."""
        assert self.code == 0, f"{self.words}: exit code {self.code}\n{self.out}\n{self.said}"
        return self


@dataclass(frozen=True)
class Program:
    """A program with the environment that it runs in."""

    path: str
    environment: Mapping[str, str]

    def run(self, line: str, stdin: str = "") -> Ended:
        """The program with a command line in shell spelling."""
        done = subprocess.run(  # noqa: S603 # the test's own words
            [self.path, *shlex.split(line)],
            input=stdin, capture_output=True, text=True, check=False, timeout=50,
            env={"PATH": os.environ["PATH"], **self.environment},
        )  # fmt: skip # one call
        return Ended(f"{Path(self.path).name} {line}", done.returncode, done.stdout, done.stderr)

    def __call__(self, line: str, stdin: str = "") -> str:
        """What it prints when it ends well."""
        return self.run(line, stdin).well().out

    def refused(self, line: str, stdin: str = "") -> str:
        """What it complains when it does not."""
        ended = self.run(line, stdin)
        assert ended.code != 0, f"{ended.words}: ended well\n{ended.out}"
        return ended.said


@dataclass(frozen=True)
class AzureCli(Program):
    """az, logged in at the emulated ARM, with answers in JSON."""

    def ask(self, line: str) -> Any:
        """The JSON that it prints; None when it prints nothing."""
        printed = self(f"{line} --output json")
        return json.loads(printed) if printed.strip() else None


@dataclass(frozen=True)
class KubectlCli(Program):
    """kubectl with a kubeconfig."""

    def ask(self, line: str) -> Any:
        """The JSON object that it prints."""
        return json.loads(self(f"{line} --output json"))
