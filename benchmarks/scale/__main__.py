"""``python -m benchmarks.scale [--measure]``: simulate, print the table, write figures and page."""

import json
import sys

from benchmarks.scale import figures, measure, page, runs


def main(arguments: list[str]) -> int:
    """Simulate from the counts that are kept, or, with ``--measure``, from fresh ones."""
    if "--measure" in arguments:
        measure.write(measure.measure(governed=False), measure.measure(governed=True))
    usual, governed = measure.read(), measure.read(governed=True)
    paced = runs.pace(json.loads(measure.SAMPLE.read_text()))
    told: list[runs.Run] = []
    for installations in runs.SIZES:
        for on in (False, True):
            run = runs.simulate(installations, usual, paced, governed=on)
            print(f"{installations} governor {'on' if on else 'off'}", file=sys.stderr, flush=True)
            told.append(run)
    table = page.simulated(told)
    page.write("measured", page.measured(usual, governed))
    page.write("simulated", table)
    page.write("costs", page.costs(usual, governed))
    figures.write(told)
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
