"""The bare engine doing what a hundred installations ask of it; prints seconds.

``python -m benchmarks.bare_engine INSTANCES PORT CHECKS STEPS WAITS``: of each instance, how many
activities its preflight asks for at once, how many it asks for one after another, and how often it
waits.
"""

import logging
import os
import sys
import time
from datetime import timedelta
from typing import Any

from durabletask import task
from durabletask.client import TaskHubGrpcClient
from durabletask.testing import create_test_backend
from durabletask.worker import TaskHubGrpcWorker


def step(_: task.ActivityContext, __: Any) -> None:
    """Nothing."""


def checks(ctx: task.OrchestrationContext, count: int) -> Any:
    """As the preflight: all at once."""
    yield task.when_all([ctx.call_activity(step) for _ in range(count)])


def wait(ctx: task.OrchestrationContext, _: Any) -> Any:
    """As a wait: a timer and a look."""
    yield ctx.create_timer(timedelta(0))
    yield ctx.call_activity(step)


def story(ctx: task.OrchestrationContext, work: list[int]) -> Any:
    """As an installation: checks, steps, waits."""
    at_once, steps, waits = work
    yield ctx.call_sub_orchestrator(checks, input=at_once)
    for number in range(steps):
        yield ctx.call_activity(step)
        if number < waits:
            yield ctx.call_sub_orchestrator(wait)


def main(instances: int, port: int, *work: int) -> None:
    """Start all, wait for all, print the seconds."""
    quiet = logging.getLogger("bare")
    quiet.setLevel(logging.ERROR)
    create_test_backend(port=port)
    worker = TaskHubGrpcWorker(host_address=f"127.0.0.1:{port}", logger=quiet)
    worker.add_orchestrator(story)
    worker.add_orchestrator(checks)
    worker.add_orchestrator(wait)
    worker.add_activity(step)
    worker.start()
    client = TaskHubGrpcClient(host_address=f"127.0.0.1:{port}", logger=quiet)
    begun = time.perf_counter()
    ids = [client.schedule_new_orchestration(story, input=list(work)) for _ in range(instances)]
    for instance in ids:
        client.wait_for_orchestration_completion(instance, timeout=120)
    sys.stdout.write(f"{time.perf_counter() - begun}\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
