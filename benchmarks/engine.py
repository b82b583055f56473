"""A hundred installations at once on the functions host, beside the bare engine doing as much."""

import asyncio
import json
import socket
import subprocess
import sys
import time
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


def measure() -> list[Figure]:
    """The best of some rounds of each side, in turn."""
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(ROUNDS):
        ours.append(asyncio.run(_host()))
        bare.append(_bare())
    detail = f"{INSTANCES} installations: host {min(ours):.1f} s, bare engine {min(bare):.1f} s"
    return [Figure("throughput / bare engine", min(bare) / min(ours), 0.5, detail, at_least=True)]


def _bare() -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.bare_engine", str(INSTANCES), str(port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout.strip().splitlines()[-1])


async def _host() -> float:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "emulator.functions_host", str(APP), "--port", "0", "--ready-json",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, limit=1 << 20,
    )  # fmt: skip # a command line
    try:
        return await _run(process)
    finally:
        process.terminate()
        await process.wait()


async def _run(process: asyncio.subprocess.Process) -> float:
    stdout = process.stdout
    if stdout is None:
        raise RuntimeError("the host has no output")
    ready: dict[str, Any] = {}
    async for line in stdout:
        if line.startswith(b'{"ready"'):
            ready = json.loads(line)
            break
    drain = asyncio.create_task(stdout.read())
    hub = f"{ready['url']}/runtime/webhooks/durabletask"
    code = ready["keys"]["durable"]
    async with ClientSession() as http:
        begun = time.perf_counter()
        for number in range(INSTANCES):
            plan = wire.encode(install_plan(f"bench-{number}"))
            url = f"{hub}/orchestrators/install_dash_enterprise/bench-{number}?code={code}"
            async with http.post(url, json=plan) as answer:
                answer.raise_for_status()
        while not await _all_done(http, f"{hub}/instances?code={code}&top=2000"):
            await asyncio.sleep(0.05)
        took = time.perf_counter() - begun
    drain.cancel()
    return took


async def _all_done(http: ClientSession, url: str) -> bool:
    async with http.get(f"{url}&runtimeStatus=Completed&instanceIdPrefix=bench-") as answer:
        found = await answer.json()
    names = {i["instanceId"] for i in found if ":" not in i["instanceId"]}
    return len(names) >= INSTANCES
