"""Which orchestration versions this app may run.

https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-orchestration-versioning
"""

from dataclasses import dataclass
from typing import Literal

type Verdict = Literal["run", "wait", "fail"]


@dataclass(frozen=True, slots=True)
class VersionPolicy:
    """``defaultVersion``, ``versionMatchStrategy`` and ``versionFailureStrategy`` of host.json.

    Attributes:
        default: Version of instances that are started without one; None for none.
        match: ``None``, ``Strict`` or ``CurrentOrOlder``.
        failure: ``Reject`` lets a foreign version wait for other code, ``Fail`` fails it.
    """

    default: str | None = None
    match: str = "CurrentOrOlder"
    failure: str = "Reject"

    def verdict(self, version: str | None) -> Verdict:
        """What becomes of an instance of this version."""
        if self._fits(version):
            return "run"
        return "fail" if self.failure.lower() == "fail" else "wait"

    def _fits(self, version: str | None) -> bool:
        strategy = self.match.lower()
        if self.default is None or strategy == "none":
            return True
        if strategy == "strict":
            return (version or "") == self.default
        return _order(version or "") <= _order(self.default)


def _order(version: str) -> tuple[int, tuple[int, ...], str]:
    """Numbers compare as numbers, anything else as text; no version is older than every other."""
    parts = version.split(".")
    if all(part.isdigit() for part in parts):
        return (1, tuple(int(part) for part in parts), "")
    return (1 if version else 0, (), version.lower())
