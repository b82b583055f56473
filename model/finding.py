"""What a preflight check found."""

from typing import Literal

from model import wire
from model.error_codes import CODES

CLUSTER_IS_OURS = "ownership.cluster-ours"
"""The rule that finds our own cluster there already: somebody may be using it."""


@wire.record
class Finding:
    """One observation of one rule.

    Attributes:
        rule: Id of the rule, for example ``quota.family``; stable, people search for it.
        severity: ``error`` stops the installation, ``warning`` and ``info`` do not.
        code: For an error the code of ``error_codes`` that the installation ends with; else None.
        found: What was found, one sentence with figures, free of secrets.
        remedy: What to do; empty for ``info``.
    """

    rule: str
    severity: Literal["info", "warning", "error"]
    code: str | None
    found: str
    remedy: str


def counted(number: int, noun: str) -> str:
    """A number of things: ``1 warning``, ``2 warnings``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def info(rule: str, found: str) -> Finding:
    """All is well."""
    return Finding(rule=rule, severity="info", code=None, found=found, remedy="")


def warning(rule: str, found: str, remedy: str) -> Finding:
    """Worth a look; does not stop the installation."""
    return Finding(rule=rule, severity="warning", code=None, found=found, remedy=remedy)


def error(rule: str, code: str, found: str, remedy: str | None = None) -> Finding:
    """Stops the installation; without ``remedy`` that of the code."""
    return Finding(
        rule=rule,
        severity="error",
        code=code,
        found=found,
        remedy=remedy or CODES[code].remedy,
    )


@wire.record
class Findings:
    """Result of a check stage."""

    findings: tuple[Finding, ...]
