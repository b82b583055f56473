"""One pod on one node, from its images to its end."""

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiohttp import ClientError

from emulator.kubelet import pod_status
from emulator.kubelet.api_client import NOT_FOUND, STRATEGIC, ApiFailure, JsonObject
from emulator.kubelet.container_command import Host, build_command
from emulator.kubelet.documents import listed, section
from emulator.kubelet.log_file import LogFile
from emulator.kubelet.pod_status import ContainerState, terminated, waiting
from emulator.kubelet.process import CannotStart, Command, Process
from emulator.kubelet.sandbox import Sandbox
from emulator.kubelet.sources import Missing, Sources

type Attempt[T] = Callable[[], Awaitable[T]]

RUN = "emulator/run"
NEVER_READY = "emulator/never-ready"
IMAGE_PULL_ERROR = "emulator/image-pull-error"
LOG = "emulator/log"

_LOG = logging.getLogger(__name__)
_FIRST_RESTART = timedelta(seconds=10)
_LONGEST_RESTART = timedelta(minutes=5)
_CONFIG_RETRY = 0.3
_GRACE_FLOOR = 2.0
_STARTUP_FAILED = 128
_KILLED = 137
_MESSAGE_BYTES = 2048
_MESSAGE_LINES = 80


def runs_for_real(pod: JsonObject) -> bool:
    """Whether the pod's command is executed: pods of Jobs, and those that ask for it."""
    if section(pod["metadata"], "annotations").get(RUN) == "true":
        return True
    owners = listed(pod["metadata"], "ownerReferences")
    return any(o["kind"] == "Job" for o in owners) and pod["spec"].get("restartPolicy") != "Always"


