"""How an installation ends without success: what is taken back, removed, kept and told."""

from dataclasses import replace

from model import report, wire
from model.error_codes import CODES
from model.errors import StageRefused
from model.governor import REMOVAL_LOT
from model.plan import AccessSpec, InstallPlan, LeftoversSpec
from model.results import Leftovers
from model.stages import (
    ENSURE_RESOURCE_GROUP,
    OBSERVE_LEFTOVERS,
    OBSERVE_NODES,
    OBSERVE_REMOVAL,
    REMOVE_INSTALLER_ACCESS,
    REMOVE_RESOURCE_GROUP,
    Stage,
)
from orchestrators._branches import Branches, Durable
from orchestrators._run import Run
from orchestrators.governor import queue_up


class Ending:
    """The end of one run.

    Args:
        run: The run.
        plan: Its plan.
        branches: Closed by then; the end is told with them, too.

    Attributes:
        keeps: Why ``onFailure`` removes nothing, whatever the request says; empty when it may. An
            installation that people use, or may use, is never removed because a later run failed.
    """

    def __init__(self, run: Run, plan: InstallPlan, branches: Branches) -> None:
        self.run = run
        self.plan = plan
        self.branches = branches
        self.keeps = ""
        if plan.succeeded is not None:
            self.keeps = f"it succeeded before, at {plan.succeeded.ended_at}"

    def give_up(
        self, state: str, why: StageRefused, *, clean: bool = False
    ) -> Durable[Leftovers | None]:
        """End without success: stop waiting, take back rights, clean if asked, tell what is left.

        ``clean`` asks for the removal of what was made, as ``onFailure`` does for every end.
        What fails here is shown in the status and hides nothing of the first failure.
        """
        run = self.run
        run.stop_children()
        code = CODES.get(why.code)
        failure = {
            "code": why.code,
            "stage": why.stage,
            "reason": why.reason,
            "remedy": why.remedy,
            "retryable": code is not None and code.retryable,
        }
        made = ENSURE_RESOURCE_GROUP.name in run.progress.stages
        run.tell(replace(run.progress.stop(self.run.now), failure=failure))
        if not made and (state != "Cancelled" or self.plan.attempt == 1):
            leftovers = None  # this run made nothing, and no earlier one did
        else:
            wanted = clean or (made and self.plan.on_failure == "clean" and not self.keeps)
            leftovers = yield from self.branches.tell(self._tidy(clean=wanted))
            if self.keeps and self.plan.on_failure == "clean" and not clean:
                run.tell(run.progress.note(kept=f"nothing was removed: {self.keeps}"))
        if leftovers is not None and state == "Failed":  # a failed run has no output to tell it in
            run.tell(run.progress.note(leftovers=wire.encode(leftovers)))
        self.end(state)
        return leftovers

    def end(self, state: str) -> None:
        """The run ended; nothing is told of it afterwards."""
        self.run.tell(replace(self.run.progress, state=state))
        self.run.telling.installation_ended(self.run.progress)

    def _tidy(self, *, clean: bool) -> Durable[Leftovers]:
        """Take back what can be taken back; each step is tried, whatever became of those before."""
        plan = self.plan
        wanted = _leftovers_of(plan)
        yield from self.run.settle()  # else what is being made now would be made after its removal
        if OBSERVE_NODES.name in self.run.progress.stages:
            yield from self._try(REMOVE_INSTALLER_ACCESS, access_of(self.plan))
        before: Leftovers | None = None
        if clean:
            yield from queue_up(self.run, plan.group.subscription_id, REMOVAL_LOT)
            before = yield from self._try(OBSERVE_LEFTOVERS, wanted, "before")
            asked = yield from self._try(REMOVE_RESOURCE_GROUP, plan.group)
            if asked is not None:
                yield from self._try(OBSERVE_REMOVAL, plan.group)
        after = yield from self._try(OBSERVE_LEFTOVERS, wanted)
        return report.leftovers(before, after)

    def _try[Q, R](self, stage: Stage[Q, R], request: Q, subject: str = "") -> Durable[R | None]:
        """Do one stage; None when it failed, for its reason is in the status already."""
        try:
            return (yield from self.run.perform(stage, request, subject))
        except StageRefused:
            return None  # the installation keeps the failure that it ended with


def access_of(plan: InstallPlan) -> AccessSpec:
    """What the installer may do in the cluster, to be taken back."""
    return AccessSpec(target=plan.application.target, installation=plan.name, run_id=plan.run_id)


def _leftovers_of(plan: InstallPlan) -> LeftoversSpec:
    group = plan.group
    return LeftoversSpec(
        subscription_id=group.subscription_id,
        resource_group=group.resource_group,
        location=group.location,
        owner=group.owner,
        domain=plan.domain if plan.domain.mode == "azure" else None,
    )
