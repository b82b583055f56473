"""Long-running operations: accepted now, finished later, or never."""

import asyncio
import logging
import secrets
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import Answer, Call, JsonObject, Route
from emulator.clock import Clock

type Finish = Callable[[ArmError | None], Awaitable[None]]
"""Told how the operation ended: None for well."""

_LOG = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Operation:
    """One long-running operation.

    Attributes:
        resource_id: What it works on, lower case.
        doing: The provisioning state meanwhile: ``Creating``, ``Updating``, ``Deleting``.
        status: ``InProgress``, ``Succeeded``, ``Failed`` or ``Canceled``.
        lost: Its URL answers 404 although the work goes on.
    """

    operation_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    signature: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    resource_id: str
    doing: str
    started: datetime
    ended: datetime | None = None
    status: str = "InProgress"
    error: ArmError | None = None
    lost: bool = False
    stuck: bool = False

    @property
    def running(self) -> bool:
        """Whether the end is still to come."""
        return self.status == "InProgress"


@dataclass(frozen=True, slots=True)
class _Fate:
    kind: str
    name: str
    error: ArmError | None = None
    stuck: bool = False
    lost: bool = False

    def fits(self, kind: str, resource_id: str) -> bool:
        """Whether it is that of an operation on this resource."""
        return self.kind == kind.lower() and resource_id.lower().endswith(self.name.lower())


class Operations:
    """Every operation of one emulated Azure, and what tests want of the next ones."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_id: dict[str, Operation] = {}
        self._fates: list[_Fate] = []
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._finish: dict[str, Finish] = {}

    def foretell(
        self,
        kind: str,
        name: str = "",
        *,
        error: ArmError | None = None,
        stuck: bool = False,
        lost: bool = False,
    ) -> None:
        """Decide the end of the next operation on a resource of type ``kind``, of any ``name``."""
        self._fates.append(_Fate(kind.lower(), name, error, stuck, lost))

    def begin(
        self, kind: str, resource_id: str, doing: str, lasts: timedelta, finish: Finish
    ) -> Operation:
        """Start an operation that ends after ``lasts`` of emulated time with ``finish``."""
        fate = next((f for f in self._fates if f.fits(kind, resource_id)), None)
        if fate is not None:
            self._fates.remove(fate)
        operation = Operation(
            resource_id=resource_id.lower(),
            doing=doing,
            started=self._clock.now(),
            lost=fate is not None and fate.lost,
            stuck=fate is not None and fate.stuck,
        )
        self._by_id[operation.operation_id] = operation
        self._finish[operation.operation_id] = finish
        if not operation.stuck:
            error = fate.error if fate is not None else None
            self._tasks[operation.operation_id] = asyncio.create_task(
                self._run(operation, lasts, error)
            )
        return operation

    def on(self, resource_id: str) -> Operation | None:
        """The operation that works on a resource; None when it is idle."""
        wanted = resource_id.lower()
        running = (o for o in self._by_id.values() if o.running and o.resource_id == wanted)
        return next(running, None)

    async def release(self, resource_id: str, error: ArmError | None = None) -> None:
        """End a stuck operation now."""
        operation = self.on(resource_id)
        if operation is not None:
            operation.stuck = False
            await self._end(operation, error)

    async def abandon(self, resource_id: str) -> None:
        """Cancel what works on a resource, as an abort or the deletion of its group does."""
        operation = self.on(resource_id)
        if operation is None:
            return
        if task := self._tasks.pop(operation.operation_id, None):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        operation.status = "Canceled"
        operation.ended = self._clock.now()

    def find(self, operation_id: str) -> Operation:
        """The operation of this id.

        Raises:
            ArmError: 404: never heard of it, or lost.
        """
        operation = self._by_id.get(operation_id.lower())
        if operation is None or operation.lost:
            raise ArmError(
                404, "NotFound", f"The entity was not found: operation '{operation_id}'."
            )
        return operation

    async def stop(self) -> None:
        """Cancel whatever still runs."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _run(self, operation: Operation, lasts: timedelta, error: ArmError | None) -> None:
        await self._clock.sleep(lasts)
        await self._end(operation, error)

    async def _end(self, operation: Operation, error: ArmError | None) -> None:
        finish = self._finish.pop(operation.operation_id)
        try:
            await finish(error)
        except ArmError as refused:
            error = refused
        except Exception as failure:  # noqa: BLE001 # a bug fails the operation, and is logged
            _LOG.exception("operation on %s broke", operation.resource_id)
            error = ArmError(500, "InternalServerError", type(failure).__name__)
            await finish(error)
        operation.error = error
        operation.status = "Failed" if error else "Succeeded"
        operation.ended = self._clock.now()
        self._tasks.pop(operation.operation_id, None)


def status_routes(operations: Operations) -> list[Route]:
    """Where callers ask how an operation is doing, for every provider."""
    routes: list[Route] = []
    for provider, api in (
        ("Microsoft.ContainerService", "Microsoft.ContainerService/locations/operations"),
        ("Microsoft.Network", "Microsoft.Network"),
        ("Microsoft.DurableTask", "Microsoft.DurableTask"),
    ):
        place = f"/subscriptions/{{subscription}}/providers/{provider}/locations/{{location}}"
        routes += [
            Route(
                method="GET",
                template=f"{place}/operations/{{operation}}",
                handle=_Status(operations).status,
                action=f"{provider}/locations/operations/read",
                api=api,
            ),
            Route(
                method="GET",
                template=f"{place}/operationresults/{{operation}}",
                handle=_Status(operations).result,
                action=f"{provider}/locations/operationresults/read",
                api=api,
            ),
        ]
    return routes


@dataclass(frozen=True, slots=True)
class _Status:
    operations: Operations

    async def status(self, call: Call) -> Answer:
        return Answer(body=document(self.operations.find(call["operation"])))

    async def result(self, call: Call) -> Answer:
        return result(self.operations.find(call["operation"]), call)


def document(operation: Operation) -> JsonObject:
    """An operation as its status URL shows it."""
    shown: JsonObject = {
        "name": operation.operation_id,
        "status": operation.status,
        "startTime": operation.started.isoformat(),
    }
    if operation.ended is not None:
        shown["endTime"] = operation.ended.isoformat()
    if operation.error is not None:
        shown["error"] = operation.error.detail
    return shown


def result(operation: Operation, call: Call) -> Answer:
    """An operation as its Location URL shows it: 202 while it runs, then 204 or its error."""
    if operation.error is not None:
        raise operation.error
    if operation.running:
        return Answer(status=202, headers={"Location": call.raw})
    return Answer(status=204)


def urls(call: Call, provider: str, location: str, operation: Operation) -> tuple[str, str]:
    """Absolute status and result URLs of an accepted operation."""
    version = "2016-03-30" if provider == "Microsoft.ContainerService" else call.version
    place = f"{call.base}/subscriptions/{call['subscription']}/providers/{provider}"
    tail = f"{operation.operation_id}?api-version={version}&t={operation.started:%Y%m%d%H%M%S}"
    tail += f"&h={operation.signature}"
    return (
        f"{place}/locations/{location}/operations/{tail}",
        f"{place}/locations/{location}/operationresults/{tail}",
    )
