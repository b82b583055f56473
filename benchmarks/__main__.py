"""``python -m benchmarks [NAME...]``: run all or the named ones, print one table."""

import sys
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from benchmarks import commands, engine, indexing, installation, replay
from benchmarks.figure import Figure

BENCHMARKS: dict[str, Callable[[], list[Figure]]] = {
    "installation": installation.measure,
    "engine": engine.measure,
    "indexing": indexing.measure,
    "replay": replay.measure,
    "commands": commands.measure,
}


def main(names: list[str]) -> int:
    """Print the table; the exit code is 0 whatever the verdicts: figures inform, tests judge."""
    table = Table(title="Benchmarks", title_justify="left")
    for column in ("figure", "measured", "must reach", "verdict", "how"):
        table.add_column(column, overflow="fold")
    for name in names or list(BENCHMARKS):
        for figure in BENCHMARKS[name]():
            print(f"{figure.name}: {figure.value:.3g}", file=sys.stderr, flush=True)
            table.add_row(
                figure.name, f"{figure.value:.3g}", figure.wanted, figure.verdict, figure.detail
            )
    Console(width=160).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
