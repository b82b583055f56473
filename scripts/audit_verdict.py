"""What an audit's answers mean: ``python -m scripts.audit_verdict FILE PINNED``.

pip-audit ends with 0 and "No known vulnerabilities found" about packages that its service does not
know. Here, not to know is an outcome of its own: 0 none is known, 1 some are, 2 nothing is known
about some or all packages.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FINE: Final = 0
VULNERABLE: Final = 1
UNKNOWN: Final = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """The exit code and what people read."""

    code: int
    text: str


def judge(answer: str, pinned: int) -> Verdict:
    """The verdict on pip-audit's JSON about ``pinned`` packages; no JSON is no answer."""
    try:
        found: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        told = "The vulnerability service did not answer: nothing is known about vulnerabilities."
        return Verdict(UNKNOWN, told)
    known = [package for package in found if "skip_reason" not in package]
    lines = [
        f"{package['name']} {package['version']}: {fault['id']}, fixed in {_fixed(fault)}"
        for package in known
        for fault in package["vulns"]
    ]
    if len(known) < pinned:
        missing = pinned - len(known)
        lines.append(f"The service knows nothing of {missing} of {pinned} packages: about these,")
        lines.append("nothing is known, good or bad. Another one: PIP_AUDIT_SERVICE=osv or pypi.")
    if any(package["vulns"] for package in known):
        return Verdict(VULNERABLE, "\n".join(lines))
    if len(known) < pinned:
        return Verdict(UNKNOWN, "\n".join(lines))
    return Verdict(FINE, f"No known vulnerabilities in {pinned} packages.")


def _fixed(fault: dict[str, Any]) -> str:
    return ", ".join(fault.get("fix_versions", ())) or "no version yet"


def main() -> int:
    """The command line."""
    verdict = judge(Path(sys.argv[1]).read_text(), int(sys.argv[2]))
    sys.stdout.write(f"{verdict.text}\n")
    return verdict.code


if __name__ == "__main__":
    raise SystemExit(main())
