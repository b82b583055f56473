"""The figures of ``docs/scale.md``, between markers that the command rewrites."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.scale import cost
from benchmarks.scale.measure import Calls, Counts
from benchmarks.scale.runs import Run

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scale.md"


def section(name: str) -> str:
    """What the page has between the markers of ``name``."""
    return _between(name).split(PAGE.read_text())[1].strip()


def write(name: str, body: str) -> None:
    """Replace what is between the markers of ``name``."""
    before, _, after = _between(name).split(PAGE.read_text(), maxsplit=1)
    begin, end = _markers(name)
    PAGE.write_text(f"{before}{begin}\n{body}\n{end}{after}")


def _between(name: str) -> re.Pattern[str]:
    begin, end = map(re.escape, _markers(name))
    return re.compile(f"{begin}(.*?){end}", re.DOTALL)


def _markers(name: str) -> tuple[str, str]:
    return f"<!-- scale:{name} -->", f"<!-- /scale:{name} -->"


def measured(usual: Counts, governed: Counts) -> str:
    """What one installation asks and leaves."""
    rows = [
        ("ARM: preflight", *map(_calls, (usual.preflight, governed.preflight))),
        (
            "ARM: group, cluster, credential, records",
            *map(_calls, (usual.creation, governed.creation)),
        ),
        ("ARM: looks at the cluster, a read each", usual.looks, governed.looks),
        ("activities", usual.activities, governed.activities),
        ("turns of orchestrators", usual.turns, governed.turns),
        ("orchestrations", usual.instances, governed.instances),
        ("timers", usual.timers, governed.timers),
        ("queue messages", usual.messages, governed.messages),
        ("questions to the governor", usual.questions, governed.questions),
        ("history rows, all orchestrations", usual.rows, governed.rows),
        ("history rows, the longest", usual.longest_history, governed.longest_history),
    ]
    return _table(("counted", "governor off", "governor on"), rows)


def simulated(runs: Sequence[Run]) -> str:
    """The table of runs."""
    return _table(
        (
            "at once",
            "governor",
            "succeeded",
            "429",
            "peak requests/s",
            "busiest minute, answers/s",
            "minutes: median",
            "95 %",
            "last",
        ),
        [row(run) for run in runs],
    )


def row(run: Run) -> tuple[str | int, ...]:
    """One run."""
    lengths = [f"{run.percentile(part):.0f}" if run.minutes else "-" for part in (0.5, 0.95, 1.0)]
    return (
        run.installations,
        "on" if run.governed else "off",
        run.succeeded,
        f"{len(run.refused):,}",
        f"{run.peak:,}",
        f"{run.sustained:.1f}",
        *lengths,
    )


def costs(usual: Counts, governed: Counts) -> str:
    """Units of one installation, and the price of those whose price is known here."""
    price = cost.FUNCTION_TIME
    both = (usual, governed)
    seconds = [cost.gigabyte_seconds(counts) for counts in both]
    rows = [
        ("function executions", *map(cost.executions, both)),
        ("GB-seconds, at most", *(f"{one:.0f}" for one in seconds)),
        ("the same in dollars", *(f"{price.of(one):.4f}" for one in seconds)),
        ("queue operations, at most", *map(cost.queue_operations, both)),
        ("table operations, at most", *map(cost.table_operations, both)),
        ("actions of Durable Task Scheduler", *map(cost.actions, both)),
    ]
    source = (
        f"Price: ${price.dollars:f} per {price.unit}, [read here]({price.source}), {price.seen}."
    )
    return f"{_table(('of one installation', 'governor off', 'governor on'), rows)}\n\n{source}"


def _calls(calls: Calls) -> str:
    return f"{calls.reads} reads, {calls.writes} writes"


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [_line(heads), _line(["---"] * len(heads)), *map(_line, rows)]
    return "\n".join(lines)


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
