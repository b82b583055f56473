"""The table of stages on terminals of usual sizes."""

import io
from typing import Any

import pytest
from rich.console import Console

from emulator.stage_table import StageTable, stage_table

_SIZES = [(80, 24), (120, 40)]
_AT = "2026-01-01T00:00:00.000Z"


def stage(name: str, state: str, detail: str = "") -> dict[str, Any]:
    """A stage as the status shows it."""
    ended = "2026-01-01T00:00:12.500Z" if state == "done" else None
    return {
        "stage": name,
        "state": state,
        "detail": detail,
        "startedAt": _AT,
        "finishedAt": ended,
    }


def status(*stages: dict[str, Any]) -> dict[str, Any]:
    """A status that has gone half way."""
    return {"name": "acme-analytics", "state": "Running", "percent": 47, "stages": list(stages)}


def long_run() -> dict[str, Any]:
    """A cluster's stages and fifty components, of which two are not done."""
    done = [stage(f"observe_component/number-{number}", "done") for number in range(50)]
    waiting = stage("observe_application", "waiting", "StatefulSet/postgres is unavailable, " * 9)
    running = stage("ensure_dns_records", "running", "[seven] records")
    return status(waiting, *done, running)


def lines(shown: dict[str, Any], width: int, height: int) -> list[str]:
    """What a terminal of this size shows."""
    console = Console(file=io.StringIO(), width=width, height=height)
    with console.capture() as captured:
        console.print(stage_table(shown, console.size))
    return captured.get().splitlines()


@pytest.mark.parametrize(("width", "height"), _SIZES, ids=["80x24", "120x40"])
def test_name_state_and_time_of_a_stage_are_whole_beside_a_long_detail(
    width: int, height: int
) -> None:
    """The detail alone is cut, and ends with an ellipsis."""
    name = "observe_component/cert-manager"
    line = next(
        line
        for line in lines(status(stage(name, "done", "waiting for pods " * 20)), width, height)
        if name in line
    )

    assert line.split()[:4] == [name, "done", "12.5", "s"]
    assert line.rstrip().endswith("…")
    assert len(line) <= width


@pytest.mark.parametrize(("width", "height"), _SIZES, ids=["80x24", "120x40"])
def test_a_long_run_fits_the_terminal_and_shows_what_is_open(width: int, height: int) -> None:
    """Open stages, the latest done ones, and how many are done."""
    shown = lines(long_run(), width, height)

    assert len(shown) < height
    text = "\n".join(shown)
    assert "observe_application" in text
    assert "ensure_dns_records" in text
    assert "observe_component/number-49" in text
    assert "observe_component/number-0 " not in text
    assert "50 of 52 stages done" in text
    assert "47 %" in text


def test_brackets_in_a_detail_are_shown_and_not_taken_for_colours() -> None:
    """A detail comes from foreign systems."""
    assert "[seven] records" in "\n".join(lines(long_run(), 120, 40))


def test_what_stays_on_the_terminal_at_the_end_is_every_stage() -> None:
    """While it runs the table fits; afterwards nothing has to be redrawn."""
    screen = io.StringIO()
    console = Console(file=screen, width=80, height=24, force_terminal=True)

    with StageTable(console) as table:
        table.show(long_run())
        assert "observe_component/number-0 " not in screen.getvalue()

    assert "observe_component/number-0 " in screen.getvalue()
