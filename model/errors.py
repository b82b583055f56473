"""Every way in which an installation says no.

::

    InstallerError
    ├── Refusal        a permanent no: code, reason, remedy; the stage is not tried again
    ├── Busy           come back later: the outside system asked for it
    ├── StageRefused   what the orchestrator ends with: the stage, and its code, reason and remedy
    └── Cancelled      a person ended the installation

Everything else is a *fault* and is retried.
"""

from model.error_codes import CODES
from model.masking import masked


class InstallerError(Exception):
    """Root of the tree."""


class Refusal(InstallerError):
    """A permanent no.

    Args:
        code: One of ``error_codes.CODES``; an unknown one is a ``KeyError``.
        reason: What was found, in one sentence; what looks like a secret in it is masked, for it
            may quote another system.
        remedy: What a person can do; None for the general remedy of the code.
        passing: Whether another look may see otherwise, as after a write that not every server
            knows of yet: the stage is tried as often as after a fault, and then refused.
    """

    def __init__(
        self, code: str, reason: str, remedy: str | None = None, *, passing: bool = False
    ) -> None:
        known = CODES[code]
        self.code = code
        self.reason = masked(reason)
        self.remedy = remedy or known.remedy
        self.retryable = known.retryable
        self.passing = passing
        super().__init__(f"{code}: {self.reason} ({self.remedy})")


class StageRefused(InstallerError):
    """A stage said no; what an orchestrator ends with.

    Unlike ``Refusal`` it takes any code, for a history may hold one that today's list lacks.

    Attributes:
        stage: Key of the stage, see ``progress``.
        code: See ``error_codes``.
    """

    def __init__(self, stage: str, code: str, reason: str, remedy: str) -> None:
        self.stage = stage
        self.code = code
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{stage}: {code}: {reason} ({remedy})")


class Busy(InstallerError):
    """The outside system asks to come back later, or a thing is not ready yet.

    Args:
        detail: What is waited for, in one short sentence for people.
        retry_after: Seconds that the outside system asked for; None when it named none.
    """

    def __init__(self, detail: str, retry_after: int | None = None) -> None:
        self.detail = masked(detail)
        self.retry_after = retry_after
        super().__init__(self.detail)


class Cancelled(InstallerError):
    """A person cancelled the installation."""
