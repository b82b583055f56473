"""What a bound query may name: the attributes, spans, metrics and events of ``model.telemetry``."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from model import telemetry
from model.progress import StageState
from tests.queries.service import Bound

DIMENSIONS = {
    "traces": frozenset(telemetry.ATTRIBUTES),
    "dependencies": frozenset(telemetry.ATTRIBUTES) - {telemetry.EVENT},
    "customMetrics": frozenset(
        {telemetry.STAGE, telemetry.STATE, telemetry.CODE, telemetry.SUBSCRIPTION}
    ),
}
"""Which attributes a table's rows have: a metric only those that its description names."""

NAMES = {
    "dependencies": frozenset(telemetry.SPANS),
    "customMetrics": frozenset(telemetry.METRICS),
}
"""What a table's column ``name`` holds."""

STATES = frozenset(get_args(StageState.__value__)) | {"Succeeded", "Failed", "Cancelled"}
"""How a stage or an installation ends, as the status says it."""

VALUES = {telemetry.EVENT: frozenset(telemetry.EVENTS), telemetry.STATE: STATES}
"""What a dimension holds, where that is known."""

EXACT = ("==", "!=", "in", "!in")


def problems(bound: Bound) -> list[str]:
    """Everything that Azure would refuse, or that would silently find nothing."""
    return [*bound.diagnostics, *_unknown_dimensions(bound), *_unknown_values(bound)]


def _unknown_dimensions(bound: Bound) -> Iterator[str]:
    for table, key in bound.dimensions:
        if table is None or key is None:
            yield "customDimensions: used otherwise than by a literal key of one table"
        elif key not in DIMENSIONS[table]:
            yield f"{table}: no dimension {key}"


def _unknown_values(bound: Bound) -> Iterator[str]:
    for compared in bound.comparisons:
        known = _known(compared)
        what = compared["dimension"] or f"{compared['table']}.name"
        if known is None:
            continue
        if compared["operator"] not in EXACT or None in compared["values"]:
            yield f"{what}: compared otherwise than with literals"
            continue
        yield from (f"{what}: no {value}" for value in compared["values"] if value not in known)


def _known(compared: Mapping[str, Any]) -> frozenset[str] | None:
    """None where nothing is known, so that anything may be compared."""
    if compared["dimension"] is not None:
        return VALUES.get(compared["dimension"])
    return NAMES.get(compared["table"] or "", frozenset())
