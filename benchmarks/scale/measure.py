"""What one installation costs: counted on the emulator, kept in ``measured.json``."""

import asyncio
import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import durabletask.internal.orchestrator_service_pb2 as pb
from aiohttp import ClientSession

from emulator.functions_host.history import parse_history
from emulator.journal import Entry
from emulator.world import World

FILE = Path(__file__).resolve().parent / "measured.json"
STAGES = ("group", "cluster", "credential", "records")
SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "standard.json"
SPEED = 30.0
"""Emulated seconds in a real one: looks come as often as in reality, worker time adds little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Requests to Azure Resource Manager, by the bucket that they draw from."""

    reads: int = 0
    writes: int = 0
    deletes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """One installation.

    Attributes:
        checks: Calls of the preflight by what they look at; each is one activity.
        group: Calls of the stage that makes the resource group.
        cluster: Of the stage that asks for the cluster.
        credential: Of the first stage that speaks to the cluster, in each worker process.
        records: Of the stage that writes the seven records.
        looks: Looks at the cluster; one read each.
        activities: Executions of activities.
        turns: Executions of orchestrators, one for each batch of news.
        instances: Orchestrations: the installation, its preflight, its waits.
        rows: History events of all instances.
        longest_history: Of one instance.
        timers: Durable timers.
        messages: What the Azure Storage backend puts into queues: an activity's order and answer, a
            timer, a start, a child's order and answer, an event, an entity's question and answer.
        questions: Put to the governor.
        cluster_seconds: Emulated, from the cluster's request to the look that finds it ready.
        names_seconds: From there to the load balancer's address.
        rest_seconds: From there to the end.
    """

    checks: dict[str, Calls]
    group: Calls
    cluster: Calls
    credential: Calls
    records: Calls
    looks: int
    activities: int
    turns: int
    instances: int
    rows: int
    longest_history: int
    timers: int
    messages: int
    questions: int
    cluster_seconds: int
    names_seconds: int
    rest_seconds: int

    @property
    def preflight(self) -> Calls:
        """All checks together."""
        return total(self.checks.values())

    @property
    def creation(self) -> Calls:
        """What follows the preflight, without looks."""
        return total((self.group, self.cluster, self.credential, self.records))


def calls(entries: Iterable[Entry]) -> Calls:
    """Requests by the bucket that they draw from: POST and PATCH are writes too."""
    kinds = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}
    return Calls(**Counter(kinds.get(entry.method, "writes") for entry in entries))


def total(many: Iterable[Calls]) -> Calls:
    """The sum."""
    found = list(many)
    return Calls(
        reads=sum(one.reads for one in found),
        writes=sum(one.writes for one in found),
        deletes=sum(one.deletes for one in found),
    )


def read(*, governed: bool = False) -> Counts:
    """The counts that were kept."""
    kept: dict[str, Any] = json.loads(FILE.read_text())["governed" if governed else "usual"]
    kept["checks"] = {name: Calls(**one) for name, one in kept["checks"].items()}
    kept |= {name: Calls(**kept[name]) for name in STAGES}
    return Counts(**kept)


def write(usual: Counts, governed: Counts) -> None:
    """Keep counts, without and with a governor."""
    both = {"usual": asdict(usual), "governed": asdict(governed)}
    FILE.write_text(json.dumps(both, indent=2) + "\n")


def measure(*, governed: bool) -> Counts:
    """Install on a warm worker and count; the app reads ARM_GOVERNOR from this environment."""
    os.environ["ARM_GOVERNOR"] = "on" if governed else "off"
    return asyncio.run(_measure())


async def _measure() -> Counts:
    async with World(speed=SPEED) as world, ClientSession() as http:
        journal = world.circumstances.journal.entries
        await _install(world, http, "warms")
        before = len(journal)
        status = await _install(world, http, "counted")
        histories = await _histories(world, http, "counted")
        return counted(journal[before:], histories, status)


