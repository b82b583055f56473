"""Every way in which an installation says no.

::

    InstallerError
    ├── Refusal            a permanent no: code, reason, remedy; the stage is not tried again
    │   └── StageRefused   the same, as the orchestrator sees it, with the stage that said it
    ├── Busy               come back later: the outside system asked for it
    ├── DeadlineExceeded   patience ended: what was waited for, and for how long
    └── Cancelled          a person ended the installation

Everything else is a *fault* and is retried.
"""

from datetime import timedelta

from model.error_codes import CODES


class InstallerError(Exception):
    """Root of the tree."""


class Refusal(InstallerError):
    """A permanent no.

    Args:
        code: One of ``error_codes.CODES``; an unknown one is a ``KeyError``.
        reason: What was found, in one sentence, free of secrets.
        remedy: What a person can do; None for the general remedy of the code.
    """

    def __init__(self, code: str, reason: str, remedy: str | None = None) -> None:
        known = CODES[code]
        self.code = code
        self.reason = reason
        self.remedy = remedy or known.remedy
        self.retryable = known.retryable
        super().__init__(f"{code}: {reason} ({self.remedy})")


class StageRefused(Refusal):
    """A stage said no; ``stage`` names it."""

    def __init__(self, stage: str, code: str, reason: str, remedy: str) -> None:
        self.stage = stage
        super().__init__(code, reason, remedy)


class Busy(InstallerError):
    """The outside system asks to come back later, or a thing is not ready yet.

    Args:
        detail: What is waited for, in one short sentence for people.
        retry_after: Seconds that the outside system asked for; None when it named none.
    """

    def __init__(self, detail: str, retry_after: int | None = None) -> None:
        self.detail = detail
        self.retry_after = retry_after
        super().__init__(detail)


class DeadlineExceeded(InstallerError):
    """Patience ended while a stage was still waiting."""

    def __init__(self, stage: str, waited: timedelta, detail: str) -> None:
        self.stage = stage
        self.waited = waited
        self.detail = detail
        super().__init__(f"{stage} was not done after {waited}: {detail}")


class Cancelled(InstallerError):
    """A person cancelled the installation."""
