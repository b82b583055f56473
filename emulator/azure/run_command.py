"""Commands that AKS runs inside a cluster, for callers who cannot reach its API server.

Source: https://learn.microsoft.com/azure/aks/access-private-cluster. The real service runs them
in a pod that holds kubectl, helm and bash; here they are a shell on this machine, in an empty
directory, with ``KUBECONFIG`` set and whatever ``PATH`` has.
"""

import asyncio
import base64
import binascii
import io
import os
import tempfile
import uuid
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from emulator.azure.arm_error import ArmError
from emulator.azure.body_check import check
from emulator.azure.calls import Answer, Call, JsonObject, Route, member
from emulator.azure.cluster_records import ClusterRecords
from emulator.azure.clusters import CLUSTERS_PATH, PROVIDER
from emulator.azure.state import CLUSTER, State

_LONGEST_LOG = 512 * 1024
"""The service cuts the log at 512 kB."""


@dataclass(slots=True, kw_only=True)
class _Command:
    started: datetime
    finished: datetime | None = None
    exit_code: int | None = None
    logs: str = ""


class RunCommand:
    """Routes of commands and their results."""

    def __init__(self, state: State, records: ClusterRecords) -> None:
        self._state = state
        self._records = records
        self._commands: dict[str, _Command] = {}
        self._running: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        one = f"{CLUSTERS_PATH}/{{name}}"
        table = (
            ("POST", f"{one}/runCommand", self._run, "runcommand/action"),
            ("GET", f"{one}/commandResults/{{command}}", self._result, "commandResults/read"),
        )
        return [
            Route(method=m, template=t, handle=h, action=f"{CLUSTER}/{a}", api=PROVIDER, flat=True)
            for m, t, h, a in table
        ]

    async def stop(self) -> None:
        """Kill what still runs."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, call: Call) -> Answer:
        check("containerservice", "RunCommandRequest", call.body, flat=True)
        cluster = self._state.resources.find(
            call["subscription"], call["group"], CLUSTER, call["name"]
        )
        access: JsonObject = member(cluster.properties, "apiServerAccessProfile")
        if access.get("disableRunCommand"):
            raise ArmError(
                400, "BadRequest", "Run command is disabled for this cluster.", flat=True
            )
        files = _unpacked(call.body.get("context") or "")
        name = uuid.uuid4().hex
        self._commands[name] = _Command(started=self._state.clock.now())
        work = self._execute(name, call.body["command"], files, self._records.kubeconfig(cluster))
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        path = call.path.rpartition("/")[0]
        url = f"{call.base}{path}/commandResults/{name}?api-version={call.version}"
        return Answer(status=202, headers={"Location": url})

    async def _execute(
        self, name: str, command: str, files: dict[str, bytes], kubeconfig: bytes
    ) -> None:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            await asyncio.to_thread(_write, root, files, kubeconfig)
            environment = {
                "PATH": os.environ.get("PATH", ""),
                "HOME": folder,
                "KUBECONFIG": str(root / ".kubeconfig"),
            }
            process = await asyncio.create_subprocess_exec(
                "bash",
                "-c",
                command,
                cwd=root,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            try:
                output, _ = await process.communicate()
            except asyncio.CancelledError:
                process.kill()
                await process.wait()
                raise
        held = self._commands[name]
        held.logs = output.decode(errors="replace")[:_LONGEST_LOG]
        held.exit_code = process.returncode
        held.finished = self._state.clock.now()

    async def _result(self, call: Call) -> Answer:
        held = self._commands.get(call["command"])
        if held is None:
            raise ArmError(404, "NotFound", "The command was not found.", flat=True)
        if held.finished is None:
            running: JsonObject = {
                "id": call["command"],
                "properties": {
                    "provisioningState": "Running",
                    "startedAt": held.started.isoformat(),
                },
            }
            return Answer(status=202, body=running, headers={"Location": call.raw})
        return Answer(
            body={
                "id": call["command"],
                "properties": {
                    "provisioningState": "Succeeded",
                    "exitCode": held.exit_code,
                    "startedAt": held.started.isoformat(),
                    "finishedAt": held.finished.isoformat(),
                    "logs": held.logs,
                },
            }
        )


def _unpacked(context: str) -> dict[str, bytes]:
    """Files of the context: a base64-encoded zip.

    Raises:
        ArmError: 400: it is none, or a name leads out of it.
    """
    if not context:
        return {}
    packed = "".join(context.split())  # the CLI breaks lines
    try:
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(packed, validate=True))) as archive:
            files = {n: archive.read(n) for n in archive.namelist() if not n.endswith("/")}
    except (binascii.Error, zipfile.BadZipFile) as wrong:
        raise ArmError(
            400, "BadRequest", "The context is not a base64-encoded zip.", flat=True
        ) from wrong
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in files):
        raise ArmError(400, "BadRequest", "A file of the context lies outside of it.", flat=True)
    return files


def _write(root: Path, files: dict[str, bytes], kubeconfig: bytes) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    held = root / ".kubeconfig"
    held.touch(mode=0o600)
    held.write_bytes(kubeconfig)
