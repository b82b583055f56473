# ruff: noqa: N802 - the gRPC service names these methods
"""The task hub: the published in-memory backend with the promises that the Azure backends keep.

The published backend (``durabletask.testing``) is made for short unit tests. Here it also gives:
sub-orchestrations that may take longer than 30 seconds, scheduled starts, timers and answers bound
to one execution, duplicate answers dropped, finished instance ids that can be started again, and
work items offered again when their worker is lost.
"""

import asyncio
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from durabletask.internal import orchestrator_service_pb2_grpc as stubs
from durabletask.testing.in_memory_backend import InMemoryOrchestrationBackend

from emulator.functions_host.hub_clock import HubClock
from emulator.functions_host.instances import Instance, stamp
from emulator.functions_host.tracing import Tracing
from emulator.functions_host.versions import VersionPolicy

_WAITERS = 512
"""Threads for gRPC calls; each client that waits for a completion holds one."""
_NO_LIMIT = 1_000_000


class Refused(Exception):
    """A call of the task hub cannot be served.

    Attributes:
        code: gRPC status code.
    """

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Bell(threading.Event):
    """Rung by the backend when there is work; passes the ring on to the dispatcher."""

    def __init__(self, ring: Callable[[], None]) -> None:
        super().__init__()
        self._ring = ring

    def set(self) -> None:
        self._ring()


class HubCore(InMemoryOrchestrationBackend):
    """One task hub, served over gRPC on loopback.

    Args:
        ring: Called from any thread whenever there may be work.
        versions: Which versions of orchestrations run here.
        tracing: Makes the spans of started orchestrations.
        replace_any: Whether starting an id replaces a running instance too
            (``overridableExistingInstanceStates: AnyState``).
        clock: What orchestrations are told of the time; None for the wall's.
    """

    def __init__(
        self,
        ring: Callable[[], None],
        *,
        versions: VersionPolicy,
        tracing: Tracing,
        replace_any: bool = False,
        clock: HubClock | None = None,
    ) -> None:
        super().__init__(max_history_size=_NO_LIMIT)
        self._work_available = _Bell(ring)
        self._versions = versions
        self._tracing = tracing
        self._replace_any = replace_any
        self._clock = clock or HubClock()
        self._loop = asyncio.get_running_loop()
        self._calls = ThreadPoolExecutor(_WAITERS, thread_name_prefix="task-hub")

    def start(self) -> str:
        """Listen on a free loopback port; returns ``127.0.0.1:port``."""
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        server = grpc.server(self._calls, options=options)
        add: Callable[[Any, grpc.Server], None] = stubs.add_TaskHubSidecarServiceServicer_to_server  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - generated without types
        add(self, server)
        self._port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self._server = server
        return f"127.0.0.1:{self._port}"

    def stop(self, grace: float | None = None) -> None:
        """Refuse new calls and let every waiting client go."""
        super().stop(grace)
        self.reset()
        self._calls.shutdown(wait=False, cancel_futures=True)

    # Starting

    def StartInstance(
        self, request: pb.CreateInstanceRequest, context: Any
    ) -> pb.CreateInstanceResponse:
        """Start an instance; an id whose instance has ended is free again, as on Azure."""
        instance_id = request.instanceId or uuid.uuid4().hex
        with self._lock:
            existing = self._instances.get(instance_id)
            if existing is not None and not self._replaceable(existing, request):
                context.abort(
                    grpc.StatusCode.ALREADY_EXISTS,
                    f"An Orchestration instance with the ID {instance_id} already exists.",
                )
            version = request.version.value if request.HasField("version") else None
            instance = self._new_instance(
                instance_id,
                request.name,
                optional(request, "input"),
                version or self._versions.default,
            )
            instance.tags = dict(request.tags) or None
            instance.trace = self._tracing.started(
                request.name, instance_id, request.parentTraceContext
            )
            if request.HasField("scheduledStartTimestamp"):
                instance.starts_at = request.scheduledStartTimestamp.ToDatetime(UTC)
            self._launch(instance)
        return pb.CreateInstanceResponse(instanceId=instance_id)

    def _replaceable(self, existing: Any, request: pb.CreateInstanceRequest) -> bool:
        allowed = list(request.orchestrationIdReusePolicy.replaceableStatus)
        if allowed:
            return existing.status in allowed
        return self._replace_any or existing.ended

    def _new_instance(
        self, instance_id: str, name: str, encoded_input: str | None, version: str | None
    ) -> Instance:
        self._next_completion_token += 1
        return Instance(
            instance_id=instance_id,
            name=name,
            status=pb.ORCHESTRATION_STATUS_PENDING,
            version=version,
            input=encoded_input,
            completion_token=self._next_completion_token,
        )

    def _launch(self, instance: Instance) -> None:
        key = instance.instance_id
        self._orchestration_queue_set.discard(key)
        self._orchestration_in_flight.discard(key)
        instance.begin()
        self._instances[key] = instance
        self._enqueue_orchestration(key)
        if instance.waits_for_start:
            self.at(instance.starts_at, lambda: self._enqueue_orchestration(key))

    def _create_instance_internal(
        self,
        instance_id: str,
        name: str,
        encoded_input: str | None = None,
        version: str | None = None,
    ) -> None:
        existing = self.find(instance_id)
        if existing is not None and not existing.ended:
            raise ValueError(f"Orchestration instance '{instance_id}' already exists")
        self._launch(
            self._new_instance(instance_id, name, encoded_input, version or self._versions.default)
        )

    def find(self, instance_id: str) -> Instance | None:
        """The instance with this id."""
        found = self._instances.get(instance_id)
        return found if isinstance(found, Instance) else None

    def at(self, when: datetime, act: Callable[[], None]) -> None:
        """Do ``act`` under the lock at a wall-clock time; at once when that has passed."""

        def locked() -> None:
            with self._lock:
                act()

        def arm() -> None:
            self._loop.call_later(max(0.0, (when - datetime.now(UTC)).total_seconds()), locked)

        self._loop.call_soon_threadsafe(arm)

    def _enqueue_orchestration(self, instance_id: str) -> None:
        instance = self.find(instance_id)
        if instance is not None and not instance.ended and not instance.waits_for_start:
            super()._enqueue_orchestration(instance_id)

    def _append(self, instance: Instance, event: pb.HistoryEvent) -> None:
        stamp([event])
        instance.pending_events.append(event)
        instance.last_updated_at = datetime.now(UTC)
        self._enqueue_orchestration(instance.instance_id)


def optional(message: Any, field: str) -> str | None:
    """The text of an optional string field; None when it is not set."""
    return getattr(message, field).value if message.HasField(field) else None
