"""``docs/monitoring.md`` tells of every query and every alert, and truly."""

import re
from typing import Any

from model import telemetry
from tests.infra.bicep_source import literal
from tests.infra.test_monitoring import MINUTES, alerts
from tests.queries import texts

DOCUMENT = (texts.ROOT / "docs" / "monitoring.md").read_text()


def rows(heading: str) -> dict[str, list[str]]:
    """Cells of a section's table by the code in the first."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return {first.strip(" `"): [cell.strip() for cell in rest] for first, *rest in cells}


def _told(alert: dict[str, Any]) -> str:
    every, window = (MINUTES[str(literal(alert[time]))] for time in ("every", "window"))
    return f"every {_length(every)}, back {_length(window)}"


def _length(minutes: int) -> str:
    return {60: "hour", 1440: "1 day"}.get(minutes, f"{minutes} min")


def test_the_queries_and_their_sentences_are_those_of_the_files() -> None:
    """No more, no fewer; each file begins with one sentence."""
    sentences = {name: texts.sentence(text) for name, text in texts.files().items()}

    assert rows("Queries") == {name: [told] for name, told in sentences.items()}
    assert [told for told in sentences.values() if not re.fullmatch(r"[A-Z][^.]+\.", told)] == []
    assert all(text.startswith("// ") and text.endswith("\n") for text in texts.files().values())


def test_the_alerts_are_those_of_the_template() -> None:
    """Severity, how often, how far back, and what splits them; and each says what to do."""
    expected = {
        name: [
            str(alert["severity"]),
            _told(alert),
            ", ".join(texts.alerts()[name][1]) or "none",
        ]
        for name, alert in alerts().items()
    }

    told = rows("Alerts")

    assert {name: cells[:3] for name, cells in told.items()} == expected
    assert all(len(cells[3]) > 40 for cells in told.values())


def test_the_spans_that_are_named_are_those_that_are_told() -> None:
    """The document's names are the contract's."""
    assert ", ".join(f"`{span}`" for span in telemetry.SPANS) in DOCUMENT
    assert all(metric.startswith("installer.") for metric in telemetry.METRICS)
    assert len(telemetry.ATTRIBUTES) == 10


def test_what_the_document_points_at_exists() -> None:
    """Files of the project and pages beside it."""
    files = re.findall(r"`((?:infra|model|tests)/[\w./-]+)`", DOCUMENT)
    pages = re.findall(r"\]\((\w+\.md)\)", DOCUMENT)

    assert len(files) > 5
    assert [name for name in files if not (texts.ROOT / name).exists()] == []
    assert [page for page in pages if not (texts.ROOT / "docs" / page).exists()] == []
