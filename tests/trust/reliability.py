"""Keeps ``docs/reliability.md``: each suite writes the section with its own figures."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"


def write_section(title: str, body: str) -> None:
    """Replace the section ``## title`` of the page, or add it at the end.

    ``body`` is Markdown without headings of the second level. The promises above the first
    section are written by hand.
    """
    page = PAGE.read_text()
    section = f"## {title}\n\n{body.strip()}\n"
    found = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if found.search(page):
        told = found.sub(lambda _: f"{section}\n", page, count=1)
    else:
        told = f"{page.rstrip()}\n\n{section}"
    PAGE.write_text(f"{told.rstrip()}\n")
