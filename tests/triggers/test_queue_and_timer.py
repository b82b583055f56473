"""Messages start installations or are poison; the timer tells what is stuck, once each."""

import asyncio
import json
import logging
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from model.progress import encode
from model.settings import Settings
from model.watchdog import WORKER
from tests.model.samples import sample
from tests.triggers.calls import START, Api, document, encoded_plan, progress
from tests.triggers.hub import NOON, Hub, state
from triggers import queue, timer
from triggers._installations import INSTALL

NAME = sample()["name"]
LATER = START + timedelta(hours=2)


def registered(module: Any) -> Any:
    """What the host would index: the one function that a trigger module registers."""
    app = df.DFApp()
    module.register(app, Settings)
    [ours] = [f for f in app.get_functions() if "BuiltIn" not in str(f.get_function_name())]
    return ours


def take(hub: Hub, body: bytes) -> None:
    """Deliver one message."""
    message = func.QueueMessage(id="m1", body=body)
    ours = registered(queue).get_user_function().client_function  # below the SDK's decorators
    asyncio.run(ours(message, hub.client))


def test_a_message_starts_what_a_post_would_start() -> None:
    """And the same message once more starts nothing."""
    hub = Hub()

    take(hub, json.dumps(sample()).encode())
    first = hub.instances[NAME]
    take(hub, json.dumps(sample()).encode())

    assert first.name == INSTALL
    assert hub.instances[NAME] is first


@pytest.mark.parametrize(
    "body", [b"\xff", b"{", b'{"name": "x"}', b"[]"], ids=["binary", "cut", "incomplete", "a list"]
)
def test_a_message_that_asks_for_nothing_we_can_do_is_poison(
    body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """It raises, so that the host moves it; its errors are in the log, its values are not."""
    hub = Hub()

    with pytest.raises(queue.BadMessage):
        take(hub, body)

    assert hub.instances == {}
    assert "m1" in caplog.text


def test_the_watchdog_runs_on_the_schedule_of_the_settings_and_repeats_nothing() -> None:
    """After an outage everything needs a moment: a missed look is not made up for."""
    [binding] = [b for b in registered(timer).get_bindings() if b.name == "timer"]

    assert binding.schedule == Settings().watchdog_schedule
    assert binding.use_monitor is False


@pytest.fixture
def api() -> Api:
    """One installation whose last step was at noon; a finished one; a wait, which is none."""
    plan = encoded_plan()
    now = progress(plan).begin("ensure_cluster", START)
    hub = Hub().add(
        state(NAME, INSTALL, input=plan, custom=encode(now), updated=START),
        state("lively", INSTALL, input=plan, custom=encode(now), updated=LATER),
        state(f"{NAME}:x:observe_cluster", "wait_for_stage"),
    )
    return Api(hub)


def look(api: Api, caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What one look of the watchdog warns of."""
    caplog.set_level(logging.WARNING, "installer.watchdog")
    asyncio.run(timer.watch(api.known))
    return [json.loads(record.getMessage().partition(" ")[2]) for record in caplog.records]


def test_what_is_silent_for_too_long_is_warned_of_with_stage_budget_and_remedy(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    """One line of JSON; the same words as in the status and in the list."""
    api.now = NOON + timedelta(hours=1)

    [warned] = look(api, caplog)

    told = {"stage": "ensure_cluster", "since": "2026-05-01T12:00:00Z", "budgetSeconds": 0.0}
    assert warned == {"installation": NAME, **told, "remedy": WORKER}
    assert document(api.call("get_installation", name=NAME))["stuck"] == {**told, "remedy": WORKER}
    listed = document(api.call("list_installations"))["installations"]
    assert [one["name"] for one in listed if "stuck" in one] == [NAME]


def test_within_the_grace_nothing_is_warned_of(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    """The grace is a setting."""
    api.now = NOON + timedelta(minutes=10)
    assert look(api, caplog) == []

    api.settings = Settings(watchdog_grace_seconds="60")
    assert len(look(api, caplog)) == 1


def test_a_waiting_orchestration_that_looks_on_time_keeps_its_installation_lively(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    """The installation's own history stands still while it waits; that is no silence."""
    api.now = NOON + timedelta(minutes=30)
    plan = encoded_plan()
    now = progress(plan).begin("observe_cluster", START).wait("observe_cluster", "Creating")
    status = {"since": START.isoformat(), "nextLookAt": (START + timedelta(minutes=30)).isoformat()}
    wait = f"{NAME}:{plan['runId']}:observe_cluster"
    api.hub.add(
        state(NAME, INSTALL, input=plan, custom=encode(now), updated=START),
        state(wait, "wait_for_stage", custom=status, updated=START + timedelta(minutes=29)),
    )

    assert look(api, caplog) == []
