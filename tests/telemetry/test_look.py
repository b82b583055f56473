"""What a call of an activity tells: how it ended, whose it was, and what Azure called it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from activities import ALL
from activities._bind import Fault, bind
from gateways import Gateways, arm_answers
from model import stages, telemetry, wire
from model.errors import Busy, Refusal
from model.origin import Origin, marked
from model.outcome import Pending
from model.results import Made
from tests.gateways.azure_world import Emulated, emulated
from tests.telemetry.rows import Rows

ORIGIN = Origin(installation="looked", run_id="r", attempt=2, subscription="s").at(
    "ensure_resource_group", 1
)
MADE = Made(resource_id="/x", changed=True)
NOWHERE = cast("Gateways", object())


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
def world() -> Iterator[Emulated]:
    with emulated() as up:
        yield up


def call(answer: Any, payload: wire.JsonObject) -> None:
    """Call an activity whose body gives, or raises, this answer."""

    def body(gateways: Gateways, spec: Any) -> Any:
        del gateways, spec
        if isinstance(answer, Exception):
            raise answer
        return answer

    bind(stages.ENSURE_RESOURCE_GROUP, body).run(NOWHERE, payload)


def group(world: Emulated) -> wire.JsonObject:
    return wire.encode(world.spec("looked"))


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        (MADE, "ready", None),
        (Pending(detail="Creating"), "pending", None),
        (Busy("throttled"), "pending", None),
        (Refusal("request-invalid", "no"), "refused", "request-invalid"),
    ],
    ids=["ready", "pending", "busy", "refused"],
)
def test_every_answer_is_a_state(
    world: Emulated, rows: Rows, answer: Any, state: str, code: str | None
) -> None:
    """And a refusal has its code; the span is a child of the stage's, in the run's trace."""
    origin = replace(ORIGIN, run_id=state + str(code) + type(answer).__name__)

    call(answer, marked(group(world), origin.looking(3)))

    [look] = rows.spans(telemetry.SPAN_LOOK, installation="looked")
    dimensions = look["customDimensions"]
    assert (dimensions[telemetry.STATE], dimensions.get(telemetry.CODE)) == (state, code)
    assert (dimensions[telemetry.LOOK], dimensions[telemetry.ATTEMPT]) == ("3", "2")
    assert look["success"] is (code is None)
    assert look["operation_Id"] == f"{origin.trace_id:032x}"
    assert look["operation_ParentId"] == f"{origin.stage_id:016x}"


def test_a_fault_is_told_without_its_text(world: Emulated, rows: Rows) -> None:
    """The text may quote what another system said; history has it masked, a span has it not."""
    with pytest.raises(Fault):
        call(OSError("quoted by the other side"), marked(group(world), ORIGIN.looking(1)))

    [look] = rows.spans(telemetry.SPAN_LOOK, installation="looked")
    assert look["customDimensions"][telemetry.STATE] == "failed"
    assert look["customDimensions"][telemetry.CODE] == "stage-failed"
    assert look["success"] is False
    assert "quoted" not in str(look)


def test_a_call_from_elsewhere_is_told_by_its_stage_alone(world: Emulated, rows: Rows) -> None:
    """An activity that an older version asked for works all the same."""
    call(MADE, group(world))

    [look] = rows.spans(telemetry.SPAN_LOOK, stage="ensure_resource_group")
    assert look["operation_ParentId"] == ""
    assert set(look["customDimensions"]) == {telemetry.STAGE, telemetry.STATE}


def test_azures_request_id_and_its_429_are_told(world: Emulated, rows: Rows) -> None:
    """The id of the last answer; the metric counts by stage and subscription."""
    [bound] = [b for b in ALL if b.stage is stages.ENSURE_RESOURCE_GROUP]
    world.faults.add(server="arm", method="PUT", status=429, retry_after=1, times=1)

    bound.run(world.gateways, marked(group(world), ORIGIN.looking(1)))
    bound.run(world.gateways, marked(group(world), ORIGIN.looking(2)))

    first, second = rows.spans(telemetry.SPAN_LOOK, installation="looked")
    assert first["customDimensions"][telemetry.STATE] == "pending"
    assert second["customDimensions"][telemetry.STATE] == "ready"
    assert second["customDimensions"][telemetry.ARM_REQUEST_ID]
    [counted] = rows.metrics(telemetry.THROTTLED)
    assert counted["value"] == 1
    assert counted["customDimensions"] == {
        telemetry.STAGE: "ensure_resource_group",
        telemetry.SUBSCRIPTION: "s",
    }


def test_answers_are_heard_by_the_one_that_listens() -> None:
    """Nobody listens to most of them; an answer without an id leaves the id before."""
    arm_answers.answered(429, {"x-ms-request-id": "before"})
    with arm_answers.listening() as heard:
        arm_answers.answered(200, {"x-ms-request-id": "one"})
        arm_answers.answered(429, {})

    assert (heard.request_id, heard.throttled) == ("one", 1)
