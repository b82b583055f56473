"""At least once: work delivered twice, answers lost."""

import uuid

import pytest

from tests.functions_host.hosting import APPS, Host, start_host


def _counted(host: Host) -> tuple[list[int], list[list[float]]]:
    key = uuid.uuid4().hex
    done = host.result(host.start("counted", key))
    assert done["status"] == "COMPLETED", done
    return done["output"], host.call("GET", f"/api/runs/{key}").json()


@pytest.mark.parametrize("way", ["after", "together"])
def test_every_activity_can_be_delivered_twice(way: str) -> None:
    """Each of two activities runs twice, one after the other or overlapping; one answer counts."""
    host = start_host(APPS / "durable", "--deliver-twice", way)
    try:
        output, runs = _counted(host)
    finally:
        assert host.stop() == 0
    overlapping = runs[1][0] < runs[0][1]

    assert len(runs) == 4
    assert len(output) == 2
    assert overlapping == (way == "together")


def test_work_whose_answer_is_lost_is_offered_again() -> None:
    """A worker that is gone after its work costs a second run, never the orchestration."""
    host = start_host(APPS / "durable", "--lose-answers", "1", "--lose-turns", "1")
    try:
        output, runs = _counted(host)
    finally:
        assert host.stop() == 0

    assert len(runs) == 4
    assert output == [2, 4]
