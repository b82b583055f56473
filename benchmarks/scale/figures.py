"""The charts of ``docs/scale.md``."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.scale.runs import Run
from benchmarks.scale.svg import Line, chart

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "figures"
_COLOURS = {10: "#4477aa", 30: "#ccbb44", 100: "#228833", 1000: "#aa3377"}
_BIN = 30
"""Seconds over which rates are averaged."""

_SHARES = 40
"""Points of a distribution."""


def draw(runs: Sequence[Run]) -> dict[str, str]:
    """File name to SVG."""
    largest = max(run.installations for run in runs)
    at_most = [run for run in runs if run.installations == largest]
    return {
        "scale-lengths.svg": _lengths(runs),
        "scale-answers.svg": _answers(at_most),
        "scale-refusals.svg": _refusals(runs),
    }


def write(runs: Sequence[Run]) -> None:
    """Into the documents' folder."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in draw(runs).items():
        (FOLDER / name).write_text(text)


def _lengths(runs: Sequence[Run]) -> str:
    lines = [
        Line(
            _kind(run),
            _COLOURS[run.installations],
            [
                (run.percentile(n / _SHARES), run.succeeded / run.installations * 100 * n / _SHARES)
                for n in range(_SHARES + 1)
            ],
            dashed=not run.governed,
        )
        for run in sorted(runs, key=lambda one: (not one.governed, one.installations))
    ]
    title = "Installations that succeeded, by minutes since their post"
    return chart(title, "minutes", "% of all", lines)


def _answers(runs: Sequence[Run]) -> str:
    lines = [
        Line(_kind(run), _COLOURS[run.installations], _rates(run.answered), not run.governed)
        for run in sorted(runs, key=lambda one: not one.governed)
    ]
    title = f"Requests of {runs[0].installations} installations that were answered"
    return chart(title, "minutes", "a second", lines)


def _refusals(runs: Sequence[Run]) -> str:
    lines = [
        Line(_kind(run), _COLOURS[run.installations], _rates(run.refused), not run.governed)
        for run in runs
        if run.refused or run.governed
    ]
    return chart("Requests that were answered 429", "minutes", "a second", lines)


def _kind(run: Run) -> str:
    return f"{run.installations} {'governed' if run.governed else 'ungoverned'}"


def _rates(seconds: Iterable[float]) -> list[tuple[float, float]]:
    bins = Counter(int(second // _BIN) for second in seconds)
    return [(n * _BIN / 60, bins[n] / _BIN) for n in range(max(bins, default=0) + 2)]
