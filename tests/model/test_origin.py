"""Ids follow from the run alone, and a request comes out as it went in."""

from dataclasses import replace

from model.origin import KEY, Origin, marked, unmarked

RUN = Origin(installation="dash", run_id="0123abcd", attempt=1, subscription="s")
STAGE = RUN.at("ensure_component/cert-manager", 1)


def test_ids_tell_runs_stages_and_uses_apart() -> None:
    """A trace per run; a span per run and per use of a stage; a look has its stage's."""
    others = [
        STAGE,
        RUN.at("ensure_component", 1),
        RUN.at("ensure_component/cert-manager", 2),
        replace(STAGE, run_id="0123abce"),
        replace(STAGE, installation="dash2"),
    ]

    assert len({one.stage_id for one in others} | {RUN.root_id}) == 6
    assert len({one.trace_id for one in others}) == 3
    assert STAGE.looking(4).stage_id == STAGE.stage_id
    assert (RUN.trace_id >> 128, RUN.root_id >> 64) == (0, 0)


def test_what_is_not_known_is_no_attribute() -> None:
    """A run has no stage, a stage no look."""
    assert set(RUN.attributes) == {"installation", "attempt", "subscription"}
    assert set(STAGE.looking(2).attributes) == {*RUN.attributes, "stage", "look"}


def test_a_mark_comes_off_and_an_unmarked_request_stays_as_it_is() -> None:
    """An older version marked nothing."""
    request = {"resourceGroup": "rg"}

    assert unmarked(marked(request, STAGE)) == (request, STAGE)
    assert unmarked(request) == (request, None)
    assert KEY not in request
