"""The Admin Console as a plain client of one API server: finds its Deployment and goes to work."""

import asyncio
import base64
import logging
from typing import Any

from aiohttp import web

from emulator.clock import Clock
from emulator.durations import Durations
from emulator.faults import Faults
from emulator.ingress import Ingress
from emulator.journal import Journal
from emulator.keycloak import Deploy, Deployed, Keycloak
from emulator.kotsadm.application import Application
from emulator.kotsadm.behaviour import Behaviour
from emulator.kotsadm.http_api import HttpApi
from emulator.kotsadm.installer import Installer
from emulator.kotsadm.rollout import Rollout
from emulator.kubelet.api_client import ApiClient, JsonObject
from emulator.kubelet.documents import listed, section
from emulator.kubelet.watcher import Watcher

_LOG = logging.getLogger(__name__)


class Kotsadm:
    """Consoles of every namespace of one cluster.

    Args:
        kubeconfig: Of a user who may do everything.
        ingress: Where released applications are published.
        deploy_keycloak: Makes the Keycloak of a release; None for an emulated one.

    Attributes:
        behaviour: The bad day; all off at first.
        applications: By namespace.
    """

    def __init__(  # noqa: PLR0913, PLR0917 # four circumstances, the cluster, and the ingress
        self,
        kubeconfig: bytes,
        clock: Clock,
        durations: Durations,
        ingress: Ingress,
        faults: Faults,
        journal: Journal,
        behaviour: Behaviour | None = None,
        deploy_keycloak: Deploy | None = None,
    ) -> None:
        self._api = ApiClient(kubeconfig, "kotsadm")
        self.behaviour = behaviour or Behaviour()
        self.applications: dict[str, Application] = {}
        deploy = deploy_keycloak or _emulated(clock, faults, journal)
        rollout = Rollout(self._api, clock, durations, ingress, deploy, self.behaviour)
        self._rollout = rollout
        self._installer = Installer(self._api, clock, durations, rollout, self.behaviour)
        self._http = HttpApi(self.applications, self._installer, rollout, self.behaviour)
        self._pods = Watcher(self._api, "/api/v1/pods", self._changed)
        self._serving: dict[str, str] = {}
        self._work: set[asyncio.Task[None]] = set()
        self._runner: web.ServerRunner | None = None
        self._port = 0

    async def start(self) -> None:
        """Listen on loopback and watch for pods of kotsadm."""
        self._runner = web.ServerRunner(web.Server(self._http.handle))
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        await self._pods.start()

    async def stop(self) -> None:
        """Stop working; published names are withdrawn."""
        await self._pods.stop()
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self._rollout.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        await self._api.close()

    @property
    def keycloaks(self) -> dict[str, Keycloak]:
        """The emulated Keycloak of each base domain, for tests to look into."""
        found = self._rollout.deployed.items()
        return {base: each for base, each in found if isinstance(each, Keycloak)}

    @property
    def deployed_keycloaks(self) -> dict[str, Deployed]:
        """The Keycloak of each base domain, emulated or true."""
        return dict(self._rollout.deployed)

    @property
    def proxy_url(self) -> str:
        """What Jobs get as ``http_proxy``: it answers for kotsadm and the license server."""
        return f"http://127.0.0.1:{self._port}"

    async def _changed(self, kind: str, item: JsonObject) -> None:
        meta = item["metadata"]
        namespace, uid = meta["namespace"], meta["uid"]
        if section(meta, "labels").get("app") != "kotsadm":
            return
        if kind == "DELETED":
            if self._serving.get(namespace) == uid:
                del self._serving[namespace]
                self._http.close_for(namespace)
            return
        if not _ready(item) or self._serving.get(namespace) == uid:
            return
        if "deletionTimestamp" in meta:  # of two pods the one that goes is not a new console
            return
        self._serving[namespace] = uid
        self._http.close_for(namespace)  # a new pod starts from the beginning; the data stays
        application = self.applications.setdefault(namespace, Application(namespace))
        await self._read_token(namespace)
        task = asyncio.create_task(self._run(application))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _read_token(self, namespace: str) -> None:
        secret: Any = await self._api.get(
            f"/api/v1/namespaces/{namespace}/secrets/kotsadm-authstring"
        )
        token = base64.b64decode(secret["data"]["kotsadm-authstring"]).decode()
        self._http.tokens[namespace] = token

    async def _run(self, application: Application) -> None:
        try:
            await self._installer.install(application, self._http.open_for)
        except Exception:
            _LOG.exception("the Admin Console of %s failed", application.namespace)
            raise


def _ready(pod: JsonObject) -> bool:
    conditions = listed(section(pod, "status"), "conditions")
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _emulated(clock: Clock, faults: Faults, journal: Journal) -> Deploy:
    async def deploy(admin_password: str) -> Keycloak:
        return Keycloak(
            clock, faults, journal, admin_username="admin", admin_password=admin_password
        )

    return deploy
