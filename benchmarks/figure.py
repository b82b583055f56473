"""One figure: what was measured, and what it must reach."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the table.

    Attributes:
        bound: Largest (or, with ``at_least``, smallest) value that is good; None for a report only.
        detail: How the value came about.
    """

    name: str
    value: float
    bound: float | None
    detail: str
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """Reached, missed, or reported only."""
        if self.bound is None:
            return "reported"
        good = self.value >= self.bound if self.at_least else self.value <= self.bound
        return "reached" if good else "MISSED"

    @property
    def wanted(self) -> str:
        """The bound for people."""
        if self.bound is None:
            return "-"
        return f"{'>=' if self.at_least else '<='} {self.bound:g}"
