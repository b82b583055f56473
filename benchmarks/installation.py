"""How long an installation takes, beside what nobody can shorten; and what it asks."""

import asyncio
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from benchmarks.figure import Figure
from emulator.durations import Durations
from emulator.journal import Entry
from emulator.world import World
from model.plan import Pace
from model.waiting import GROWTH

SPEED, SLOWER = 60.0, 20.0
"""At the first this machine's own work counts sixtyfold; from both follows what is left without it.
"""
SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "standard.json"
MINIMUM_WRITES = 9
"""Group, cluster, seven records."""


def longest_chain(durations: Durations) -> dict[str, timedelta]:
    """The steps that must follow each other, with their emulated durations.

    Cluster, its nodes, a pod each for two components after one another (cert-manager runs beside
    them), the Job's pod, the datastores' and the console's pods, the console, the release, its
    checks, its roll-out.
    """
    pod = durations.pod_start
    return {
        "cluster": durations.cluster_create,
        "nodes": durations.node_ready,
        "istio-base: Job and workload": pod * 2,
        "istiod: Job and workload": pod * 2,
        "KOTS Job": pod,
        "datastores": pod,
        "Admin Console": pod + durations.console_start,
        "release": durations.application_fetch,
        "preflight checks": durations.preflights,
        "roll-out": durations.application_rollout,
    }


def guide_sequence(durations: Durations) -> dict[str, timedelta]:
    """The guide's steps one after another: nothing overlaps, and no human pause is counted."""
    chain = longest_chain(durations)
    return {
        **chain,
        "cert-manager: Job and workload": durations.pod_start * 2,
        "load balancer address": durations.load_balancer_address,
        "DNS records": durations.dns_publish,
    }


def seconds(steps: dict[str, timedelta]) -> float:
    """The sum."""
    return sum((step.total_seconds() for step in steps.values()), 0.0)


def measure() -> list[Figure]:
    """Two installations, one after the other, at a speed where looks do not dominate; two slower.

    The first finds a cold worker, which imports the SDKs; at this speed each second of that counts
    as an emulated minute, so the second one is judged and both are shown.
    """
    (cold, _), (took, entries) = asyncio.run(_install_twice(SPEED))
    _, (slower, _) = asyncio.run(_install_twice(SLOWER))
    durations = Durations()
    chain, guide = seconds(longest_chain(durations)), seconds(guide_sequence(durations))
    writes = [e for e in entries if e.server == "arm" and e.writes and "listCluster" not in e.path]
    looks = [e for e in entries if e.server == "arm" and _is_cluster_look(e)]
    allowed = _looks_within(durations.cluster_create)
    emulated = took * SPEED
    return [
        Figure(
            "length / longest chain",
            emulated / chain,
            1.05,
            f"{emulated / 60:.1f} of {chain / 60:.1f} emulated minutes at {SPEED:g} x",
        ),
        Figure(
            "the same, cold worker",
            cold * SPEED / chain,
            None,
            "SDK imports: see indexing for what a cold start costs",
        ),
        Figure(
            f"the same, warm, at {SLOWER:g} x",
            slower * SLOWER / chain,
            None,
            f"{slower * SLOWER / 60:.1f} emulated minutes; both lengths together say "
            f"{_unhurried(took, slower) / chain:.2f} without this machine's own work",
        ),
        Figure(
            "length / the guide's sequence",
            emulated / guide,
            None,
            "; ".join(
                f"{k} {v.total_seconds() / 60:g} min" for k, v in guide_sequence(durations).items()
            ),
        ),
        Figure("ARM writes", len(writes), MINIMUM_WRITES + 1, "group, cluster, seven records"),
        Figure(
            "looks at the cluster",
            len(looks),
            allowed + 5,
            f"{allowed} looks of the adaptive pause, two checks, two ensures, a start",
        ),
    ]


def _unhurried(fast: float, slow: float) -> float:
    """Emulated seconds of an installation on a machine that needs no time for itself.

    A real length is that, divided by the speed, and the machine's own seconds: two lengths, two
    unknowns.
    """
    return (slow - fast) / (1 / SLOWER - 1 / SPEED)


def _is_cluster_look(entry: Entry) -> bool:
    path = entry.path.lower().partition("?")[0]
    return entry.method == "GET" and path.rstrip("/").endswith("/managedclusters/warm")


def _looks_within(duration: timedelta) -> int:
    """Looks that the adaptive pause makes during a wait."""
    pace, waited, looks = Pace(), timedelta(0), 0
    while waited < duration:
        grown = pace.first_look * GROWTH ** min(looks, 40)
        waited += min(grown, pace.longest_look)
        looks += 1
    return looks


type Measured = tuple[float, list[Entry]]
"""Real seconds from the post to the end, and the journal of that time."""


async def _install_twice(speed: float) -> tuple[Measured, Measured]:
    async with World(speed=speed) as world:
        return await _install(world, "cold"), await _install(world, "warm")


async def _install(world: World, name: str) -> Measured:
    request: dict[str, Any] = world.localized(json.loads(SAMPLE.read_text()))
    request["name"] = name
    request["azure"]["resourceGroup"] = name
    request["cluster"]["name"] = name
    request["domain"]["baseDomain"] = f"{name}.example.com"
    journal = world.circumstances.journal.entries
    before = len(journal)
    async with ClientSession(headers={"x-functions-key": world.host.key}) as http:
        begun = time.monotonic()
        answer = await http.post(f"{world.host.url}/api/installations", json=request)
        status: dict[str, Any] = {"state": "Running"}
        while status["state"] in ("Pending", "Running"):
            await asyncio.sleep(0.05)
            status = await (await http.get(answer.headers["Location"])).json()
    if status["state"] != "Succeeded":
        raise RuntimeError(json.dumps(status.get("failure")))
    return time.monotonic() - begun, journal[before:]
