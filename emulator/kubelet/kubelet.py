"""All nodes of one cluster: registers them, places pods, runs them, serves their logs."""

import asyncio
import itertools
import os
import tempfile
from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from emulator.clock import Clock
from emulator.durations import Durations
from emulator.kubelet.api_client import ApiClient, JsonObject
from emulator.kubelet.azure_disk import AzureDisk
from emulator.kubelet.container_command import Host
from emulator.kubelet.documents import listed, section
from emulator.kubelet.events import Recorder
from emulator.kubelet.log_file import LogFile
from emulator.kubelet.log_server import LogServer
from emulator.kubelet.nodes import NodeSpec, register
from emulator.kubelet.pod_runner import LOG, PodRunner
from emulator.kubelet.scheduler import Known, Scheduler
from emulator.kubelet.watcher import Watcher

_ENDED = ("Succeeded", "Failed")


class Kubelet:
    """Stands in for the kubelets, the scheduler and the disk driver of a cluster.

    Args:
        kubeconfig: Whoever it lets in must be allowed to do everything that these parts do.
        nodes: The nodes to register.
        programs: Folder put first on the PATH of commands that are run; None for none.
        environment: Variables that those commands get besides their own.
        missing_images: Images that no registry has; may change meanwhile.
    """

    def __init__(  # noqa: PLR0913 # what a kubelet is made of; all but three by name
        self,
        kubeconfig: bytes,
        clock: Clock,
        durations: Durations,
        *,
        nodes: Sequence[NodeSpec],
        programs: Path | None = None,
        environment: Mapping[str, str] | None = None,
        missing_images: Container[str] = (),
    ) -> None:
        self._nodes = {n.name: n for n in nodes}
        self._folder = tempfile.TemporaryDirectory(prefix="kubelet-", ignore_cleanup_errors=True)
        self._api = ApiClient(kubeconfig, "kubelet")
        self._events = Recorder(self._api)
        path = os.environ.get("PATH", os.defpath)
        self._host = Host(
            api=self._api,
            events=self._events,
            clock=clock,
            durations=durations,
            programs=programs,
            path=f"{programs}{os.pathsep}{path}" if programs else path,
            environment=dict(environment or {}),
            folder=Path(self._folder.name),
            missing_images=missing_images,
        )
        self._runners: dict[str, PodRunner] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._addresses = {n: itertools.count(4) for n in self._nodes}
        self._subnets = {n: i for i, n in enumerate(self._nodes)}
        self._logs = LogServer(self._log_of)
        self._disk = AzureDisk(self._api)
        self._pods = Watcher(self._api, "/api/v1/pods", self._pod_changed)
        self._claims = Watcher(self._api, "/api/v1/persistentvolumeclaims", self._claim_changed)
        self._live_nodes = Watcher(self._api, "/api/v1/nodes", self._node_changed)
        known = Known(self._pods.objects, self._claims.objects, self._live_nodes.objects)
        self._scheduler = Scheduler(self._api, self._events, nodes, known)
        self._becoming_ready: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Register the nodes and begin to work; nodes are Ready after ``durations.node_ready``.

        Raises:
            ApiFailure: The API server refused the nodes, the storage classes or a list.
        """
        await self._logs.start()
        self._events.start()
        await self._disk.install()
        version = (await self._api.get("/version"))["gitVersion"]
        for node in self._nodes.values():
            await register(self._api, node, self._logs.port, version, ready=False)
        self._becoming_ready = asyncio.create_task(self._become_ready(version))
        await self._live_nodes.start()
        await self._claims.start()
        await self._pods.start()

    async def stop(self) -> None:
        """End all commands, remove all sandboxes, leave the nodes registered."""
        if self._becoming_ready is not None:
            self._becoming_ready.cancel()
            await asyncio.gather(self._becoming_ready, return_exceptions=True)
        await self._pods.stop()
        await self._claims.stop()
        await self._live_nodes.stop()
        await asyncio.gather(*(r.forget() for r in self._runners.values()))
        await self._logs.stop()
        await self._events.stop()
        await self._api.close()
        await asyncio.to_thread(self._folder.cleanup)

    async def _become_ready(self, version: str) -> None:
        await self._host.clock.sleep(self._host.durations.node_ready)
        for node in self._nodes.values():
            await register(self._api, node, self._logs.port, version, ready=True)

    async def _node_changed(self, kind: str, node: JsonObject) -> None:
        del kind, node  # whatever changed, there may be room now
        await self._scheduler.try_again()

    async def _claim_changed(self, kind: str, claim: JsonObject) -> None:
        await self._disk.claim_changed(kind, claim)
        if kind != "DELETED":
            await self._scheduler.try_again()

    async def _pod_changed(self, kind: str, pod: JsonObject) -> None:
        await self._scheduler.pod_changed(kind, pod)
        if pod["spec"].get("nodeName") not in self._nodes:
            return
        uid = pod["metadata"]["uid"]
        runner = self._runners.get(uid)
        if kind == "DELETED":
            await self._forget(pod)
        elif runner is None:
            self._adopt(pod)
        if kind != "DELETED" and "deletionTimestamp" in pod["metadata"]:
            grace = pod["metadata"].get("deletionGracePeriodSeconds") or 0
            self._runners[uid].terminate(grace)

    def _adopt(self, pod: JsonObject) -> None:
        meta = pod["metadata"]
        runner = PodRunner(self._host, pod, self._address(pod))
        self._runners[meta["uid"]] = runner
        self._names[meta["namespace"], meta["name"]] = meta["uid"]
        if section(pod, "status").get("phase") not in _ENDED and "deletionTimestamp" not in meta:
            runner.start()

    async def _forget(self, pod: JsonObject) -> None:
        meta = pod["metadata"]
        runner = self._runners.pop(meta["uid"], None)
        if self._names.get((meta["namespace"], meta["name"])) == meta["uid"]:
            del self._names[meta["namespace"], meta["name"]]
        if runner is not None:
            await runner.forget()

    def _address(self, pod: JsonObject) -> str:
        """The pod's own address: it keeps the one it has; the network is 10.244.0.0/16."""
        known = section(pod, "status").get("podIP")
        node = pod["spec"]["nodeName"]
        return known or f"10.244.{self._subnets[node]}.{next(self._addresses[node]) % 250 + 1}"

    def _log_of(
        self, namespace: str, pod: str, container: str, previous: bool
    ) -> LogFile | bytes | str:
        uid = self._names.get((namespace, pod))
        found = self._pods.objects.get((namespace, pod))
        if uid is None or found is None:
            return f'pods "{pod}" not found'
        if previous:
            missing = f'previous terminated container "{container}" in pod "{pod}" not found'
            return self._runners[uid].previous_logs.get(container, missing)
        log = self._runners[uid].logs.get(container)
        if log is not None:
            return log
        phase = section(found, "status").get("phase")
        if phase in ("Pending", None):
            statuses = listed(section(found, "status"), "containerStatuses")
            nothing: JsonObject = {}
            state = next((s["state"] for s in statuses if s["name"] == container), nothing)
            reason = section(state, "waiting").get("reason", "ContainerCreating")
            return f'container "{container}" in pod "{pod}" is waiting to start: {reason}'
        said = section(found["metadata"], "annotations").get(LOG, "")
        return said.encode()
