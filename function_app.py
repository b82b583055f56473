"""Composition root: registers triggers, orchestrators and activities; nothing else."""

import os
from functools import cache
from typing import Any, cast

import azure.durable_functions as df
import azure.functions as func

import activities
from gateways import Gateways
from model.orphans import Marked
from model.ownership import TAG_INSTALLATION
from model.settings import Settings
from orchestrators.governor import GOVERNOR, arm_governor
from orchestrators.install import install_dash_enterprise
from orchestrators.preflight import preflight
from orchestrators.wait import wait_for_stage
from telemetry.start import start
from triggers import http, queue, timer

start(os.environ)
app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


@cache
def _settings() -> Settings:
    return Settings.read(os.environ)


@cache
def _gateways() -> Gateways:
    return Gateways(_settings())


def _marked(subscription_id: str) -> list[Marked]:
    return _gateways().resource_groups(subscription_id).all_marked(TAG_INSTALLATION)


def _register(bound: activities.Bound) -> None:
    # The host's indexer takes no parametrised annotation.
    def activity(payload: dict) -> dict:  # type: ignore[type-arg] # see the line above
        asked = cast("dict[str, Any]", payload)
        return bound.run(_gateways(), asked)

    activity.__name__ = bound.stage.name
    trigger = app.activity_trigger(input_name="payload", activity=bound.stage.name)
    trigger(activity)  # pyright: ignore[reportUnknownArgumentType] # as above


for _bound in activities.ALL:
    _register(_bound)
for _orchestrator in (install_dash_enterprise, preflight, wait_for_stage):
    app.orchestration_trigger(context_name="ctx")(_orchestrator)
app.entity_trigger(context_name="ctx", entity_name=GOVERNOR)(arm_governor)
http.register(app, _settings, _marked)
queue.register(app, _settings)
timer.register(app, _settings)
