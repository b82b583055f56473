"""The roll-out of the release: workloads appear over time; the ingress opens when it can."""

import asyncio
import base64
import contextlib
import secrets

from emulator.clock import Clock
from emulator.durations import Durations
from emulator.ingress import Ingress
from emulator.keycloak import Deploy, Deployed
from emulator.kotsadm import release
from emulator.kotsadm.application import Application, workload_state, worst
from emulator.kotsadm.behaviour import Behaviour
from emulator.kubelet.api_client import ApiClient, JsonObject
from emulator.kubelet.documents import section

_LOOK = 0.05
"""Real seconds between two looks for what publishing waits for."""


class Rollout:
    """Rolls one release out into a namespace and publishes its names.

    Attributes:
        deployed: The Keycloak of each base domain, for tests to look into.
    """

    def __init__(  # noqa: PLR0913, PLR0917 # two circumstances, the cluster, what is published, the bad day
        self,
        api: ApiClient,
        clock: Clock,
        durations: Durations,
        ingress: Ingress,
        deploy: Deploy,
        behaviour: Behaviour,
    ) -> None:
        self._api = api
        self._clock = clock
        self._durations = durations
        self._ingress = ingress
        self._deploy = deploy
        self._deploying = asyncio.Lock()
        self._behaviour = behaviour
        self._work: set[asyncio.Task[None]] = set()
        self.deployed: dict[str, Deployed] = {}

    async def begin(self, application: Application) -> None:
        """Start the roll-out in the background; a second one changes nothing that is there."""
        for task in (self._roll_out(application), self._publish(application)):
            running = asyncio.create_task(task)
            self._work.add(running)
            running.add_done_callback(self._work.discard)

    async def stop(self) -> None:
        """Stop rolling out and withdraw the names."""
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        for base_domain, keycloak in self.deployed.items():
            await self._ingress.withdraw(base_domain)
            await keycloak.stop()

    async def states(self, namespace: str) -> list[JsonObject]:
        """State of every workload that the release informs about."""
        found: dict[str, str] = {}
        for collection in ("deployments", "statefulsets"):
            path = f"/apis/apps/v1/namespaces/{namespace}/{collection}"
            listed = await self._api.get(f"{path}?labelSelector={release.INFORMED}%3Dtrue")
            for item in listed["items"]:
                state = workload_state(item["spec"]["replicas"], item.get("status") or {})
                found[item["metadata"]["name"]] = state
        return [
            {
                "kind": "StatefulSet" if workload.storage else "Deployment",
                "name": workload.name,
                "namespace": namespace,
                "state": found.get(workload.name, "missing"),
            }
            for workload in release.WORKLOADS
        ]

    async def state(self, namespace: str) -> str:
        """The application's state."""
        return worst([row["state"] for row in await self.states(namespace)])

    async def _roll_out(self, application: Application) -> None:
        services = f"/api/v1/namespaces/{application.namespace}/services"
        await self._secret(application.namespace)
        total = self._durations.application_rollout - self._durations.pod_start
        waited = 0.0
        for workload in release.WORKLOADS:
            await self._clock.sleep(total * (workload.after - waited))
            waited = workload.after
            stuck = workload.name == self._behaviour.stuck_workload
            collection, body = release.manifest(workload, stuck)
            path = f"/apis/apps/v1/namespaces/{application.namespace}/{collection}"
            await self._api.ensure(path, body)
            await self._api.ensure(services, release.inner_service(workload))
            if workload.name == "ingress-nginx":
                await self._clock.sleep(self._durations.ingress_rollout)
                waited = self._durations.ingress_rollout / total
                await self._api.ensure(services, release.ingress_service())

    async def _secret(self, namespace: str) -> None:
        password = base64.b64encode(secrets.token_urlsafe(24).encode()).decode()
        body = {
            "metadata": {"name": release.KEYCLOAK_SECRET},
            "data": {"KEYCLOAK_PASSWORD": password},
        }
        await self._api.ensure(f"/api/v1/namespaces/{namespace}/secrets", body)

    async def _publish(self, application: Application) -> None:
        base = application.values["base_domain"]
        namespace = application.namespace
        await self._until_ready(namespace, release.KEYCLOAK)
        secret = await self._api.get(
            f"/api/v1/namespaces/{namespace}/secrets/{release.KEYCLOAK_SECRET}"
        )
        password = base64.b64decode(secret["data"]["KEYCLOAK_PASSWORD"]).decode()
        async with self._deploying:
            if base not in self.deployed:
                self.deployed[base] = await self._deploy(password)
        keycloak = self.deployed[base]
        await self._ingress.publish(
            base,
            application.file("tls_certificate"),
            application.file("tls_private_key"),
            keycloak=keycloak.app,
            authenticate=keycloak.authenticate,
        )

    async def _until_ready(self, namespace: str, name: str) -> None:
        path = f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
        service = f"/api/v1/namespaces/{namespace}/services/{release.INGRESS_SERVICE}"
        while True:
            found = await self._api.find(path)
            entry = await self._api.find(service)
            address: object = None
            with contextlib.suppress(KeyError, TypeError, IndexError):  # not there, or no address
                address = (entry or {})["status"]["loadBalancer"]["ingress"][0]["ip"]
            if address and section(found or {}, "status").get("readyReplicas"):
                return
            await asyncio.sleep(_LOOK)
