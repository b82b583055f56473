"""Starting, finding and steering installations through the durable client."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import grpc
from azure.durable_functions import DurableFunctionsClient
from durabletask.client import OrchestrationQuery, OrchestrationState, OrchestrationStatus

from model import status, wire
from model.orphans import Marked
from model.plan import InstallPlan
from model.plan_summary import summary
from model.problem import Problem
from model.progress import Progress
from model.settings import Settings
from model.watchdog import Stuck
from triggers._known import last_success, progress_of, waits_for
from triggers._signs import ACTIVE
from triggers._signs import stuck as stuck_of

if TYPE_CHECKING:
    from model.request import InstallRequest

INSTALL = "install_dash_enterprise"
"""Name of the install orchestrator; forever, like a stage's."""
PREFLIGHT = "preflight"

_LISTED = ("name", "state", "percent", "startedAt", "failure", "stuck")


type ListMarked = Callable[[str], list[Marked]]
"""Everything in a subscription that carries our tag; blocks."""


def _nothing_listed(_: str) -> list[Marked]:
    raise NotImplementedError("this trigger looks into no subscription")


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a posted request.

    Attributes:
        outcome: ``started`` a run; ``running`` already, nothing was started; ``finished`` before
            with the same plan, nothing was started.
    """

    outcome: Literal["started", "running", "finished"]
    name: str


@dataclass(frozen=True, slots=True)
class Active:
    """An installation that runs, or is about to, under the plan with this hash.

    Attributes:
        waits_for: The events that a person can raise now, besides ``cancel``.
    """

    plan_hash: str
    waits_for: frozenset[str]


@dataclass(frozen=True, slots=True)
class Watched:
    """What one look at all running installations saw.

    Attributes:
        active: How many have not ended.
        stuck: Those that are stuck, by name.
    """

    active: int
    stuck: tuple[tuple[str, Stuck], ...]


@dataclass(frozen=True, slots=True)
class Installations:
    """The installations of this task hub.

    Attributes:
        client: The binding's durable client.
        settings: The app's settings, snapshot into each plan.
        now: The clock, an argument so that tests decide.
        marked: Looks for tagged resources; only the orphan report does.
    """

    client: DurableFunctionsClient
    settings: Settings
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    marked: ListMarked = _nothing_listed

    async def start(self, payload: Any, *, again: bool = False) -> Accepted | tuple[Problem, ...]:
        """Start the installation that ``payload`` asks for, or resume it after a failure.

        Posting again while it runs starts nothing; nor does it after success with the same plan,
        unless ``again`` asks for one more run: a secret may have another value by now.
        """
        request = _parsed(payload)
        if isinstance(request, tuple):
            return request
        known = await self.client.get_orchestration_state(request.name)
        if known is not None and known.runtime_status in ACTIVE:
            return Accepted("running", request.name)
        before = progress_of(known)
        plan = self._plan(request, 1 if before is None else before.attempt + 1)
        if (
            before
            and before.state == "Succeeded"
            and before.plan_hash == plan.plan_hash
            and not again
        ):
            return Accepted("finished", request.name)
        plan = replace(plan, succeeded=last_success(known))
        started = await self._schedule(INSTALL, plan.name, wire.encode(plan))
        return Accepted("started" if started else "running", request.name)

    async def check(self, payload: Any) -> Accepted | tuple[Problem, ...]:
        """Start only the preflight of the installation that ``payload`` asks for."""
        request = _parsed(payload)
        if isinstance(request, tuple):
            return request
        plan = self._plan(request, 1)
        asked = {
            "checks": wire.encode(plan.checks),
            "pace": wire.encode(plan.pace),
            "planHash": plan.plan_hash,
            "runId": plan.run_id,
            "plan": summary(wire.encode(plan)),
        }
        started = await self._schedule(PREFLIGHT, preflight_instance(plan.name), asked)
        return Accepted("started" if started else "running", request.name)

    async def find(self, name: str) -> wire.JsonObject | None:
        """The status of one installation; None when nobody posted it."""
        known = await self.client.get_orchestration_state(name)
        if known is None or known.name != INSTALL:
            return None
        progress = progress_of(known)
        waits = await self._waits(name, progress) if progress else {}
        stuck = await stuck_of(self.client, known, progress, self.settings, self.now())
        return status.render(
            name,
            known.runtime_status.name,
            progress,
            waits=waits,
            findings=await self._findings(f"{name}:{progress.run_id}:{PREFLIGHT}")
            if progress
            else None,
            output=known.get_output()
            if known.runtime_status is OrchestrationStatus.COMPLETED
            else None,
            failure=known.failure_details.message if known.failure_details else None,
            stuck=stuck and stuck.told(),
            plan=known.get_input(),
        )

    async def find_preflight(self, name: str) -> wire.JsonObject | None:
        """The status of one preflight that was posted on its own; None when nobody posted it."""
        known = await self.client.get_orchestration_state(preflight_instance(name))
        if known is None:
            return None
        findings = await self._findings(preflight_instance(name))
        asked: wire.JsonObject = known.get_input() or {}
        progress = progress_of(known)
        errors = [f for f in findings or [] if f["severity"] == "error"]
        state = "Running" if known.runtime_status in ACTIVE else "Failed" if errors else "Succeeded"
        return {
            "name": name,
            "state": state,
            "planHash": progress.plan_hash if progress else None,
            "plan": asked.get("plan", {}),
            "findings": findings or [],
        }

    async def all(self) -> list[wire.JsonObject]:
        """Name and state of every installation, newest first."""
        states = await self.client.get_all_orchestration_states(OrchestrationQuery())
        mine = [state for state in states if state.name == INSTALL]
        mine.sort(key=lambda state: state.created_at, reverse=True)
        stuck = dict((await self.watched()).stuck)
        return [_line(state, stuck.get(state.instance_id)) for state in mine]

    async def watched(self) -> Watched:
        """Every installation that has not ended, and which of them are stuck."""
        query = OrchestrationQuery(runtime_status=list(ACTIVE), fetch_inputs_and_outputs=True)
        states = await self.client.get_all_orchestration_states(query)
        mine = [state for state in states if state.name == INSTALL]
        found: list[tuple[str, Stuck]] = []
        for state in mine:
            one = await stuck_of(self.client, state, progress_of(state), self.settings, self.now())
            if one is not None:
                found.append((state.instance_id, one))
        return Watched(len(mine), tuple(sorted(found, key=lambda each: each[0])))

    async def active(self, name: str) -> Active | Literal["missing", "ending", "ended"]:
        """The installation, if it can still take an event; ``ending`` while it tidies up."""
        known = await self.client.get_orchestration_state(name)
        if known is None or known.name != INSTALL:
            return "missing"
        if known.runtime_status not in ACTIVE:
            return "ended"
        progress = progress_of(known)
        if progress is not None and progress.failure is not None:
            return "ending"
        plan: wire.JsonObject = known.get_input()
        return Active(plan["planHash"], waits_for(plan, progress))

    async def tell(self, name: str, event: str, payload: wire.JsonObject) -> None:
        """Raise an external event of an installation."""
        await self.client.raise_orchestration_event(name, event, data=payload)

    def _plan(self, request: "InstallRequest", attempt: int) -> InstallPlan:
        from model.planning import build_plan  # noqa: PLC0415 # as in _parsed

        submitted_at = self.now().isoformat(timespec="milliseconds")
        return build_plan(request, self.settings, attempt=attempt, submitted_at=submitted_at)

    async def _schedule(
        self, orchestrator: str, instance_id: str, payload: wire.JsonObject
    ) -> bool:
        """Whether this call started it; False when a twin was quicker."""
        try:
            await self.client.schedule_new_orchestration(
                orchestrator, input=payload, instance_id=instance_id
            )
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.ALREADY_EXISTS:
                return False
            raise
        return True

    async def _waits(self, name: str, progress: Progress) -> dict[str, wire.JsonObject]:
        waits: dict[str, wire.JsonObject] = {}
        for key, child in status.waiting_children(name, progress).items():
            known = await self.client.get_orchestration_state(child)
            if known is not None:
                waits[key] = known.get_custom_status() or {}
        return waits

    async def _findings(self, instance_id: str) -> list[Any] | None:
        known = await self.client.get_orchestration_state(instance_id)
        if known is None or known.runtime_status is not OrchestrationStatus.COMPLETED:
            return None
        return known.get_output()["findings"]


def _line(state: OrchestrationState, stuck: Stuck | None) -> wire.JsonObject:
    """What the list tells of one installation."""
    told = status.render(
        state.instance_id,
        state.runtime_status.name,
        progress_of(state),
        waits={},
        findings=None,
        output=None,
        failure=None,
        stuck=stuck and stuck.told(),
    )
    return {key: value for key, value in told.items() if key in _LISTED}


def _parsed(payload: Any) -> "InstallRequest | tuple[Problem, ...]":
    from model.request import parse_request  # noqa: PLC0415 # activities need no request's schema

    return parse_request(payload)


def preflight_instance(name: str) -> str:
    """Instance id of a preflight on its own; no installation's name has a colon."""
    return f"preflight:{name}"
