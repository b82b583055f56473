"""The alerts ask what is meant, at times that Azure Monitor takes, and load files that exist."""

import re
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from tests.infra import type_tables
from tests.infra.bicep_source import BICEP, files, label, literal, parse, read
from tests.infra.body_check import NoTable, problems, shape_of
from tests.infra.loaded_files import LARGEST_TEXT, loaded, unloadable
from tests.infra.planted import Planted

MODULE = BICEP / "modules" / "monitoring.bicep"
QUERIES = BICEP.parent / "queries"

MINUTES = {
    "PT1M": 1,
    "PT5M": 5,
    "PT10M": 10,
    "PT15M": 15,
    "PT30M": 30,
    "PT1H": 60,
    "PT6H": 360,
    "P1D": 1440,
}
"""Lengths that both a rule's frequency and its window may have.

https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule
"""
LONGEST_SHORT_NAME = 12
"""Characters of an action group's short name.

https://learn.microsoft.com/azure/templates/microsoft.insights/2023-01-01/actiongroups
"""
SEVERITIES = range(5)
MOST_DIMENSIONS = 6

ERRORS = (
    Planted("rule-enum", "'GreaterThan'", "'MoreThan'", ": MoreThan is none of "),
    Planted("rule-kind", "kind: 'LogAlert'", "kind: 'Logalert'", "Logalert is written LogAlert"),
    Planted("rule-casing", "windowSize:", "windowsize:", "is written windowSize"),
    Planted("rule-missing", "    location: location\n", "", ".location: required, and missing"),
    Planted("rule-read-only", "autoMitigate: true", "createdWithApiVersion: '1'", "read-only"),
    Planted("dimension", "values: ['*']", "value: ['*']", "dimensions[0].value: unknown"),
    Planted("group-missing", "    groupShortName: 'dash-install'\n", "", "Name: required"),
    Planted("receiver", "emailAddress: address", "email: address", "emailReceivers[0].email:"),
    Planted("workbook-kind", "kind: 'shared'", "kind: 'user'", ".kind: user is none of shared"),
    Planted("workbook-missing", "    category: 'workbook'\n", "", ".category: required"),
    Planted("version", "workbooks@2023-06-01", "workbooks@2023-06-02", "no such type or version"),
)


def alerts() -> dict[str, dict[str, Any]]:
    """The rules by name, as the module's variable has them."""
    declared = cast("dict[str, dict[str, Any]]", read(MODULE).variables["alerts"])
    return {
        name.strip("'").removeprefix("_literal_"): alert
        for name, alert in declared.items()
        if not name.startswith("__")
    }


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.name)
def test_an_error_in_the_monitoring_module_is_found(error: Planted) -> None:
    """One error of each kind, in a rule, the action group or the workbook."""
    text = MODULE.read_text()
    assert error.old in text

    found = problems(
        parse(text.replace(error.old, error.new, 1), MODULE), partial(shape_of, where=None)
    )

    assert any(error.told in problem for problem in found), found


def test_our_tables_know_everything_that_the_module_makes() -> None:
    """No resource goes unchecked where Microsoft's tables are not."""
    assert problems(read(MODULE), partial(shape_of, where=None), skip=()) == []
    assert all(f"{r.type}@{r.api_version}" in type_tables.own() for r in read(MODULE).resources)
    with pytest.raises(NoTable):
        shape_of(read(BICEP / "modules" / "logs.bicep").resources[0], where=None)


@pytest.mark.parametrize("name", alerts())
def test_an_alert_looks_often_enough_to_miss_nothing(name: str) -> None:
    """Its times are known to Azure, and its window is longer than the pause between two looks."""
    alert = alerts()[name]
    every, window = str(literal(alert["every"])), str(literal(alert["window"]))

    assert MINUTES[window] > MINUTES[every]
    assert alert["severity"] in SEVERITIES
    assert len(alert["dimensions"]) <= MOST_DIMENSIONS


def test_the_alerts_are_those_that_somebody_must_act_on() -> None:
    """Each has a query of its own, out of the files that people use too."""
    asked = {name: alert["query"]["function"]["parameters"] for name, alert in alerts().items()}

    assert {name: Path(str(literal(p["file_path"]))).name for name, p in asked.items()} == {
        "installation-failed": "failed.kql",
        "installation-stuck": "stuck.kql",
        "poison-message": "poison.kql",
        "certificate-expires": "certificates.kql",
    }


def test_short_names_are_short() -> None:
    """Azure refuses an action group whose short name is longer."""
    named = re.findall(r"groupShortName: '(.+)'", MODULE.read_text())

    assert len(named) == 1
    assert len(named[0]) <= LONGEST_SHORT_NAME


@pytest.mark.parametrize("path", files(), ids=label)
def test_every_file_that_is_loaded_exists(path: Path) -> None:
    """The compiler takes it in, so that it has to be there, and not too large."""
    assert unloadable(read(path)) == []


def test_a_file_that_cannot_be_loaded_is_found(tmp_path: Path) -> None:
    """One that is missing, and one that is too large."""
    (tmp_path / "large.json").write_text("x" * (LARGEST_TEXT + 1))
    text = "var a = loadTextContent('gone.kql')\nvar b = { c: loadJsonContent('large.json') }\n"

    module = parse(text, tmp_path / "planted.bicep")

    assert unloadable(module) == ["no gone.kql", "large.json is too large"]


def test_the_module_loads_the_workbook_and_the_queries() -> None:
    """What is asked is a checked-in text, not one inside a template."""
    folders = {path.parent for path in loaded(read(MODULE))}

    assert folders == {QUERIES, QUERIES.parent / "workbook"}
