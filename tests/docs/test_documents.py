"""What the documents say is what the code does."""

import ast
import json
import re
from pathlib import Path

from model.error_codes import CODES
from model.planning import build_plan
from model.request import InstallRequest, parse_request
from model.settings import Settings
from model.stages import STAGES
from tests.model.samples import sample

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path
    for folder in ("model", "gateways", "activities", "orchestrators", "triggers")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def rows(document: str) -> dict[str, list[str]]:
    """Table rows of a document by their first cell, which is code."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "docs" / document).read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            found[cells[0].strip("`")] = cells[1:]
    return found


def test_the_error_list_is_the_codes_list() -> None:
    """Every code, its meaning, whether a repeat can help, and its remedy."""
    expected = {
        code: [known.meaning, "yes" if known.retryable else "no", known.remedy]
        for code, known in CODES.items()
    }

    assert rows("errors.md") == expected


def test_every_code_that_is_raised_is_on_the_list() -> None:
    """Refusals and error findings name codes as literals; each must be known."""
    unknown: list[str] = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = {"Refusal": 0, "error": 1, "StageRefused": 1}.get(node.func.id)
            if place is None or len(node.args) <= place:
                continue
            code = node.args[place]
            if isinstance(code, ast.Constant) and code.value not in CODES:
                unknown.append(f"{path.name}: {code.value}")

    assert unknown == []


def test_every_stage_is_described_with_its_attempts_and_deadline() -> None:
    """The stage table follows ``model/stages.py`` and the plan's deadlines."""
    parsed = parse_request(sample())
    assert isinstance(parsed, InstallRequest)
    plan = build_plan(parsed, Settings(), attempt=1, submitted_at="2026-01-01T00:00:00Z")
    expected = {
        stage.name: [
            stage.request.__name__,
            stage.result.__name__,
            str(stage.attempts),
            f"{plan.pace.deadlines.get(stage.name, plan.pace.deadline).total_seconds() / 60:g} min",
        ]
        for stage in STAGES
    }

    found = {name: cells[1:] for name, cells in rows("stages.md").items()}

    assert found == expected


def test_every_setting_is_in_the_sample_and_in_the_documents() -> None:
    """Names and defaults; the sample may leave a default empty."""
    values = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
    documented = rows("settings.md")

    for name, default in Settings.names().items():
        assert values[name] in ("", default)
        assert documented[name][0].strip("`") == default


def test_concurrency_fits_the_threads_that_python_has() -> None:
    """Activities that are prefetched beyond the threads would only wait."""
    durable = json.loads((ROOT / "host.json").read_text())["extensions"]["durableTask"]
    values = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]

    assert durable["maxConcurrentActivityFunctions"] == int(
        values["PYTHON_THREADPOOL_THREAD_COUNT"]
    )


def test_the_readmes_commands_are_targets_of_the_makefile() -> None:
    """Nobody is sent to a command that is not there."""
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"\bmake ([a-z-]+)", (ROOT / "README.md").read_text()))

    assert {"demo", "test", "check"} <= named
    assert [target for target in named if f"\n{target}:" not in makefile] == []


def test_the_deployment_list_holds_what_the_lock_holds() -> None:
    """Remote build reads requirements.txt alone; its versions are those of uv.lock."""
    lock = (ROOT / "uv.lock").read_text()
    locked = dict(re.findall(r'\[\[package\]\]\nname = "([^"]+)"\nversion = "([^"]+)"', lock))
    listed = re.findall(
        r"^([a-zA-Z0-9_.-]+)==([^\s;]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE
    )

    assert len(listed) > 30
    assert [(name, version) for name, version in listed if locked.get(name) != version] == []
    assert "azure-functions-runtime" not in dict(listed)


def test_all_links_between_documents_lead_somewhere() -> None:
    """Relative links of the README and of every page."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
        if not (page.parent / target).exists()
    ]

    assert broken == []
