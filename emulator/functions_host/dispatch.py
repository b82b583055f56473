"""Offers the task hub's work items to the worker and records the answers, at least once each."""

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.internal import helpers

from emulator.functions_host.engine import Engine
from emulator.functions_host.failures import failure_details, foreign, missing
from emulator.functions_host.faults import WorkFaults
from emulator.functions_host.hub_core import Refused
from emulator.functions_host.messages import TypedData
from emulator.functions_host.worker import Answer, Function

_log = logging.getLogger("Host.Triggers.DurableTask")

type Run = Callable[[Function, TypedData, dict[str, TypedData] | None], Awaitable[Answer]]
"""Runs a function with the value of its trigger and its metadata."""

_AGAIN_AFTER = 0.2
"""Real seconds before a lost work item is offered again; a lease on Azure takes longer."""


class Direct:
    """The call context of a caller inside this process: a refusal is an exception."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        """Stop the call."""
        raise Refused(code, details)


DIRECT: Any = Direct()


class WorkerLost(Exception):
    """The worker ran the work item and is gone before its answer was recorded."""


class Dispatcher:
    """Runs orchestrators, activities and entities of one app.

    Args:
        run: Runs a function of the app.
        functions: Indexed functions of the app.
        faults: What goes wrong on purpose.
        activities: How many activities run at the same time.
        turns: How many orchestrators, and how many entities, run at the same time.
    """

    def __init__(
        self,
        run: Run,
        functions: tuple[Function, ...],
        faults: WorkFaults,
        *,
        activities: int,
        turns: int,
    ) -> None:
        self._run = run
        self._faults = faults
        self._named = {
            kind: {f.durable_name.lower(): f for f in functions if f.kind == f"{kind}trigger"}
            for kind in ("orchestration", "activity", "entity")
        }
        self._room = {"orchestration": turns, "activity": activities, "entity": turns}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._warm: set[str] = set()
        self._rung = False
        self._engine: Engine | None = None

    def attach(self, engine: Engine) -> None:
        """Take work from ``engine`` from now on."""
        self._engine = engine
        self.ring()

    def ring(self) -> None:
        """Look for work soon; may be called from any thread."""
        if not self._rung:
            self._rung = True
            self._loop.call_soon_threadsafe(self._pump)

    def knows(self, kind: str, name: str) -> bool:
        """Whether the app has this orchestrator, activity or entity."""
        return name.lower() in self._named[kind]

    async def stop(self) -> None:
        """Abandon what runs."""
        self._engine = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _pump(self) -> None:
        self._rung = False
        engine = self._engine
        if engine is None:
            return
        sources: list[
            tuple[str, Callable[[], pb.WorkItem | None], Callable[..., Awaitable[None]]]
        ] = [
            ("orchestration", engine.take_orchestration, self._orchestrate),
            ("activity", engine.take_activity, self._act),
            ("entity", engine.take_entity, self._operate),
        ]
        for kind, take, handle in sources:
            while self._room[kind] and (item := take()) is not None:
                self._room[kind] -= 1
                task = self._loop.create_task(self._handle(kind, engine, item, handle))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _handle(
        self, kind: str, engine: Engine, item: pb.WorkItem, handle: Callable[..., Awaitable[None]]
    ) -> None:
        try:
            await handle(engine, item)
        except Exception as error:  # noqa: BLE001 - whatever it was, the work item must not be lost
            _log.warning("%s work item is offered again: %s", kind, error or type(error).__name__)
            self._loop.call_later(_AGAIN_AFTER, engine.take_back, item)
        finally:
            self._room[kind] += 1
            self.ring()

    async def _orchestrate(self, engine: Engine, item: pb.WorkItem) -> None:
        request = item.orchestratorRequest
        name = _started(request).name
        function = self._named["orchestration"].get(name.lower())
        instance = engine.find(request.instanceId)
        if function is None:
            response = _failed(request, missing("orchestrator", name))
        elif instance is not None and engine.verdict(instance) == "fail":
            response = _failed(request, foreign(instance.version))
        else:
            answer = await self._turn(function, request.SerializeToString())
            response = pb.OrchestratorResponse()
            if answer.ok:
                response.ParseFromString(_wire(answer))
            else:
                response = _failed(request, failure_details(answer))
        response.instanceId = request.instanceId
        response.completionToken = item.completionToken
        if self._faults.loses(f"{request.instanceId}/{item.completionToken}", turn=True):
            raise WorkerLost(f"answer of {name} lost")
        engine.CompleteOrchestratorTask(response, DIRECT)

    async def _act(self, engine: Engine, item: pb.WorkItem) -> None:
        request = item.activityRequest
        function = self._named["activity"].get(request.name.lower())
        if function is None:
            response = pb.ActivityResponse(failureDetails=missing("activity", request.name))
        else:
            response = await self._deliver(function, request)
        response.instanceId = request.orchestrationInstance.instanceId
        response.taskId = request.taskId
        response.completionToken = item.completionToken
        if self._faults.loses(f"{item.completionToken}/{request.taskId}"):
            raise WorkerLost(f"answer of {request.name} lost")
        engine.CompleteActivityTask(response, DIRECT)

    async def _deliver(
        self, function: Function, request: pb.ActivityRequest
    ) -> pb.ActivityResponse:
        """Run an activity, twice if the day is bad; the first answer counts."""
        if self._faults.twice == "together":
            both = await asyncio.gather(
                self._activity(function, request), self._activity(function, request)
            )
            return both[0]
        first = await self._activity(function, request)
        if self._faults.twice == "after":
            await self._activity(function, request)
        return first

    async def _activity(
        self, function: Function, request: pb.ActivityRequest
    ) -> pb.ActivityResponse:
        owner = request.orchestrationInstance.instanceId
        data = TypedData(json=request.input.value if request.HasField("input") else "null")
        metadata = {"instanceId": TypedData(json=f'"{owner}"')}
        try:
            async with asyncio.timeout(self._lease(function)):
                answer = await self._run(function, data, metadata)
            self._warm.add(function.name)
        except TimeoutError as late:
            raise WorkerLost(f"{function.name} outlived its lease") from late
        if not answer.ok:
            return pb.ActivityResponse(failureDetails=failure_details(answer))
        returned = answer.returned.value if answer.returned is not None else None
        return pb.ActivityResponse(result=helpers.get_string_value(returned))

    def _lease(self, function: Function) -> float | None:
        """Seconds for one run; None for a first one, which imports what the function needs."""
        return (self._faults.lease or None) if function.name in self._warm else None

    async def _operate(self, engine: Engine, item: pb.WorkItem) -> None:
        batch, infos = helpers.convert_to_entity_batch_request(item.entityRequestV2)
        name = batch.instanceId.split("@")[1]
        function = self._named["entity"].get(name.lower())
        if function is None:
            result = _refused(batch, missing("entity", name))
        else:
            answer = await self._turn(function, batch.SerializeToString())
            result = pb.EntityBatchResult()
            if answer.ok:
                result.ParseFromString(_wire(answer))
            else:
                result = _refused(batch, failure_details(answer))
        result.completionToken = item.completionToken
        del result.operationInfos[:]
        result.operationInfos.extend(infos)
        if self._faults.loses(f"{batch.instanceId}/{item.completionToken}", turn=True):
            raise WorkerLost(f"answer of {name} lost")
        engine.CompleteEntityTask(result, DIRECT)

    async def _turn(self, function: Function, request: bytes) -> Answer:
        wire = TypedData(string=base64.b64encode(request).decode())
        return await self._run(function, wire, None)


def _wire(answer: Answer) -> bytes:
    return base64.b64decode(answer.returned.value if answer.returned is not None else "")


def _started(request: pb.OrchestratorRequest) -> Any:
    """The event that began the present execution."""
    events = [*request.pastEvents, *request.newEvents]
    return next(e.executionStarted for e in reversed(events) if e.HasField("executionStarted"))


def _failed(
    request: pb.OrchestratorRequest, details: pb.TaskFailureDetails
) -> pb.OrchestratorResponse:
    """The answer of an orchestrator that could not run: its instance fails."""
    complete = pb.CompleteOrchestrationAction(
        orchestrationStatus=pb.ORCHESTRATION_STATUS_FAILED, failureDetails=details
    )
    action = pb.OrchestratorAction(id=-1, completeOrchestration=complete)
    return pb.OrchestratorResponse(instanceId=request.instanceId, actions=[action])


def _refused(batch: pb.EntityBatchRequest, details: pb.TaskFailureDetails) -> pb.EntityBatchResult:
    """The answer of an entity that could not run: every operation fails, its state stays."""
    failure = pb.OperationResult(failure=pb.OperationResultFailure(failureDetails=details))
    return pb.EntityBatchResult(
        results=[failure for _ in batch.operations], entityState=batch.entityState
    )
