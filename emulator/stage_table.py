"""An installation's status for people: a live table on a terminal, plain lines elsewhere."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

_MARKS = {
    "done": "[green]done[/]",
    "running": "[cyan]running[/]",
    "waiting": "[yellow]waiting[/]",
    "refused": "[red]refused[/]",
    "failed": "[red]failed[/]",
    "stopped": "[dim]stopped[/]",
}


class StageTable:
    """Shows one status after another; use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._told: dict[str, tuple[str, str]] = {}

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, status: Mapping[str, Any]) -> None:
        """Show ``status``; without a terminal only what changed since the last call."""
        if self._live:
            self._live.update(_table(status), refresh=True)
            return
        for stage in status.get("stages", []):
            seen = (stage["state"], stage["detail"])
            if self._told.get(stage["stage"]) != seen:
                self._told[stage["stage"]] = seen
                took = _elapsed(stage)
                self._console.print(
                    f"{stage['stage']:32} {stage['state']:8} {took:>8}  {stage['detail']}",
                    highlight=False,
                    markup=False,
                    soft_wrap=True,
                )


def _table(status: Mapping[str, Any]) -> Table:
    percent = status.get("percent", 0)
    table = Table(title=f"{status['name']}: {status['state']}, {percent} %", title_justify="left")
    table.add_column("stage", no_wrap=True)
    table.add_column("state")
    table.add_column("elapsed", justify="right")
    table.add_column("what it waits for", overflow="ellipsis", no_wrap=True, ratio=1)
    for stage in status.get("stages", []):
        table.add_row(
            stage["stage"],
            _MARKS.get(stage["state"], stage["state"]),
            _elapsed(stage),
            stage["detail"],
        )
    return table


def _elapsed(stage: Mapping[str, Any]) -> str:
    start = datetime.fromisoformat(stage["startedAt"])
    end = datetime.fromisoformat(stage["finishedAt"]) if stage["finishedAt"] else datetime.now(UTC)
    return f"{max(0.0, (end - start).total_seconds()):.1f} s"
