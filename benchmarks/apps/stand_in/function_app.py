"""The product's real orchestrators with activities that answer at once."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import azure.durable_functions as df

from model import outcome, stages
from model.origin import unmarked
from model.outcome import Pending
from orchestrators.install import install_dash_enterprise
from orchestrators.preflight import preflight
from orchestrators.wait import wait_for_stage
from tests.orchestrators.plans import RESULTS

WAITING = ("observe_cluster", "observe_application", "observe_dns_records")
"""Stages that are not ready at the first look: each costs a wait and a timer."""
FIRST = 1

app = df.DFApp()


def _register(stage):  # noqa: ANN001, ANN202
    def activity(payload: dict) -> dict:
        _, origin = unmarked(payload)
        if stage.name in WAITING and origin.look == FIRST:
            return outcome.pending(Pending(detail="not yet", retry_after=None))
        return outcome.done(RESULTS[stage.name])

    activity.__name__ = stage.name
    app.activity_trigger(input_name="payload", activity=stage.name)(activity)


for _stage in stages.STAGES:
    _register(_stage)
for _orchestrator in (install_dash_enterprise, preflight, wait_for_stage):
    app.orchestration_trigger(context_name="ctx")(_orchestrator)
