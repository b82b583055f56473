"""A real control plane on loopback: etcd, kube-apiserver, kube-controller-manager.

No kubelet, scheduler or cloud controller runs: the emulator's stand in, as plain API clients.
Flags: https://kubernetes.io/docs/reference/command-line-tools-reference/
"""

import base64
import hashlib
import os
import secrets
import socket
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import yaml

from emulator.real.api_server_keys import write_service_account_keys
from emulator.real.go_build import BuildFailed, go
from emulator.real.process import Process
from emulator.real.readiness import FOLDER, Readiness
from emulator.real.readiness_probe import until_answers

MASTERS = "system:masters"
"""Group that may do everything; AKS's own user and admin credentials are in it."""

VERSION = "1.36.3"
"""Of ``k8s.io/kubernetes`` in ``scripts/real-servers/go.mod``."""

_SOURCE = Path(__file__).parents[2] / "scripts" / "real-servers"
_PROGRAM = "control-plane"
_NAMES = ("etcd", "kube-apiserver", "kube-controller-manager")
"""As ``setup-envtest`` calls them, so that a folder of its making serves as well."""
_CONTROLLERS = (
    "namespace-controller", "serviceaccount-controller", "root-ca-certificate-publisher-controller",
    "job-controller", "garbage-collector-controller", "resourcequota-controller",
    "ttl-after-finished-controller", "deployment-controller", "replicaset-controller",
    "statefulset-controller", "daemonset-controller", "endpoints-controller",
    "endpointslice-controller", "clusterrole-aggregation-controller",
)  # fmt: skip # one idea
_NOT_HERE = "TaintNodesByCondition,StorageObjectInUseProtection"
"""Admission that waits for controllers of nodes and volumes, which the emulator's parts replace."""
_PATIENCE = 60.0
"""Real seconds until each part answers; about one is usual."""


