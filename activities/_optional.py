"""Looks that a check can do without: a missing right becomes a warning that names it."""

from collections.abc import Callable, Iterable

from model.errors import Refusal
from model.finding import Finding, warning


def or_warning(rule: str, look: Callable[[], Iterable[Finding]]) -> tuple[Finding, ...]:
    """The findings of ``look``; when we may not look, one warning of ``rule`` that says so.

    Raises:
        Refusal: Any other no.
    """
    try:
        return tuple(look())
    except Refusal as refusal:
        if refusal.code != "permission-missing":
            raise
        return (warning(rule, refusal.reason, refusal.remedy),)
