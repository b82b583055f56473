"""Every place where the product, its host or its Jobs write something down."""

import base64
import json
import shutil
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from emulator.kubelet.log_file import LogFile
from emulator.kubelet.process import Command, Process
from emulator.kubernetes.resources import BUILT_IN
from tests.e2e.driver import Driver
from tests.histories.record import raw_history

_RECORDER = """#!/bin/sh
printf '%s\\n' "$0 $*" >> "{log}"
exec "{program}" "$@"
"""
_PROGRAMS = ("kots", "helm", "kubectl", "curl")


@dataclass
class Jobs:
    """What the processes of all Jobs said, and how they were called."""

    said: list[str] = field(default_factory=list[str])
    called: list[str] = field(default_factory=list[str])


@contextmanager
def listening(jobs: Jobs) -> Generator[None]:
    """Note what containers say and how they are called, before their pods are forgotten."""
    append, begin = LogFile.append, Process.__init__

    def noted(log: LogFile, said: bytes) -> None:
        jobs.said.append(said.decode(errors="replace"))
        append(log, said)

    def begun(process: Process, command: Command, log: LogFile) -> None:
        jobs.called.append(" ".join(command.words))
        begin(process, command, log)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LogFile, "append", noted)
        patch.setattr(Process, "__init__", begun)
        yield


def record_calls(driver: Driver) -> Path:
    """Put a recorder before each program that the Jobs' scripts call; the file it writes to."""
    folder = driver.world.cloud.folder / "programs"
    log = driver.world.cloud.folder / "calls.log"
    log.touch()
    for name in _PROGRAMS:
        here = folder / name
        if here.exists():
            real = here.rename(folder / f"{name}.real")
        else:
            found = shutil.which(name)
            if found is None:
                continue
            real = Path(found)
        here.write_text(_RECORDER.format(log=log, program=real))
        here.chmod(0o755)
    return log


def written(driver: Driver, jobs: Jobs, calls: Path) -> dict[str, str]:
    """The text of each kind of place."""
    cloud = driver.world.cloud
    return {
        "task hub histories": "\n".join(_histories(driver)),
        "statuses": "\n".join(_statuses(driver)),
        "log of host and worker": _host_log(driver),
        "addresses that were asked": "\n".join(
            f"{e.server} {e.method} {e.path} {e.agent}"
            for e in driver.world.circumstances.journal.entries
        ),
        "command lines of Jobs": "\n".join([*jobs.called, calls.read_text()]),
        "logs of Jobs": "".join(jobs.said),
        "objects in clusters, but Secrets": "\n".join(_objects(driver)),
        "Azure's documents": json.dumps(
            [resource.document() for resource in cloud.azure.state.resources.all.values()]
        ),
    }


def _histories(driver: Driver) -> Iterator[str]:
    """Every event of every instance, its payloads as text; and what the durable API tells of it."""
    hub = f"{driver.world.host.url}/runtime/webhooks/durabletask/instances"
    key = driver.world.host.keys["durable"]
    with urllib.request.urlopen(f"{hub}?showInput=true&code={key}", timeout=30) as answer:
        instances: list[dict[str, Any]] = json.load(answer)
    yield json.dumps(instances)
    for instance in instances:
        name = str(instance["instanceId"])
        for line in raw_history(driver, name).splitlines():
            yield str(pb.HistoryEvent.FromString(base64.b64decode(line)))
        url = f"{hub}/{quote(name, safe='')}?showHistory=true&showHistoryOutput=true&code={key}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            yield answer.read().decode()


def _statuses(driver: Driver) -> Iterator[str]:
    known = driver.ask("GET", "installations").body
    yield json.dumps(known)
    for one in known["installations"]:
        yield json.dumps(driver.status(one["name"]))


def _host_log(driver: Driver) -> str:
    """Without the line by which the host tells this test its keys."""
    lines = (driver.world.cloud.folder / "host.log").read_text(errors="replace").splitlines()
    return "\n".join(line for line in lines if not line.startswith('{"ready"'))


def _objects(driver: Driver) -> Iterator[str]:
    """What stands in the clusters and what stood there, as far as their own history goes back."""
    for server in driver.world.cloud.clusters.servers.values():
        for resource in BUILT_IN:
            if resource.plural == "secrets":
                continue
            for event in server.store.since(resource, server.store.compacted):
                yield json.dumps(event.object)
            for item in server.store.objects(resource):
                yield json.dumps(item)
