"""What a preflight check found."""

from typing import Literal

from model import wire


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


@wire.record
class Findings:
    """Result of a check stage."""

    findings: tuple[Finding, ...]