def find(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Folder of the programs: ``KUBEBUILDER_ASSETS``, else the prepared one, else None."""
    named = environ.get("KUBEBUILDER_ASSETS", "")
    folders = [*([Path(named)] if named else []), FOLDER / "kubernetes"]
    return next((folder for folder in folders if _is_whole(folder)), None)


def require() -> Path:
    """As ``find``, for those who cannot go on without.

    Raises:
        FileNotFoundError: There is no folder; the message says how to get one.
    """
    found = find()
    if found is None:
        raise FileNotFoundError("no real Kubernetes here: python -m emulator.real prepare")
    return found


def prepare(folder: Path = FOLDER) -> list[Readiness]:
    """Build the programs below ``folder``, unless they are there from the same source.

    Six minutes and 2.2 GB of memory at first, on two cores; seconds from Go's build cache.
    """
    name, target = f"Kubernetes {VERSION}", folder / "kubernetes"
    source = _fingerprint()
    built = target / "source.sha256"
    if _is_whole(target) and built.exists() and built.read_text() == source:
        return [Readiness(server=name, where=target)]
    target.mkdir(parents=True, exist_ok=True)
    words = ["build", "-trimpath", f"-ldflags={_linker_flags()}", "-o", str(target.resolve())]
    try:
        go([*words, "."], folder=_SOURCE, environment={"CGO_ENABLED": "0"})
    except BuildFailed as failure:
        return [Readiness(server=name, where=None, why=str(failure))]
    for link in (target / name for name in _NAMES):
        link.unlink(missing_ok=True)
        link.symlink_to(_PROGRAM)
    built.write_text(source)
    return [Readiness(server=name, where=target)]


def _is_whole(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in _NAMES)


def _fingerprint() -> str:
    files = (_SOURCE / name for name in ("go.mod", "go.sum", "main.go"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _linker_flags() -> str:
    """Strip the program, and let ``/version`` name the release instead of ``v0.0.0-master``."""
    major, minor, _ = VERSION.split(".")
    said = {"gitVersion": f"v{VERSION}", "gitMajor": major, "gitMinor": minor}
    return "-s -w " + " ".join(
        f"-X k8s.io/component-base/version.{key}={value}" for key, value in said.items()
    )


class ControlPlane:
    """One cluster's real API server and controllers.

    Args:
        binaries: Folder with ``etcd``, ``kube-apiserver`` and ``kube-controller-manager``.
        name: Of the cluster, in kubeconfigs.
        users: Groups by user name, besides AKS's two administrators.
        options: Further options of the API server.
    """

    def __init__(
        self,
        binaries: Path,
        *,
        name: str = "real",
        users: Mapping[str, tuple[str, ...]] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self.name = name
        self._binaries = binaries
        self._users = dict(users or {}) | {
            "clusterUser": (MASTERS,),
            "clusterAdmin": (MASTERS,),
        }
        self._options = tuple(options)
        self._tokens = {user: secrets.token_urlsafe(24) for user in self._users}
        self._port = 0
        self._authority = b""
        self._running = AsyncExitStack()

    @property
    def ca(self) -> bytes:
        """PEM of the authority that its certificate is checked by, once it has started."""
        return self._authority

    @property
    def url(self) -> str:
        """Base address, once it has started."""
        return f"https://127.0.0.1:{self._port}"

    def kubeconfig(self, user: str = "clusterUser") -> bytes:
        """YAML that lets ``user`` in, in the form that AKS hands out."""
        context = {"cluster": self.name, "user": f"{user}_{self.name}"}
        cluster = {
            "server": self.url,
            "certificate-authority-data": base64.b64encode(self._authority).decode(),
        }
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": self.name, "cluster": cluster}],
            "users": [{"name": context["user"], "user": {"token": self._tokens[user]}}],
            "contexts": [{"name": self.name, "context": context}],
            "current-context": self.name,
        }
        return yaml.safe_dump(config, sort_keys=False).encode()

    async def start(self) -> None:
        """Start all three; returns when namespaces get their default account.

        Raises:
            ProcessEnded: One of them ended; its last lines say why.
            TimeoutError: One of them never answered.
        """
        async with AsyncExitStack() as starting:
            folder = Path(starting.enter_context(tempfile.TemporaryDirectory(prefix="control-")))
            store = await self._start_etcd(folder, starting)
            await self._start_api_server(folder, store, starting)
            await self._start_controllers(folder, starting)
            self._running = starting.pop_all()

    async def stop(self) -> None:
        """End all three and forget everything; harmless when it was never started."""
        await self._running.aclose()

    async def _start_etcd(self, folder: Path, starting: AsyncExitStack) -> str:
        clients, peers = (f"http://127.0.0.1:{port}" for port in _free_ports(2))
        etcd = Process(
            self._binaries / "etcd",
            folder / "etcd.log",
            f"--data-dir={folder / 'etcd'}",
            "--unsafe-no-fsync",
            f"--listen-client-urls={clients}",
            f"--advertise-client-urls={clients}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
        )
        await starting.enter_async_context(etcd)
        await until_answers(etcd, f"{clients}/health", patience=_PATIENCE)
        return clients

    async def _start_api_server(self, folder: Path, store: str, starting: AsyncExitStack) -> None:
        (self._port,) = _free_ports(1)
        write_service_account_keys(folder)
        tokens = folder / "tokens.csv"
        tokens.touch(mode=0o600)
        tokens.write_text(
            "".join(
                f'{self._tokens[user]},{user},{user},"{",".join(groups)}"\n'
                for user, groups in self._users.items()
            )
        )
        server = Process(
            self._binaries / "kube-apiserver",
            folder / "kube-apiserver.log",
            f"--etcd-servers={store}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self._port}",
            f"--cert-dir={folder / 'certificates'}",
            "--service-cluster-ip-range=10.0.0.0/16",
            "--endpoint-reconciler-type=none",
            "--allow-privileged=true",
            "--kubelet-preferred-address-types=InternalIP",  # names of nodes lead nowhere here
            "--anonymous-auth=false",  # as on AKS
            "--authorization-mode=RBAC",
            f"--token-auth-file={tokens}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={folder / 'accounts.pub'}",
            f"--service-account-signing-key-file={folder / 'accounts.key'}",
            f"--disable-admission-plugins={_NOT_HERE}",
            *self._options,
        )
        await starting.enter_async_context(server)
        certificate = folder / "certificates" / "apiserver.crt"
        await until_answers(
            server,
            f"{self.url}/readyz",
            certificate,
            token=self._tokens["clusterAdmin"],
            patience=_PATIENCE,
        )
        self._authority = certificate.read_bytes()

    async def _start_controllers(self, folder: Path, starting: AsyncExitStack) -> None:
        access = folder / "controllers.kubeconfig"
        access.touch(mode=0o600)
        access.write_bytes(self.kubeconfig("clusterAdmin"))
        (port,) = _free_ports(1)
        controllers = Process(
            self._binaries / "kube-controller-manager",
            folder / "kube-controller-manager.log",
            f"--kubeconfig={access}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            "--leader-elect=false",
            "--use-service-account-credentials=false",
            f"--service-account-private-key-file={folder / 'accounts.key'}",
            f"--root-ca-file={folder / 'certificates' / 'apiserver.crt'}",
            "--kube-api-qps=200",
            "--kube-api-burst=200",
            f"--controllers={','.join(_CONTROLLERS)}",
        )
        await starting.enter_async_context(controllers)
        await until_answers(
            controllers,
            f"{self.url}/api/v1/namespaces/default/serviceaccounts/default",
            folder / "certificates" / "apiserver.crt",
            token=self._tokens["clusterAdmin"],
            patience=_PATIENCE,
        )


def _free_ports(count: int) -> list[int]:
    """Ports that are free now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports
