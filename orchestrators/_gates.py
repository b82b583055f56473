"""Where an installation waits for a person."""

from dataclasses import replace
from datetime import timedelta

from model.error_codes import CODES
from model.errors import StageRefused
from model.plan import InstallPlan
from orchestrators._branches import Durable
from orchestrators._run import Run, told

_APPROVAL = "approval"


def pass_approval(run: Run, plan: InstallPlan) -> Durable[str | None]:
    """Wait until the plan is approved, if the request asks for that; tell who did.

    Raises:
        StageRefused: approval-rejected, approval-expired.
    """
    if plan.approval == "none":
        return None
    run.tell(replace(run.progress.begin(_APPROVAL, run.now), state="WaitingForApproval"))
    run.tell(run.progress.wait(_APPROVAL, f"approve or reject plan {plan.plan_hash}"))
    name, by, why = yield from _decision(run, plan)
    if name != "approve":
        code = "approval-rejected" if name else "approval-expired"
        reason = f"{by} rejected the plan{why}" if name else "nobody approved the plan in time"
        run.end(_APPROVAL, "refused", reason, code)
        raise StageRefused(_APPROVAL, code, reason, CODES[code].remedy)
    ended = run.progress.end(_APPROVAL, "done", run.now, f"approved by {by}")
    run.tell(replace(ended, state="Running"))
    return by


def pass_gate(run: Run, event: str, instructions: str, patience: timedelta) -> Durable[None]:
    """Wait for a person to say that something was done by hand.

    Raises:
        StageRefused: Nobody said so in time; the remedy is the instructions.
    """
    run.tell(run.progress.begin(event, run.now).note(todo=instructions))
    run.tell(run.progress.wait(event, f"event {event}"))
    name, _ = yield from run.await_event((event,), patience)
    if not name:
        reason = f"nobody raised {event} within {patience}"
        run.end(event, "failed", reason, "deadline-exceeded")
        raise StageRefused(event, "deadline-exceeded", reason, instructions)
    run.tell(run.progress.end(event, "done", run.now).note(todo=None))


def _decision(run: Run, plan: InstallPlan) -> Durable[tuple[str, str, str]]:
    """The event that decided, who raised it and why; one about another plan decides nothing."""
    end = run.now + plan.approval_patience
    while True:
        name, payload = yield from run.await_event(("approve", "reject"), end - run.now)
        decision = told(payload)
        if not name or decision.get("planHash") == plan.plan_hash:
            why = str(decision.get("reason", ""))
            return name, str(decision.get("by", "somebody")), why and f": {why}"
