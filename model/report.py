"""What an installation ends with: its output, and the record that stays in the cluster."""

import json
from dataclasses import replace
from typing import Any, Literal

from model import wire
from model.domain_names import names
from model.plan import InstallPlan
from model.progress import Progress
from model.results import Administrator, Capacity, Evidence, Leftovers, Limits


@wire.record
class InstallReport:
    """Output of the install orchestrator.

    Attributes:
        state: ``Succeeded`` or ``Cancelled``; a failed run raises instead.
        endpoints: What the seven names are for, to URLs.
        timings: Seconds per stage key.
        evidence: The proofs of the verification.
        leftovers: After a cancellation: what exists still, what was removed, and what Azure is
            still doing; None when the run had made nothing.
        approved_by: Who approved the plan; None without a gate.
    """

    state: Literal["Succeeded", "Cancelled"]
    endpoints: dict[str, str]
    timings: dict[str, float]
    evidence: tuple[Evidence, ...]
    leftovers: Leftovers | None
    application_version: str
    kubernetes_version: str
    administrator: str
    administrator_roles: tuple[str, ...]
    pod_limit: int
    volume_limit: int
    nodes: int
    approved_by: str | None


_PURPOSES = ("portal", "api", "websocket", "git", "registry", "identity", "adminConsole")
"""In the order of ``domain_names.names``."""


NOT_SEEN = "What is left could not be looked at: see why at stage observe_leftovers."


def endpoints(base_domain: str) -> dict[str, str]:
    """Purpose to URL of the seven names."""
    return dict(zip(_PURPOSES, (f"https://{name}" for name in names(base_domain)), strict=True))


def timings(progress: Progress) -> dict[str, float]:
    """Seconds that each ended stage took."""
    return {
        key: round(stage.finished - stage.started, 2)
        for key, stage in progress.stages.items()
        if stage.finished is not None
    }


def succeeded(  # noqa: PLR0913 # nine facts, all by name
    plan: InstallPlan,
    progress: Progress,
    *,
    evidence: tuple[Evidence, ...],
    application_version: str,
    kubernetes_version: str,
    administrator: Administrator,
    limits: Limits,
    capacity: Capacity,
    approved_by: str | None,
) -> InstallReport:
    """The report of an installation that was proved to work."""
    return InstallReport(
        state="Succeeded",
        endpoints=endpoints(plan.domain.base_domain),
        timings=timings(progress),
        evidence=evidence,
        leftovers=None,
        application_version=application_version,
        kubernetes_version=kubernetes_version,
        administrator=administrator.username,
        administrator_roles=administrator.roles,
        pod_limit=limits.pods,
        volume_limit=limits.volumes,
        nodes=capacity.nodes,
        approved_by=approved_by,
    )


def leftovers(before: Leftovers | None, after: Leftovers | None) -> Leftovers:
    """What exists still and what is gone, from a look before a clean-up and one after it.

    Args:
        before: None without a clean-up, or when that look failed.
        after: None when that look failed; then what was there before may be there still.
    """
    if after is None:
        known = before.resources if before is not None else ()
        return Leftovers(resources=known, busy=(NOT_SEEN,))
    there = before.resources if before is not None else ()
    gone = tuple(found for found in there if found not in after.resources)
    return replace(after, removed=gone)


def cancelled(progress: Progress, leftovers: Leftovers | None) -> InstallReport:
    """The report of a cancelled installation: what exists still."""
    return InstallReport(
        state="Cancelled",
        endpoints={},
        timings=timings(progress),
        evidence=(),
        leftovers=leftovers,
        application_version="",
        kubernetes_version="",
        administrator="",
        administrator_roles=(),
        pod_limit=0,
        volume_limit=0,
        nodes=0,
        approved_by=None,
    )


def record_text(plan: InstallPlan, report: InstallReport) -> str:
    """The record as indented JSON text: what was decided, done and proved; no secret."""
    record: dict[str, Any] = {
        "installation": plan.name,
        "planHash": plan.plan_hash,
        "runId": plan.run_id,
        "attempt": plan.attempt,
        "submittedAt": plan.submitted_at,
        "offering": plan.offering,
        "kotsVersion": plan.application.kots.version,
        **wire.encode(report),
    }
    return json.dumps(record, indent=1, sort_keys=True)
