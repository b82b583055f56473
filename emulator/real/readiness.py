"""What ``make real-servers`` says of each server, and where it puts them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / ".cache" / "real-servers"
"""Holds everything that is fetched or built; ignored by git, safe to delete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What became of one server.

    Attributes:
        server: Name and version, as a person would call it.
        where: The program's folder or file; None when it is not ready.
        why: What is missing and how to get it; empty when ready.
    """

    server: str
    where: Path | None
    why: str = ""


def is_required(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a missing server is a failure, as in CI, or a skip, as on a person's machine."""
    return environ.get("CI", "").lower() in {"1", "true"}
