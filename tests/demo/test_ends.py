"""What the demo says when an installation has ended."""

import io
from typing import Any

import pytest
from rich.console import Console

from emulator.demonstration import tell_end, tell_problem


@pytest.fixture
def piped() -> Console:
    """A console that is no terminal, and so takes itself for 80 columns wide."""
    return Console(file=io.StringIO(), width=80)


def text(console: Console) -> str:
    """What was printed."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def finding(code: str, severity: str = "error") -> dict[str, Any]:
    """A finding of the preflight."""
    return {"code": code, "severity": severity, "found": f"saw {code}", "remedy": f"mend {code}"}


def test_every_error_of_the_preflight_is_told_with_its_remedy(piped: Console) -> None:
    """The failure names the first of them only; warnings stop nothing and are left out."""
    failure = {"stage": "preflight", "code": "quota", "reason": "saw quota", "remedy": "mend quota"}
    findings = [finding("quota"), finding("key"), finding("old", "warning")]

    tell_end(piped, {"state": "Failed", "failure": failure, "findings": findings})

    for code in ("quota", "key"):
        assert text(piped).count(f"preflight: {code}") == 1
        assert f"mend {code}" in text(piped)
    assert "old" not in text(piped)


def test_the_failure_of_a_later_stage_is_told_with_its_remedy(piped: Console) -> None:
    """With a preflight that found no error there is one thing to mend."""
    failure = {"stage": "verify", "code": "tls", "reason": "no name", "remedy": "mend it"}

    tell_end(piped, {"state": "Failed", "failure": failure, "findings": [finding("a", "info")]})

    assert "verify: tls" in text(piped)
    assert "mend it" in text(piped)


def test_a_piped_line_is_never_wrapped(piped: Console) -> None:
    """Programs read it line by line."""
    long = "sentence " * 40
    failure = {"stage": "verify", "code": "tls", "reason": long, "remedy": long}

    tell_end(piped, {"state": "Failed", "failure": failure})

    assert text(piped).count(long.strip()) == 2


def test_an_answer_that_lists_no_errors_is_told_by_its_detail(piped: Console) -> None:
    """A body that is too large has a title and a detail."""
    tell_problem(piped, {"title": "Too large", "detail": "At most 65536 bytes."})

    assert text(piped) == "Too large: At most 65536 bytes.\n"
