"""The benchmark of the engine measures installations that succeed."""

import asyncio

from benchmarks import engine


def test_the_installations_of_the_benchmark_succeed_and_each_waits_at_three_stages() -> None:
    _, work = asyncio.run(engine.on_the_host(2))
    assert work.waits == 3
    assert work.checks > 0
    assert work.steps > work.checks
