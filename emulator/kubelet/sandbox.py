"""One pod's folder: its volumes, its home, its logs, and the paths that point into it.

Without root nothing can be mounted at ``/etc/...``, so mount paths are rewritten to the places in
the folder where the volumes are: in commands, arguments, variables and mounted scripts.
"""

import json
import re
import shutil
from pathlib import Path

from emulator.kubelet.api_client import JsonObject
from emulator.kubelet.documents import listed, section
from emulator.kubelet.sources import Sources
from emulator.kubelet.volumes import fill

_TERMINATION_LOG = "/dev/termination-log"
_TOKEN_SECONDS = 3607
_PATH_LETTER = r"[\w./-]"


class Sandbox:
    """The folder of one pod; nothing of it is left after ``remove``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kubeconfig = folder / "kubeconfig"
        for name in ("volumes", "rootfs", "logs", "home", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)

    def remove(self) -> None:
        """Delete everything, secrets included."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self, container: str) -> Path:
        """Where a container's output goes."""
        return self.folder / "logs" / f"{container}.log"

    def termination_log(self, container: str) -> Path:
        """What stands in for ``/dev/termination-log``."""
        return self.folder / "logs" / f"{container}.termination"

    async def fill_volumes(self, pod: JsonObject, sources: Sources) -> None:
        """Write the files of all volumes.

        Raises:
            Missing: A Secret, ConfigMap or key does not exist.
        """
        for volume in listed(pod["spec"], "volumes"):
            await fill(volume, self.folder / "volumes" / volume["name"], sources)

    async def write_kubeconfig(
        self, pod: JsonObject, sources: Sources, server: str, ca: str
    ) -> None:
        """Give the pod's programs the API by the pod's account, if its token is mounted."""
        volumes = listed(pod["spec"], "volumes")
        mounted = any(
            "serviceAccountToken" in source
            for v in volumes
            for source in listed(section(v, "projected"), "sources")
        )
        if not mounted:
            return
        token = await sources.token(_TOKEN_SECONDS)
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": "pod", "cluster": {"server": server, "certificate-authority-data": ca}}
            ],
            "users": [{"name": "pod", "user": {"token": token}}],
            "contexts": [
                {
                    "name": "pod",
                    "context": {
                        "cluster": "pod",
                        "user": "pod",
                        "namespace": pod["metadata"]["namespace"],
                    },
                }
            ],
            "current-context": "pod",
        }
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(json.dumps(config))  # which is YAML, too

    def mount(self, container: JsonObject) -> "Paths":
        """Put the container's volumes in their places; returns the way to them."""
        root = self.folder / "rootfs" / container["name"]
        places = {_TERMINATION_LOG: str(self.termination_log(container["name"]))}
        mounts = listed(container, "volumeMounts")
        for mount in sorted(mounts, key=lambda m: len(m["mountPath"])):
            source = self.folder / "volumes" / mount["name"]
            if mount.get("subPath"):
                source = source / mount["subPath"]
                if not source.exists():
                    source.mkdir(parents=True)
            place = root / mount["mountPath"].strip("/")
            places[mount["mountPath"].rstrip("/")] = str(place)
            if not any(p.is_symlink() for p in place.parents):
                place.parent.mkdir(parents=True, exist_ok=True)
                place.unlink(missing_ok=True)
                place.symlink_to(source)
        root.mkdir(parents=True, exist_ok=True)
        paths = Paths(places)
        self._rewrite_scripts(container, paths)
        return paths

    def _rewrite_scripts(self, container: JsonObject, paths: "Paths") -> None:
        for mount in listed(container, "volumeMounts"):
            folder = self.folder / "volumes" / mount["name"]
            for file in folder.iterdir() if folder.is_dir() else ():
                if file.is_file() and file.read_bytes().startswith(b"#!"):
                    mode = file.stat().st_mode
                    file.chmod(0o600)
                    file.write_text(paths.rewrite(file.read_text()))
                    file.chmod(mode)


class Paths:
    """Rewrites mount paths to where the files really are."""

    def __init__(self, places: dict[str, str]) -> None:
        self._places = places
        longest_first = sorted(places, key=len, reverse=True)
        # The look-behind keeps paths whole: /srv/etc/app is not /etc/app. So a text is also safe to
        # rewrite twice, as every real place lies below another folder.
        either = "|".join(re.escape(p) for p in longest_first)
        self._pattern = re.compile(rf"(?<!{_PATH_LETTER})(?:{either})(?![\w.-])")

    def rewrite(self, text: str) -> str:
        """The text with every mount path replaced."""
        return self._pattern.sub(lambda found: self._places[found[0]], text)

    def covers(self, path: str) -> bool:
        """Whether a path lies in a volume."""
        return any(path == p or path.startswith(f"{p}/") for p in self._places)
