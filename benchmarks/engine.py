"""A hundred installations at once on the functions host, beside the bare engine doing as much."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from benchmarks.figure import Figure
from model import wire
from tests.orchestrators.plans import install_plan

INSTANCES = 100
ROUNDS = 2
ROOT = Path(__file__).resolve().parent.parent
APP = Path(__file__).resolve().parent / "apps" / "stand_in"


@dataclass(frozen=True, slots=True)
class Work:
    """What one installation asks of the engine, from its history.

    Attributes:
        checks: Activities of the preflight, all at once.
        steps: Activities of the story.
        waits: Orchestrations of a timer and an activity each.
    """

    checks: int
    steps: int
    waits: int


def measure() -> list[Figure]:
    """The best of some rounds of each side, in turn; the bare engine does what the host did."""
    took, work = asyncio.run(on_the_host(INSTANCES))
    ours, bare = [took], [_bare(work)]
    for _ in range(ROUNDS - 1):
        took, work = asyncio.run(on_the_host(INSTANCES))
        ours.append(took)
        bare.append(_bare(work))
    each = work.checks + work.steps + work.waits
    detail = (
        f"{INSTANCES} installations of {each} activities, {work.waits + 2} orchestrations, "
        f"{work.waits} timers: host {min(ours):.1f} s, bare engine {min(bare):.1f} s"
    )
    return [Figure("throughput / bare engine", min(bare) / min(ours), 0.5, detail, at_least=True)]


def _bare(work: Work) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    numbers = (INSTANCES, port, work.checks, work.steps, work.waits)
    command = [sys.executable, "-m", "benchmarks.bare_engine", *map(str, numbers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout.strip().splitlines()[-1])


async def on_the_host(instances: int) -> tuple[float, Work]:
    """Seconds that so many installations take, and what each of them asked for.

    Raises:
        RuntimeError: One failed, or the host did not start.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "emulator.functions_host", str(APP), "--port", "0", "--ready-json",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, limit=1 << 20,
    )  # fmt: skip # a command line
    try:
        return await _run(process, instances)
    finally:
        process.terminate()
        await process.wait()


async def _run(process: asyncio.subprocess.Process, instances: int) -> tuple[float, Work]:
    stdout = process.stdout
    ready: dict[str, Any] = {}
    async for line in stdout or ():
        if line.startswith(b'{"ready"'):
            ready = json.loads(line)
            break
    if stdout is None or not ready:
        raise RuntimeError("the host did not start")
    drain = asyncio.create_task(stdout.read())
    hub = f"{ready['url']}/runtime/webhooks/durabletask"
    code = ready["keys"]["durable"]
    async with ClientSession() as http:
        begun = time.perf_counter()
        for number in range(instances):
            plan = wire.encode(install_plan(f"bench-{number}"))
            url = f"{hub}/orchestrators/install_dash_enterprise/bench-{number}?code={code}"
            async with http.post(url, json=plan) as answer:
                answer.raise_for_status()
        while await _completed(http, f"{hub}/instances?code={code}&top=2000") < instances:
            await asyncio.sleep(0.2)  # a look costs the host, too
        took = time.perf_counter() - begun
        work = await _work(http, f"{hub}/instances", code)
    drain.cancel()
    return took, work


async def _completed(http: ClientSession, url: str) -> int:
    ended = "showInput=false&runtimeStatus=Completed,Failed,Terminated&instanceIdPrefix=bench-"
    async with http.get(f"{url}&{ended}") as answer:
        found = await answer.json()
    installations = [i for i in found if ":" not in i["instanceId"]]
    for one in installations:
        if one["runtimeStatus"] != "Completed":
            raise RuntimeError(f"{one['instanceId']}: {one['output']}")
    return len(installations)


async def _work(http: ClientSession, instances: str, code: str) -> Work:
    url = f"{instances}?code={code}&top=2000&instanceIdPrefix=bench-0"
    async with http.get(url) as answer:
        names = [i["instanceId"] for i in await answer.json()]
    activities: dict[str, int] = {}
    for name in names:
        async with http.get(f"{instances}/{name}?code={code}&showHistory=true") as answer:
            history = (await answer.json())["historyEvents"]
        activities[name] = sum(event["EventType"] == "TaskCompleted" for event in history)
    (checks,) = (count for name, count in activities.items() if name.endswith(":preflight"))
    return Work(checks, activities["bench-0"], waits=len(names) - 2)
