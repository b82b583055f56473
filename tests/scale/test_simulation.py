"""Many installations at once: what the governor prevents, and that the page tells it."""

import json
from functools import cache
from xml.etree import ElementTree as ET

import pytest

from benchmarks.scale import figures, measure, page, runs, svg
from benchmarks.scale.engine import Engine, Place, Story
from benchmarks.scale.runs import Run
from model import governor

SIZES = [10, 30, 100]
"""A thousand takes half a minute: the command's business."""


@cache
def run(installations: int, *, governed: bool) -> Run:
    paced = runs.pace(json.loads(measure.SAMPLE.read_text()))
    return runs.simulate(installations, measure.read(), paced, governed=governed)


@pytest.mark.parametrize("installations", SIZES)
def test_with_a_governor_nobody_is_refused_and_everybody_succeeds(installations: int) -> None:
    """Azure's own buckets never run dry, whatever the mirror believes."""
    governed = run(installations, governed=True)

    assert governed.refused == ()
    assert governed.succeeded == installations


def test_without_one_ten_are_no_matter_and_a_hundred_come_through_late() -> None:
    """Refusals by the thousand; patience gets every one of them there, later than a governor."""
    assert run(10, governed=False).refused == ()

    many = run(100, governed=False)
    assert len(many.refused) > 1000
    assert many.succeeded == 100
    assert many.percentile(1) > run(100, governed=True).percentile(1)


def test_a_governor_costs_few_installations_no_time() -> None:
    """Where there is enough for everybody, nobody waits for a lease."""
    alone, governed = run(10, governed=False), run(10, governed=True)

    assert governed.percentile(1) == pytest.approx(alone.percentile(1), abs=0.5)
    assert governed.questions <= 8 * 10


def test_the_same_seed_gives_the_same_run() -> None:
    """No wall clock and no other chance is in it."""
    paced = runs.pace(json.loads(measure.SAMPLE.read_text()))
    again = runs.simulate(10, measure.read(), paced, governed=True)
    other = runs.simulate(10, measure.read(), paced, governed=True, seed=1)

    assert again == run(10, governed=True)
    assert other.minutes != again.minutes


def test_lots_cover_what_was_counted() -> None:
    """A lot that were too small would let an installation ask more than it was given."""
    counts = measure.read()
    creation = measure.total((counts.group, counts.cluster, counts.credential))
    for lot, asked in (
        (governor.PREFLIGHT_LOT, counts.preflight),
        (governor.CREATION_LOT, creation),
        (governor.RECORDS_LOT, counts.records),
    ):
        assert lot.reads >= asked.reads
        assert lot.writes >= asked.writes
        assert asked.deletes == 0


def test_the_page_tells_what_was_counted_and_simulated() -> None:
    """Between its markers the page is what the command writes."""
    usual, governed = measure.read(), measure.read(governed=True)

    assert page.section("measured") == page.measured(usual, governed)
    assert page.section("costs") == page.costs(usual, governed)
    simulated = page.section("simulated").splitlines()
    expected = page.simulated([run(n, governed=on) for n in SIZES for on in (False, True)])
    assert simulated[: len(expected.splitlines())] == expected.splitlines()
    assert [line.split("|")[1].strip() for line in simulated[-2:]] == ["1000", "1000"]


def test_the_charts_are_well_formed_and_hold_a_line_for_each_run() -> None:
    """Those that are kept, and those that would be drawn of smaller runs."""
    drawn = figures.draw([run(n, governed=on) for n in SIZES for on in (False, True)])
    for name, text in drawn.items():
        kept = (figures.FOLDER / name).read_text()
        for chart in (text, kept):
            assert ET.fromstring(chart).findall("{*}polyline")  # noqa: S314 # our own file
    lengths = (figures.FOLDER / "scale-lengths.svg").read_text()
    assert lengths.count("<polyline") == 2 * len(runs.SIZES)


@pytest.mark.parametrize(("largest", "step"), [(6, 1), (7, 2), (100, 20), (0.3, 0.05)])
def test_ticks_are_round_numbers(largest: float, step: float) -> None:
    """Six of them reach the largest value; a chart of nothing has some all the same."""
    assert svg.round_step(largest) == pytest.approx(step)
    assert svg.round_step(0) > 0


def test_places_are_shared_in_the_order_of_asking() -> None:
    """The third waits until the first leaves; joined processes end before their joiner goes on."""
    engine, seen = Engine(places=2), list[tuple[str, float]]()

    def work(name: str, seconds: float) -> Story:
        yield Place()
        yield seconds
        seen.append((name, engine.now))
        engine.leave()

    def boss() -> Story:
        yield engine.start_all([work("a", 2), work("b", 5), work("c", 1)])
        seen.append(("boss", engine.now))
        yield engine.start_all([])
        seen.append(("end", engine.now))

    engine.start(boss(), at=10)
    engine.run()

    assert seen == [("a", 12), ("c", 13), ("b", 15), ("boss", 15), ("end", 15)]
    assert engine.places == 2
