"""Every query that Azure is asked is one that it understands, on names that the app tells."""

import os

import pytest

from tests.queries import service, texts
from tests.queries.names import problems
from tests.queries.planted import ERRORS, Planted
from tests.queries.service import TABLES, Bound, ServiceMissing

pytestmark = pytest.mark.timeout(300)  # npm fetches the service on a machine's first run


def _bind(queries: dict[str, str]) -> dict[str, Bound]:
    try:
        return service.bind(queries)
    except ServiceMissing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"in CI the queries are always bound: {missing}")
        pytest.skip(f"no language service for KQL: {missing}")


@pytest.fixture(scope="module")
def bound() -> dict[str, Bound]:
    """Every query of the project, bound."""
    return _bind(texts.every())


@pytest.fixture(scope="module")
def wrong() -> dict[str, Bound]:
    """Every planted one."""
    return _bind({error.name: error.text for error in ERRORS})


@pytest.mark.parametrize("key", texts.every())
def test_a_query_binds_and_names_what_is_told(bound: dict[str, Bound], key: str) -> None:
    """No unknown table, column, function, dimension, span, metric, event or state."""
    assert problems(bound[key]) == []
    assert bound[key].columns != ()


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.name)
def test_an_error_in_a_query_is_found(wrong: dict[str, Bound], error: Planted) -> None:
    """One error of each kind."""
    found = problems(wrong[error.name])

    assert any(error.told in problem for problem in found), found


@pytest.mark.parametrize("name", texts.alerts())
def test_an_alert_splits_by_columns_that_its_query_has(bound: dict[str, Bound], name: str) -> None:
    """Azure refuses a rule whose dimension is no column of the result."""
    _, dimensions = texts.alerts()[name]

    assert set(dimensions) <= set(bound[f"alert {name}"].columns)


def test_every_table_is_read_and_its_columns_have_a_source(bound: dict[str, Bound]) -> None:
    """A table that no query reads is one that nobody keeps true."""
    read = {table for told in bound.values() for table, _ in told.dimensions}

    assert read == set(TABLES)
    assert all(
        table["source"].startswith("https://learn.microsoft.com/azure/azure-monitor/")
        for table in TABLES.values()
    )


def test_without_the_service_ci_fails_and_others_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not bound is never taken for bound."""
    monkeypatch.setenv("PATH", "")
    service.installed.cache_clear()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"Node\.js is missing"):
        _bind({})
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match=r"Node\.js is missing"):
        _bind({})
    service.installed.cache_clear()
