"""An installation's status for people: a live table on a terminal, plain lines elsewhere."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self

from rich import box
from rich.console import Console, ConsoleDimensions
from rich.live import Live
from rich.table import Table
from rich.text import Text

_COLOURS = {
    "done": "green",
    "running": "cyan",
    "waiting": "yellow",
    "refused": "red",
    "failed": "red",
    "stopped": "dim",
}

_STAGE_WIDTH, _STATE_WIDTH, _ELAPSED_WIDTH = 32, 7, 9
_GAPS = 3
"""One column between two."""
_AROUND = 5
"""Lines that are no stages: title, heads, the line below them, the last one, and the cursor's."""


class StageTable:
    """Shows one status after another; use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._told: dict[str, tuple[str, str]] = {}
        self._last: Mapping[str, Any] | None = None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave every stage on the terminal, however many lines they take."""
        if self._live and self._last:
            size = self._console.size
            whole = ConsoleDimensions(size.width, _AROUND + len(self._last.get("stages", [])))
            self._live.update(stage_table(self._last, whole))
        if self._live:
            self._live.stop()

    def show(self, status: Mapping[str, Any]) -> None:
        """Show ``status``; without a terminal only what changed since the last call."""
        self._last = status
        if self._live:
            self._live.update(stage_table(status, self._console.size), refresh=True)
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


def stage_table(status: Mapping[str, Any], size: ConsoleDimensions) -> Table:
    """As many stages as ``size`` has room for; those that are done give way, the oldest first."""
    stages: list[Any] = status.get("stages", [])
    done = sum(stage["state"] == "done" for stage in stages)
    table = Table(
        title=f"{status['name']}: {status['state']}, {status.get('percent', 0)} %",
        title_justify="left",
        caption=f"{done} of {len(stages)} stages done" if stages else None,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=0,
    )
    known = _STAGE_WIDTH + _STATE_WIDTH + _ELAPSED_WIDTH + _GAPS
    table.add_column("stage", width=_STAGE_WIDTH, no_wrap=True)
    table.add_column("state", width=_STATE_WIDTH, no_wrap=True)
    table.add_column("elapsed", width=_ELAPSED_WIDTH, no_wrap=True, justify="right")
    table.add_column("what it waits for", width=max(1, size.width - known), no_wrap=True)
    for stage in _fitting(stages, max(1, size.height - _AROUND)):
        table.add_row(
            stage["stage"],
            Text(stage["state"], style=_COLOURS.get(stage["state"], "")),
            _elapsed(stage),
            Text(" ".join(stage["detail"].split()), overflow="ellipsis", no_wrap=True),
        )
    return table


def _fitting(stages: list[Any], room: int) -> list[Any]:
    """The stages to show, in their own order: first those not done, then the latest done."""
    by_weight = sorted(
        range(len(stages)),
        key=lambda index: (
            stages[index]["state"] != "done",
            stages[index]["finishedAt"] or "",
            index,
        ),
        reverse=True,
    )
    return [stages[index] for index in sorted(by_weight[:room])]


def _elapsed(stage: Mapping[str, Any]) -> str:
    start = datetime.fromisoformat(stage["startedAt"])
    end = datetime.fromisoformat(stage["finishedAt"]) if stage["finishedAt"] else datetime.now(UTC)
    return f"{max(0.0, (end - start).total_seconds()):.1f} s"
