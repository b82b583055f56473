"""The workbook shows what it should, asks what the files say, and is what Azure opens."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.queries import texts

FOLDER = texts.WORKBOOK.parent
TITLES = (
    "Installations now",
    "Timeline of {Installation}",
    "Slowest stages",
    "Faults by code",
    "Throttling",
)
PLACEHOLDER = "<application-insights-id>"


def fill(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program that writes the queries into the workbook."""
    command = [sys.executable, str(folder / "workbook" / "fill.py"), *arguments]
    return subprocess.run(  # noqa: S603 # the committed program
        command, capture_output=True, text=True, check=False, timeout=50
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Workbook and queries, to be changed."""
    for name in ("workbook", "queries"):
        shutil.copytree(FOLDER.parent / name, tmp_path / name)
    return tmp_path


def groups() -> list[dict[str, Any]]:
    """The workbook's parts that hold others."""
    return [item["content"] for item in texts.workbook()["items"] if item["type"] == 12]


def test_every_query_of_the_workbook_is_a_files_text() -> None:
    """Word by word, so that what is tested and read is what is shown."""
    known = set(texts.files().values())
    asked = [part["query"] for part in texts.parts(texts.workbook())]

    assert len(asked) >= len(texts.files())
    assert [query for query in asked if query not in known] == []
    assert fill(FOLDER.parent, "--check").returncode == 0


def test_every_query_is_shown_in_the_workbook() -> None:
    """A file that is shown nowhere would be found by nobody."""
    asked = {part["query"] for part in texts.parts(texts.workbook())}

    assert [name for name, text in texts.files().items() if text not in asked] == []


def test_a_changed_query_is_told_and_written(copied: Path) -> None:
    """The check ends with 1 until the program has run."""
    file = copied / "queries" / "poison.kql"
    file.write_text(file.read_text() + "| take 5\n")

    assert fill(copied, "--check").returncode == 1
    assert "fill.py" in fill(copied, "--check").stderr
    assert fill(copied).returncode == 0
    assert fill(copied, "--check").returncode == 0
    assert "| take 5" in (copied / "workbook" / texts.WORKBOOK.name).read_text()


def test_the_workbook_has_the_parts_that_it_promises() -> None:
    """In its own words, and as a notebook of the version that Azure opens."""
    titles = [group["title"] for group in groups()]

    assert texts.workbook()["version"] == "Notebook/1.0"
    assert [title for title in TITLES if title not in titles] == []


def test_every_part_asks_the_component_in_the_chosen_time() -> None:
    """The tables are those of Application Insights, which a workspace does not have."""
    for part in texts.parts(texts.workbook()):
        assert part["resourceType"] == "microsoft.insights/components"
        assert part["timeContextFromParameter"] == "TimeRange"
        assert part["queryType"] == 0


def test_every_parameter_that_is_used_is_asked_for() -> None:
    """A misspelt one would be shown as it stands."""
    asked = {
        parameter["name"]
        for item in texts.workbook()["items"]
        if item["type"] == 9
        for parameter in item["content"]["parameters"]
    }
    used = set(re.findall(r"\{(\w+)\}", texts.WORKBOOK.read_text()))

    assert used == {"Installation"}
    assert used <= asked


def test_names_and_ids_of_parts_are_unique() -> None:
    """The editor loses one of two parts of the same name."""
    inner = [item["name"] for group in groups() for item in group["items"]]
    names = inner + [item["name"] for item in texts.workbook()["items"]]
    ids = re.findall(r'"id": "([^"]+)"', texts.WORKBOOK.read_text())

    assert len(names) == len(set(names))
    assert len(ids) == len(set(ids)) == 2


def test_the_component_is_written_in_by_the_template() -> None:
    """Opened from Azure Monitor's gallery, the workbook knows whom to ask."""
    assert texts.workbook()["fallbackResourceIds"] == [PLACEHOLDER]
    assert f"'{PLACEHOLDER}', applicationInsightsId)" in texts.MONITORING.read_text()
    assert json.loads(texts.WORKBOOK.read_text().replace(PLACEHOLDER, "/subscriptions/x"))