class PodRunner:
    """Brings one pod up, keeps its status true and takes it down."""

    def __init__(self, host: Host, pod: JsonObject, ip: str) -> None:
        self._host = host
        self._events = host.events
        self._pod = pod
        self._ip = ip
        self._sandbox: Sandbox | None = None
        self._processes: dict[str, Process] = {}
        self._task: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._ended = False
        self.logs: dict[str, LogFile] = {}
        self.previous_logs: dict[str, LogFile] = {}
        everyone = [*listed(pod["spec"], "initContainers"), *pod["spec"]["containers"]]
        first = "PodInitializing" if pod["spec"].get("initContainers") else "ContainerCreating"
        self._states: dict[str, ContainerState] = {c["name"]: waiting(first) for c in everyone}

    @property
    def _path(self) -> str:
        meta = self._pod["metadata"]
        return f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}"

    def start(self) -> None:
        """Begin in the background."""
        self._task = asyncio.create_task(self._live())

    def terminate(self, grace: float) -> None:
        """End the pod within emulated seconds and confirm its deletion; once is enough."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._terminate(grace))

    async def forget(self) -> None:
        """The pod is gone from the API, or the kubelet stops: leave nothing behind."""
        if self._ending is not None and self._ending is not asyncio.current_task():
            self._ending.cancel()
            await asyncio.gather(self._ending, return_exceptions=True)
        await self._halt(0.0)
        if self._sandbox is not None:
            await asyncio.to_thread(self._sandbox.remove)

    async def _halt(self, grace: float) -> None:
        await asyncio.gather(*(p.end(grace) for p in self._processes.values()))
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _terminate(self, grace: float) -> None:
        try:
            real = self._host.clock.real(timedelta(seconds=grace))
            # Real programs need real time to say goodbye, whatever the speed.
            patience = max(real, min(grace, _GRACE_FLOOR))
            self._ended = True
            ran = bool(self._processes)
            await self._halt(patience)
            if ran:
                await self._report("Failed")
            uid = self._pod["metadata"]["uid"]
            options = {"gracePeriodSeconds": 0, "preconditions": {"uid": uid}}
            await self._host.api.delete(self._path, options)
        except (ApiFailure, ClientError) as failure:
            _LOG.info("pod %s could not be taken down cleanly: %s", self._path, failure)

    async def _live(self) -> None:
        try:
            phase = section(self._pod, "status").get("phase", "Pending")
            if phase == "Running":
                await self._adopt()
            else:
                await self._bring_up()
        except (ApiFailure, ClientError) as failure:
            _LOG.warning("pod %s is left as it is: %s", self._path, failure)

    async def _adopt(self) -> None:
        """After a restart of the kubelet: the containers of real commands are lost."""
        if runs_for_real(self._pod):
            for name in self._states:
                self._states[name] = terminated(
                    _KILLED, pod_status.now(), reason="ContainerStatusUnknown"
                )
            await self._report("Failed")

    async def _bring_up(self) -> None:
        annotations = section(self._pod["metadata"], "annotations")
        await self._report("Pending")
        await self._host.clock.sleep(self._host.durations.pod_start)
        image = self._pod["spec"]["containers"][0]["image"]
        if annotations.get(IMAGE_PULL_ERROR) or image in self._host.missing_images:
            await self._fail_to_pull()
        elif runs_for_real(self._pod):
            await self._run_for_real()
        else:
            never_ready = annotations.get(NEVER_READY) == "true"
            for container in listed(self._pod["spec"], "initContainers"):
                self._states[container["name"]] = terminated(0, pod_status.now())
            for container in self._pod["spec"]["containers"]:
                state = pod_status.running()
                state.ready = not never_ready
                self._states[container["name"]] = state
            await self._report("Running")

    async def _fail_to_pull(self) -> None:
        image = self._pod["spec"]["containers"][0]["image"]
        text = f'Back-off pulling image "{image}": ErrImagePull: not found'
        for name in self._states:
            self._states[name] = waiting("ImagePullBackOff", text)
        first = next(iter(self._states))
        for reason, told in (
            ("Failed", f'Failed to pull image "{image}": not found'),
            ("BackOff", f'Back-off pulling image "{image}"'),
        ):
            self._events.kubelet(self._pod, reason, told, container=first, warn=True)
        await self._report("Pending")

    async def _run_for_real(self) -> None:
        pod = self._pod
        self._sandbox = Sandbox(self._host.folder / pod["metadata"]["uid"])
        sources = Sources(self._host.api, pod, self._ip)
        # A kubelet shows a missing volume source as a pod that stays in ContainerCreating.
        await self._until_there(lambda: self._prepare(sources), "")
        await self._report("Running" if not pod["spec"].get("initContainers") else "Pending")
        for container in listed(pod["spec"], "initContainers"):
            if await self._run_container(container, sources) != 0:
                await self._report("Failed")
                return
        main = pod["spec"]["containers"]
        codes = await asyncio.gather(*(self._run_container(c, sources) for c in main))
        if not self._ended:
            await self._report("Failed" if any(codes) else "Succeeded")

    async def _prepare(self, sources: Sources) -> None:
        if self._sandbox is None:
            return
        await self._sandbox.fill_volumes(self._pod, sources)
        ca = base64.b64encode(self._host.api.authority).decode()
        await self._sandbox.write_kubeconfig(self._pod, sources, self._host.api.server, ca)

    async def _until_there[T](self, attempt: Attempt[T], container: str) -> T:
        """Repeat until nothing is missing; meanwhile the status says what is."""
        said = ""
        while True:
            try:
                return await attempt()
            except Missing as missing:
                if str(missing) != said and container:
                    self._states[container] = waiting("CreateContainerConfigError", str(missing))
                    told = f"Error: {missing}"
                    self._events.kubelet(self._pod, "Failed", told, container=container, warn=True)
                    await self._report("Pending")
                elif str(missing) != said:
                    text = f"MountVolume.SetUp failed: {missing}"
                    self._events.kubelet(self._pod, "FailedMount", text, warn=True)
                said = str(missing)
                await asyncio.sleep(_CONFIG_RETRY)

    async def _run_container(self, container: JsonObject, sources: Sources) -> int:
        """Run one container, again and again if its pod says so; the last exit code."""
        name, restarts, pause = container["name"], 0, _FIRST_RESTART
        while True:
            command = await self._until_there(lambda: self._command(container, sources), name)
            code = await self._run_once(name, command, restarts)
            if code == 0 or self._pod["spec"].get("restartPolicy") != "OnFailure" or self._ended:
                return code
            last = self._states[name].state
            backing_off = waiting(
                "CrashLoopBackOff", f"back-off restarting failed container {name}"
            )
            backing_off.last, backing_off.restarts = last, restarts
            meta = self._pod["metadata"]
            where = f"pod {meta['name']}_{meta['namespace']}({meta['uid']})"
            told = f"Back-off restarting failed container {name} in {where}"
            self._events.kubelet(self._pod, "BackOff", told, container=name, warn=True)
            self._states[name] = backing_off
            await self._report("Running")
            await self._host.clock.sleep(pause)
            restarts, pause = restarts + 1, min(pause * 2, _LONGEST_RESTART)

    async def _run_once(self, name: str, command: Command | CannotStart, restarts: int) -> int:
        if self._sandbox is None:
            return _STARTUP_FAILED
        if (last := self.logs.get(name)) is not None:
            last.keep_as(self._sandbox.log(f"{name}.previous"))
            self.previous_logs[name] = last
        log = self.logs[name] = LogFile(self._sandbox.log(name))
        started = pod_status.now()
        if isinstance(command, CannotStart):
            log.end()
            return self._not_started(name, command, started, restarts)
        self._tell_of_start(name)
        process = self._processes[name] = Process(command, log)
        self._states[name] = pod_status.running(restarts)
        reporting = asyncio.create_task(self._report("Running"))
        try:
            code = await process.run()
        except CannotStart as error:
            log.end()
            code = self._not_started(name, error, started, restarts)
        else:
            message = self._last_words(name, log, code)
            self._states[name] = terminated(code, started, message=message, restarts=restarts)
        finally:
            await asyncio.gather(reporting, return_exceptions=True)
        return code

    def _tell_of_start(self, name: str) -> None:
        image = self._container(name)["image"]
        pulled = f'Container image "{image}" already present on machine'
        for reason, told in (
            ("Pulled", pulled),
            ("Created", f"Created container: {name}"),
            ("Started", f"Started container {name}"),
        ):
            self._events.kubelet(self._pod, reason, told, container=name)

    def _container(self, name: str) -> JsonObject:
        spec = self._pod["spec"]
        return next(
            c for c in [*listed(spec, "initContainers"), *spec["containers"]] if c["name"] == name
        )

    def _not_started(self, name: str, error: Exception, started: str, restarts: int) -> int:
        text = f"failed to create containerd task: {error}"
        self._events.kubelet(self._pod, "Failed", f"Error: {text}", container=name, warn=True)
        self._states[name] = terminated(
            _STARTUP_FAILED, started, reason="StartError", message=text, restarts=restarts
        )
        return _STARTUP_FAILED

    def _last_words(self, name: str, log: LogFile, code: int) -> str:
        """The termination message: a file of the container's, or the end of its log."""
        container = self._container(name)
        if self._sandbox is None:
            return ""
        written = self._sandbox.termination_log(name)
        said = written.read_bytes() if written.exists() else b""
        fall_back = container.get("terminationMessagePolicy") == "FallbackToLogsOnError"
        if not said and code and fall_back:
            said = log.read(_MESSAGE_LINES)
        return said[-_MESSAGE_BYTES:].decode(errors="replace")

    async def _command(self, container: JsonObject, sources: Sources) -> Command | CannotStart:
        if self._sandbox is None:
            return CannotStart("the pod has no sandbox")
        return await build_command(self._host, self._pod, self._sandbox, container, sources)

    async def _report(self, phase: str) -> None:
        status = pod_status.report(self._pod, phase, self._ip, self._states)
        try:
            await self._host.api.patch(f"{self._path}/status", {"status": status}, STRATEGIC)
        except ApiFailure as failure:
            if failure.code != NOT_FOUND:  # the pod went in the meantime
                raise
