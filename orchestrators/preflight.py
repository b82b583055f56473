"""The preflight: every check that can be made before money is spent, all at the same time."""

from dataclasses import field
from typing import Any

from durabletask import task

from model import wire
from model.errors import Cancelled, StageRefused
from model.finding import Finding, Findings
from model.governor import PREFLIGHT_LOT
from model.origin import Origin
from model.plan import ChecksSpec, Pace
from model.progress import Progress
from model.stages import CHECKS, Stage
from orchestrators._branches import Branches, Durable
from orchestrators._run import STOP_WAITING, Run
from orchestrators.governor import queue_up

PREFLIGHT = "preflight"
"""Name of this orchestrator; forever, like a stage's."""


@wire.record
class PreflightInput:
    """Input of the preflight.

    Attributes:
        origin: The run that it is part of; None for a preflight alone.
        plan: Summary of the plan, to be shown; empty in a run, whose own plan is shown.
    """

    checks: ChecksSpec
    pace: Pace
    plan_hash: str
    run_id: str
    origin: Origin | None = None
    plan: wire.JsonObject = field(default_factory=dict[str, Any])


def preflight(ctx: task.OrchestrationContext, payload: wire.JsonObject) -> Durable[wire.JsonObject]:
    """Run all checks at once and report all findings; creates nothing.

    A check that itself fails becomes a finding, so that one broken look hides no other. The event
    ``STOP_WAITING`` ends it early.

    Returns:
        Encoded ``Findings``, errors first; none when it was stopped.
    """
    asked = wire.decode(PreflightInput, payload)
    origin = asked.origin or Origin(
        installation=asked.checks.group.owner.installation,
        run_id=asked.run_id,
        attempt=1,
        subscription=asked.checks.group.subscription_id,
    )
    begun = Progress(
        run_id=asked.run_id,
        attempt=origin.attempt,
        plan_hash=asked.plan_hash,
        started_at=ctx.current_utc_datetime,
    )
    run = Run(ctx, asked.pace, begun, origin)
    branches = Branches()
    stop = ctx.wait_for_external_event(STOP_WAITING)
    try:
        found = yield from branches.tell(_all_checks(run, branches, asked.checks), stop)
    except Cancelled:
        run.stop_children()
        run.tell(run.progress.stop(run.now))
        return wire.encode(Findings(findings=()))
    order = {"error": 0, "warning": 1, "info": 2}
    ordered = sorted(found, key=lambda finding: order[finding.severity])
    return wire.encode(Findings(findings=tuple(ordered)))


def _all_checks(run: Run, branches: Branches, checks: ChecksSpec) -> Durable[list[Finding]]:
    yield from queue_up(run, checks.group.subscription_id, PREFLIGHT_LOT)
    running = [branches.start(_check(run, stage, checks)) for stage in CHECKS]
    found: list[Finding] = []
    for branch in running:
        findings = yield from branch.result()
        found.extend(findings.findings)
    return found


def _check(run: Run, stage: Stage[ChecksSpec, Findings], checks: ChecksSpec) -> Durable[Findings]:
    try:
        return (yield from run.perform(stage, checks))
    except StageRefused as refusal:
        broken = Finding(
            rule=f"{stage.name}.completed",
            severity="error",
            code=refusal.code,
            found=refusal.reason,
            remedy=refusal.remedy,
        )
        return Findings(findings=(broken,))
