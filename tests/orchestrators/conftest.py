"""The real durable engine in memory, with stand-in activities under the stages' names."""

import logging
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import pytest
from azure.durable_functions.internal.serialization import DEFAULT_FUNCTIONS_DATA_CONVERTER
from durabletask.client import OrchestrationState, TaskHubGrpcClient
from durabletask.testing import create_test_backend
from durabletask.worker import TaskHubGrpcWorker

from model import outcome, stages, wire
from model.errors import Refusal
from model.origin import Origin, unmarked
from model.outcome import Pending
from model.plan import InstallPlan
from orchestrators.governor import arm_governor
from orchestrators.install import install_dash_enterprise
from orchestrators.preflight import preflight
from orchestrators.wait import wait_for_stage
from tests.orchestrators.plans import RESULTS, install_plan


class Stand:
    """What the stand-in activities answer, and what they were asked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked: Counter[str] = Counter()
        self.requests: list[tuple[str, Any]] = []
        self.origins: list[Origin | None] = []
        self.answers: dict[str, list[Any]] = {}

    def script(self, stage: str, *answers: Any) -> None:
        """Answer these in turn, then the usual result.

        An exception is raised; a function is called first, and the usual result is its answer.
        """
        self.answers[stage] = list(answers)

    def call(self, stage: stages.Stage[Any, Any], payload: wire.JsonObject) -> wire.JsonObject:
        asked, origin = unmarked(payload)
        request = wire.decode(stage.request, asked)
        with self.lock:
            self.asked[stage.name] += 1
            self.origins.append(origin)
            self.requests.append((stage.name, request))
            planned = self.answers.get(stage.name) or [RESULTS[stage.name]]
            answer = (
                planned[0]
                if len(planned) == 1 and planned[0] is RESULTS[stage.name]
                else planned.pop(0)
            )
        if isinstance(answer, FunctionType):
            answer()
            answer = RESULTS[stage.name]
        if isinstance(answer, Refusal):
            return outcome.refused(answer)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Pending):
            return outcome.pending(answer)
        return outcome.done(answer)


class Engine:
    """A running backend with a worker; one per session, instances told apart by name."""

    def __init__(self, client: TaskHubGrpcClient) -> None:
        self.client = client
        self.stands: dict[str, Stand] = {}

    def start(self, plan: InstallPlan, stand: Stand) -> None:
        self.stands[plan.name] = stand
        self.client.schedule_new_orchestration(
            "install_dash_enterprise", input=wire.encode(plan), instance_id=plan.name
        )

    def wait(self, plan: InstallPlan) -> OrchestrationState:
        state = self.client.wait_for_orchestration_completion(plan.name, timeout=30)
        assert state is not None
        return state

    def install(self, plan: InstallPlan, stand: Stand) -> OrchestrationState:
        self.start(plan, stand)
        return self.wait(plan)

    def until(self, plan: InstallPlan, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The custom status once ``reached`` says so; fails after 20 seconds."""
        done = threading.Event()
        status: dict[str, Any] = {}
        for _ in range(2000):
            state = self.client.get_orchestration_state(plan.name)
            status = (state and state.get_custom_status()) or {}
            if status and reached(status):
                return status
            done.wait(0.01)
        raise AssertionError(f"never reached: {status}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _installation_of(payload: Any) -> str:
    """The installation a stage's request belongs to, wherever its record keeps the name."""
    text = wire.json.dumps(payload)
    return next(name for name in _engine.stands if f'{name}"' in text)


_engine: Engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    global _engine  # noqa: PLW0603 # the worker's activities outlive the fixture's frame
    port = free_port()
    quiet = logging.getLogger("durabletask-tests")
    quiet.setLevel(logging.ERROR)
    backend = create_test_backend(port=port)
    worker = TaskHubGrpcWorker(
        host_address=f"127.0.0.1:{port}",
        data_converter=DEFAULT_FUNCTIONS_DATA_CONVERTER,
        logger=quiet,
    )
    for orchestrator in (install_dash_enterprise, preflight, wait_for_stage):
        worker.add_orchestrator(orchestrator)
    for stage in stages.STAGES:
        worker.add_activity(_stand_in(stage))
    worker.add_entity(arm_governor)
    worker.start()
    client = TaskHubGrpcClient(
        host_address=f"127.0.0.1:{port}", data_converter=DEFAULT_FUNCTIONS_DATA_CONVERTER
    )
    _engine = Engine(client)
    yield _engine
    client.close()
    worker.stop()
    backend.stop()


def _stand_in(stage: stages.Stage[Any, Any]) -> Any:
    def activity(_: Any, payload: Any) -> Any:
        return _engine.stands[_installation_of(payload)].call(stage, payload)

    activity.__name__ = stage.name
    return activity


@pytest.fixture
def stand() -> Stand:
    return Stand()


@pytest.fixture
def plan(request: pytest.FixtureRequest) -> InstallPlan:
    return install_plan(f"t-{abs(hash(request.node.nodeid)) % 10**10}")
