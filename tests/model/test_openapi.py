"""The API's own description."""

from collections.abc import Iterator
from typing import Any

import pytest

from model.openapi import openapi
from model.status import STATES
from triggers.http import ROUTES

DOCUMENT = openapi()


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, child in node.items():  # pyright: ignore[reportUnknownVariableType] # JSON
            if key == "$ref":
                yield str(child)  # pyright: ignore[reportUnknownArgumentType] # JSON
            else:
                yield from references(child)
    elif isinstance(node, list):
        for child in node:  # pyright: ignore[reportUnknownVariableType] # JSON
            yield from references(child)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_route_is_described_under_its_own_name(route: Any) -> None:
    """A client generated from the document calls what is there."""
    operation = DOCUMENT["paths"][f"/{route.route}"][route.method.lower()]

    assert operation["operationId"] == route.name
    assert operation["summary"]


def test_nothing_is_described_that_is_not_there() -> None:
    """And no route is missing a method."""
    described = {(path, method) for path, item in DOCUMENT["paths"].items() for method in item}

    assert described == {(f"/{route.route}", route.method.lower()) for route in ROUTES}


def test_every_reference_leads_somewhere() -> None:
    """The request's definitions are the document's own schemas."""
    schemas = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    used = set(references(DOCUMENT))

    assert used
    assert used <= schemas


def test_the_status_has_the_states_that_the_code_has() -> None:
    """A closed list."""
    status = DOCUMENT["components"]["schemas"]["Status"]

    assert tuple(status["properties"]["state"]["enum"]) == STATES
