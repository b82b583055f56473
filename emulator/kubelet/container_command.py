"""What a container's manifest means as a command of this machine."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

from emulator.clock import Clock
from emulator.durations import Durations
from emulator.kubelet.api_client import ApiClient, JsonObject
from emulator.kubelet.documents import listed
from emulator.kubelet.environment import expand, variables
from emulator.kubelet.events import Recorder
from emulator.kubelet.process import CannotStart, Command, find_program
from emulator.kubelet.sandbox import Paths, Sandbox
from emulator.kubelet.sources import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What all pods of one kubelet share.

    Attributes:
        programs: Folder whose programs come first, or None.
        path: The PATH that containers get.
        environment: Variables that every container gets unless its manifest says otherwise.
        folder: Where sandboxes are made.
        missing_images: Images that cannot be pulled.
        events: Tells people of pods.
    """

    api: ApiClient
    events: Recorder
    clock: Clock
    durations: Durations
    programs: Path | None
    path: str
    environment: Mapping[str, str]
    folder: Path
    missing_images: Container[str] = ()


async def build_command(
    host: Host, pod: JsonObject, sandbox: Sandbox, container: JsonObject, sources: Sources
) -> Command | CannotStart:
    """The command with all paths and variables settled, or why there is none.

    Raises:
        Missing: A Secret or ConfigMap that a variable names does not exist.
    """
    given = await variables(container, sources)
    paths = sandbox.mount(container)
    env = _environment(host, pod, sandbox, given, paths)
    words = [*listed(container, "command"), *listed(container, "args")]
    if not container.get("command"):
        # An image's entrypoint is the program of its name.
        words.insert(0, container["image"].rpartition("/")[2].partition(":")[0])
    words = [paths.rewrite(expand(str(w), given)) for w in words]
    try:
        program = find_program(words[0], host.programs, env["PATH"])
    except CannotStart as error:
        return error
    return Command((program, *words[1:]), env, _folder(sandbox, container, paths))


def _folder(sandbox: Sandbox, container: JsonObject, paths: Paths) -> Path:
    wanted = container.get("workingDir", "")
    return Path(paths.rewrite(wanted)) if paths.covers(wanted) else sandbox.folder / "home"


def _environment(
    host: Host, pod: JsonObject, sandbox: Sandbox, given: Mapping[str, str], paths: Paths
) -> dict[str, str]:
    address, _, port = host.api.server.removeprefix("https://").partition(":")
    result = {
        "LANG": "C.UTF-8",
        **host.environment,
        "KUBERNETES_SERVICE_HOST": address,
        "KUBERNETES_SERVICE_PORT": port,
        "HOSTNAME": pod["metadata"]["name"],
        "KUBECONFIG": str(sandbox.kubeconfig),
        **{k: paths.rewrite(v) for k, v in given.items()},
    }
    for name, own in (("HOME", "home"), ("TMPDIR", "tmp")):
        if not paths.covers(given.get(name, "")):
            result[name] = str(sandbox.folder / own)
    return result | {"PATH": host.path}
