"""A cluster with an Admin Console, and the Job scripts run against it as a pod would run them."""

import base64
import json
import os
import secrets
import signal
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import model.job_scripts
from emulator.cli.programs import write_programs
from emulator.cloud_controller import CloudController
from emulator.durations import Durations
from emulator.ingress import Ingress
from emulator.kotsadm import Behaviour, Kotsadm
from emulator.kubelet import Kubelet, NodeSpec
from emulator.public_authority import PublicAuthority
from emulator.seed import license_document
from model.domain_names import names
from tests.emulator_kubernetes.running import Cluster, running

SCRIPTS = Path(next(iter(model.job_scripts.__path__)))
SLUG = "dash-enterprise"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a script.

    Attributes:
        events: Its lines, each read as JSON.
        result: The last of them.
    """

    code: int
    events: list[dict[str, Any]]
    text: str

    @property
    def result(self) -> dict[str, Any]:
        """The result line."""
        assert self.events, self.text
        assert self.events[-1]["event"] == "result", self.text
        return self.events[-1]

    def said(self, event: str, key: str) -> list[str]:
        """What the events of one kind say under one key."""
        return [e[key] for e in self.events if e["event"] == event and key in e]


@dataclass(slots=True)
class World:
    """A cluster of its own namespaces; ``kotsadm`` is the same for all of them."""

    cluster: Cluster
    kotsadm: Kotsadm
    ingress: Ingress
    programs: Path
    folder: Path
    chain: str = field(repr=False)
    key: str = field(repr=False)
    expires: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(days=90))

    @property
    def behaviour(self) -> Behaviour:
        """The bad day."""
        return self.kotsadm.behaviour

    def environment(self, *, kubeconfig: bytes | None = None) -> dict[str, str]:
        """What a pod of this cluster has in its environment."""
        home = Path(tempfile.mkdtemp(dir=self.folder))
        config = home / "kubeconfig"
        config.write_bytes(self.cluster.kubeconfig() if kubeconfig is None else kubeconfig)
        return {
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "TMPDIR": str(home),
            "LANG": "C.UTF-8",
            "KUBECONFIG": str(config),
            "EMULATOR_SPEED": str(self.cluster.clock.speed),
            "http_proxy": self.kotsadm.proxy_url,
            "no_proxy": "",
        }

    def application(self, namespace: str, **changes: Any) -> dict[str, str]:
        """The environment of ``kots.sh`` for an installation that goes well.

        ``config`` names the ConfigValues items; other keywords replace variables.
        """
        environment = self.environment(kubeconfig=changes.pop("kubeconfig", None))
        home = Path(environment["HOME"])
        (home / "license.yaml").write_text(license_document(self.expires))
        values = changes.pop("config", None) or self.config(f"{namespace}.example.com")
        (home / "values.yaml").write_text(values)
        return {
            **environment,
            "APP_SLUG": SLUG,
            "APP_UPSTREAM": f"{SLUG}/stable",
            "APP_NAMESPACE": namespace,
            "APP_VERSION": "",
            "LICENSE_FILE": str(home / "license.yaml"),
            "CONFIG_VALUES_FILE": str(home / "values.yaml"),
            "KOTS_SHARED_PASSWORD": secrets.token_urlsafe(18),
            "WAIT_SECONDS": "30",
            "POLL_SECONDS": "0.05",
            "SKIP_PREFLIGHTS": "false",
            "ALLOWED_WARNINGS": "",
            "KOTS_FLAGS": "",
            **changes,
        }

    def config(self, base_domain: str, *missing: str) -> str:
        """A ConfigValues document."""

        def encoded(text: str) -> str:
            return base64.b64encode(text.encode()).decode()

        values = {
            "base_domain": {"value": base_domain},
            "tls_certificate": {"filename": "chain.pem", "value": encoded(self.chain)},
            "tls_private_key": {"filename": "key.pem", "value": encoded(self.key)},
        }
        kept = {name: item for name, item in values.items() if name not in missing}
        document = {
            "apiVersion": "kots.io/v1beta1",
            "kind": "ConfigValues",
            "spec": {"values": kept},
        }
        return json.dumps(document, indent=2)

    def run(self, script: str, environment: dict[str, str]) -> Run:
        """Run a script to its end."""
        done = subprocess.run(  # noqa: S603 # our own script
            ["bash", str(SCRIPTS / script)],  # noqa: S607 # whichever is installed
            env=environment, cwd=environment["HOME"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=50,
        )  # fmt: skip # one call
        return read(done.returncode, done.stdout)

    def start(self, script: str, environment: dict[str, str]) -> subprocess.Popen[str]:
        """Start a script in a process group of its own."""
        return subprocess.Popen(  # noqa: S603 # our own script
            ["bash", str(SCRIPTS / script)],  # noqa: S607 # whichever is installed
            env=environment, cwd=environment["HOME"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip # one call


def kill(process: subprocess.Popen[str]) -> None:
    """End a started script and everything it started, without a word."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def read(code: int, text: str) -> Run:
    """A script's output; every line must be an event."""
    return Run(code, [json.loads(line) for line in text.splitlines()], text)


@contextmanager
def cluster_with_console(
    folder: Path, base_domains: tuple[str, ...], backend: str = "emulated"
) -> Generator[World]:
    """A world for the length of a block."""
    issued = PublicAuthority().issue(*(host for base in base_domains for host in names(base)))
    with running(folder, backend) as cluster:
        clock = cluster.clock
        durations = Durations(
            application_rollout=timedelta(minutes=4), ingress_rollout=timedelta(seconds=30)
        )
        kubeconfig = cluster.kubeconfig()
        nodes = [
            NodeSpec(name=f"node-{n}", zone="0", max_pods=250, data_disks=16) for n in range(8)
        ]
        ingress = Ingress(clock, cluster.faults, cluster.journal)
        kubelet = Kubelet(kubeconfig, clock, durations, nodes=nodes)
        addresses = CloudController(kubeconfig, clock, durations)
        do = cluster.background.run
        do(ingress.start())
        do(kubelet.start())
        do(addresses.start())

        async def console() -> Kotsadm:
            made = Kotsadm(kubeconfig, clock, durations, ingress, cluster.faults, cluster.journal)
            await made.start()
            return made

        kotsadm = do(console())
        programs = write_programs(folder / "programs")
        try:
            yield World(cluster, kotsadm, ingress, programs, folder, issued.chain, issued.key_pem)
        finally:
            for part in (kotsadm, addresses, kubelet, ingress):
                do(part.stop())
