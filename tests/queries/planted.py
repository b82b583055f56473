"""Queries with one error each, and what must be said of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Planted:
    """One wrong query.

    Attributes:
        told: What one of the problems contains.
    """

    name: str
    text: str
    told: str


ERRORS = (
    Planted("syntax", "traces | where", "KS"),
    Planted("column", "traces | where severity > 2", "'severity' does not refer to any known"),
    Planted("column-of-another-table", "traces | summarize sum(valueSum)", "'valueSum' does not"),
    Planted("column-after-project", "traces | project message | sort by timestamp", "'timestamp'"),
    Planted("table", "AppTraces | take 1", "'AppTraces' does not refer to any known table"),
    Planted("function", "traces | where startof(timestamp) > 1", "'startof' does not refer"),
    Planted("operator", "traces | summarise count()", "KS"),
    Planted("type", "traces | where timestamp > 'noon'", "KS"),
    Planted(
        "dimension", "traces | extend a = customDimensions.phase", "traces: no dimension phase"
    ),
    Planted(
        "dimension-in-brackets",
        "traces | where tostring(customDimensions['Stage']) == 'x'",
        "traces: no dimension Stage",
    ),
    Planted(
        "dimension-of-another-table",
        "customMetrics | extend i = customDimensions.installation",
        "customMetrics: no dimension installation",
    ),
    Planted(
        "dimension-by-another-way",
        "traces | extend all = parse_json(customDimensions) | extend a = all.phase",
        "customDimensions: used otherwise",
    ),
    Planted(
        "dimension-of-a-union",
        "union traces, dependencies | extend a = customDimensions.stage",
        "customDimensions: used otherwise",
    ),
    Planted(
        "event",
        "traces | where tostring(customDimensions.event) == 'stage-begun'",
        "event: no stage-begun",
    ),
    Planted(
        "event-under-another-name",
        "let told = traces | extend what = tostring(customDimensions.event);"
        " told | summarize countif(what in ('stage-began', 'stage-finished'))",
        "event: no stage-finished",
    ),
    Planted(
        "part-of-an-event",
        "traces | where tostring(customDimensions.event) startswith 'stage'",
        "event: compared otherwise",
    ),
    Planted(
        "computed-event",
        "traces | where tostring(customDimensions.event) == strcat('stage', '-began')",
        "event: compared otherwise",
    ),
    Planted(
        "state",
        "traces | where tostring(customDimensions.state) == 'failure'",
        "state: no failure",
    ),
    Planted(
        "metric", "customMetrics | where name == 'installer.fault'", "name: no installer.fault"
    ),
    Planted("span", "dependencies | where name in ('stage', 'activity')", "name: no activity"),
    Planted("span-as-metric", "customMetrics | where name == 'stage'", "name: no stage"),
    Planted(
        "name-under-another-name",
        "dependencies | project span = name | where span == 'step'",
        "name: no step",
    ),
    Planted(
        "name-after-a-join",
        "let spans = dependencies | project name, operation_Id;"
        " traces | join kind=inner spans on operation_Id | where name == 'step'",
        "name: no step",
    ),
)
