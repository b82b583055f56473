"""``make audit`` and ``make sbom`` never take silence for good news."""

import json
from typing import Any

import pytest

from scripts.audit_verdict import FINE, UNKNOWN, VULNERABLE, judge
from scripts.sbom_check import content_faults

SOUND: dict[str, Any] = {"name": "a", "version": "1", "vulns": []}
SICK: dict[str, Any] = {
    "name": "b",
    "version": "2",
    "vulns": [{"id": "PYSEC-0", "fix_versions": ["3"], "aliases": [], "description": ""}],
}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.mark.parametrize(
    ("packages", "code", "told"),
    [
        ([SOUND], FINE, "No known vulnerabilities in 1 packages."),
        ([SOUND, SICK], VULNERABLE, "b 2: PYSEC-0, fixed in 3"),
        ([SOUND, SKIPPED], UNKNOWN, "knows nothing of 1 of 2"),
        ([SKIPPED, SKIPPED], UNKNOWN, "knows nothing of 2 of 2"),
        ([SICK, SKIPPED], VULNERABLE, "knows nothing of 1 of 2"),
    ],
    ids=["fine", "vulnerable", "one-skipped", "all-skipped", "both"],
)
def test_an_audit_tells_what_it_does_not_know(
    packages: list[dict[str, Any]], code: int, told: str
) -> None:
    """A skipped package is no sound one, whatever the program says of it."""
    verdict = judge(json.dumps({"dependencies": packages, "fixes": []}), len(packages))

    assert verdict.code == code
    assert told in verdict.text


@pytest.mark.parametrize("answer", ["", "Traceback", "[]", "{}", "null", '{"dependencies": []}'])
def test_no_answer_is_no_good_news(answer: str) -> None:
    """A service that is away, a crash, an answer about other packages, or about none."""
    verdict = judge(answer, 3)

    assert verdict.code == UNKNOWN
    assert "nothing is known" in " ".join(verdict.text.split())


def test_a_bill_must_name_exactly_what_is_deployed() -> None:
    """Left out, of another version, too much, or without a hash: each is told."""
    whole = [_part("a", "1"), _part("b", "2")]
    pins = "a==1 \\\n    --hash=sha256:0\nb==2 ; python_version > '3'\n"

    assert content_faults({"components": whole}, pins) == []
    assert content_faults({"components": whole[:1]}, pins)
    assert content_faults({"components": [whole[0], _part("b", "3")]}, pins)
    assert content_faults({"components": [*whole, _part("c", "1")]}, pins)
    assert content_faults({"components": [{"name": "a", "version": "1"}, whole[1]]}, pins)
    assert content_faults({"components": []}, "")


def _part(name: str, version: str) -> dict[str, Any]:
    hashes = [{"alg": "SHA-256", "content": "0" * 64}]
    return {"name": name, "version": version, "externalReferences": [{"hashes": hashes}]}