def counted(
    entries: list[Entry], histories: list[list[pb.HistoryEvent]], status: dict[str, Any]
) -> Counts:
    """The counts of one installation, from what it asked and from what its histories hold."""
    arm = [entry for entry in entries if entry.server == "arm" and "/subscriptions/" in entry.path]
    created = next(n for n, e in enumerate(arm) if e.method == "PUT")
    checks: dict[str, list[Entry]] = {}
    for entry in arm[: created - 1]:  # the stage that creates the group looks first
        checks.setdefault(_subject(entry.path), []).append(entry)
    stages: dict[str, list[Entry]] = {name: [] for name in STAGES}
    looks = 0
    for entry in arm[created - 1 :]:
        stage = _stage(entry)
        asked = any(e.method == "PUT" for e in stages["cluster"])
        if stage == "cluster" and entry.method == "GET" and asked:
            looks += 1
        else:
            stages[stage].append(entry)
    found: dict[str, Any] = {stage: calls(asked) for stage, asked in stages.items()}
    found["checks"] = {subject: calls(asked) for subject, asked in sorted(checks.items())}
    found |= {"looks": looks} | _of_histories(histories) | _moments(status)
    return Counts(**found)


def _of_histories(histories: list[list[pb.HistoryEvent]]) -> dict[str, int]:
    events = Counter(e.WhichOneof("eventType") or "" for one in histories for e in one)
    answered = ("taskScheduled", "subOrchestrationInstanceCreated", "entityOperationCalled")
    signals = ("timerCreated", "eventSent", "entityOperationSignaled")
    return {
        "activities": events["taskScheduled"],
        "turns": events["orchestratorStarted"],
        "instances": len(histories),
        "rows": events.total(),
        "longest_history": max(len(one) for one in histories),
        "timers": events["timerCreated"],
        "messages": 1
        + 2 * sum(map(events.__getitem__, answered))
        + sum(map(events.__getitem__, signals)),
        "questions": events["entityOperationCalled"],
    }


def _moments(status: dict[str, Any]) -> dict[str, int]:
    """Emulated seconds between the moments that a status tells."""
    stages = {one["stage"]: one for one in status["stages"]}
    asked = datetime.fromisoformat(stages["ensure_cluster"]["startedAt"])
    made = datetime.fromisoformat(stages["observe_cluster"]["finishedAt"])
    named = datetime.fromisoformat(stages["ensure_dns_records"]["startedAt"])
    ended = max(datetime.fromisoformat(one["finishedAt"]) for one in status["stages"])
    return {
        "cluster_seconds": round((made - asked).total_seconds() * SPEED),
        "names_seconds": round((named - made).total_seconds() * SPEED),
        "rest_seconds": round((ended - named).total_seconds() * SPEED),
    }


def _subject(path: str) -> str:
    """What a check looks at: the provider's last namespace in a path, or the group."""
    named = re.findall(r"/providers/Microsoft\.(\w+)(/dnszones)?", path, re.IGNORECASE)
    namespace, zones = named[-1] if named else ("group", "")
    return "dns" if zones else namespace.lower()


def _stage(entry: Entry) -> str:
    """The stage after the preflight that a request is of."""
    path = entry.path.lower()
    if "dnszones" in path:
        return "records"
    if "managedclusters" in path:
        return "credential" if "credential" in path else "cluster"
    return "group"


async def _install(world: World, http: ClientSession, name: str) -> dict[str, Any]:
    request: dict[str, Any] = world.localized(json.loads(SAMPLE.read_text()))
    request["name"] = name
    request["azure"]["resourceGroup"] = name
    request["cluster"]["name"] = name
    request["domain"]["baseDomain"] = f"{name}.example.com"
    headers = {"x-functions-key": world.host.key}
    url = f"{world.host.url}/api/installations"
    answer = await http.post(url, json=request, headers=headers)
    status: dict[str, Any] = {"state": "Running"}
    while status["state"] in ("Pending", "Running"):
        await asyncio.sleep(0.2)
        status = await (await http.get(answer.headers["Location"], headers=headers)).json()
    if status["state"] != "Succeeded":
        raise RuntimeError(json.dumps(status.get("failure")))
    return status


async def _histories(world: World, http: ClientSession, name: str) -> list[list[pb.HistoryEvent]]:
    hub = f"{world.host.url}/runtime/webhooks/durabletask/instances"
    code = {"code": world.host.keys["durable"]}
    listed = await (await http.get(hub, params={**code, "top": "1000"})).json()
    found: list[list[pb.HistoryEvent]] = []
    for one in listed:
        instance = one["instanceId"]
        if instance == name or instance.startswith(f"{name}:"):
            url = f"{hub}/{quote(instance, safe='')}/rawHistory"
            text = await (await http.get(url, params=code)).text()
            found.append(parse_history(text))
    return found
