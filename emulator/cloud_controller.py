"""The cloud controller of a cluster: addresses for Services of type LoadBalancer.

A plain client of the API, so that it works on any API server.
"""

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable

from aiohttp import ClientError

from emulator.clock import Clock
from emulator.durations import Durations
from emulator.kubelet.api_client import MERGE, ApiClient, ApiFailure, JsonObject
from emulator.kubelet.documents import listed, section
from emulator.kubelet.watcher import Watcher

type Assigned = Callable[[str, str, str], Awaitable[None]]
"""Told of namespace, name and address of a Service."""

INTERNAL = "service.beta.kubernetes.io/azure-load-balancer-internal"
_PUBLIC = ipaddress.ip_network("20.50.0.0/16")
_PRIVATE = ipaddress.ip_network("10.224.0.0/16")
_LOG = logging.getLogger(__name__)


class CloudController:
    """Gives and takes load balancer addresses.

    Args:
        assigned: Awaited after an address was given; None for nobody.
        first: Where in the pool to begin, so that clusters of one run do not share addresses.
    """

    def __init__(
        self,
        kubeconfig: bytes,
        clock: Clock,
        durations: Durations,
        *,
        assigned: Assigned | None = None,
        first: int = 10,
    ) -> None:
        self._api = ApiClient(kubeconfig, "cloud-controller-manager")
        self._clock = clock
        self._durations = durations
        self._assigned = assigned
        self._first = first
        self._addresses: dict[str, str] = {}
        self._working: dict[str, asyncio.Task[None]] = {}
        self._services = Watcher(self._api, "/api/v1/services", self._changed)

    async def start(self) -> None:
        """Begin with the Services that are there.

        Raises:
            ApiFailure: The API server refused the list.
        """
        await self._services.start()

    async def stop(self) -> None:
        """Stop; given addresses stay."""
        await self._services.stop()
        for task in self._working.values():
            task.cancel()
        await asyncio.gather(*self._working.values(), return_exceptions=True)
        await self._api.close()

    async def _changed(self, kind: str, service: JsonObject) -> None:
        uid = service["metadata"]["uid"]
        wanted = service["spec"].get("type") == "LoadBalancer" and kind != "DELETED"
        wanted = wanted and "deletionTimestamp" not in service["metadata"]
        given = _given(service)
        if not wanted:
            await self._release(uid, service if kind != "DELETED" and given else None)
        elif given:
            self._addresses.setdefault(uid, given)
        elif uid not in self._working:
            self._working[uid] = asyncio.create_task(self._assign(service))

    async def _release(self, uid: str, service: JsonObject | None) -> None:
        if (task := self._working.pop(uid, None)) is not None:
            task.cancel()
        self._addresses.pop(uid, None)
        if service is not None:
            await self._api.patch(
                f"{_path(service)}/status", {"status": {"loadBalancer": None}}, MERGE
            )

    async def _assign(self, service: JsonObject) -> None:
        await self._clock.sleep(self._durations.load_balancer_address)
        meta = service["metadata"]
        address = self._address(service)
        self._addresses[meta["uid"]] = address
        status = {"loadBalancer": {"ingress": [{"ip": address, "ipMode": "VIP"}]}}
        try:
            await self._api.patch(f"{_path(service)}/status", {"status": status}, MERGE)
        except (ApiFailure, ClientError) as failure:
            _LOG.warning("no address for %s: %s", _path(service), failure)
            self._addresses.pop(meta["uid"], None)
            return
        finally:
            self._working.pop(meta["uid"], None)
        if self._assigned is not None:
            await self._assigned(meta["namespace"], meta["name"], address)

    def _address(self, service: JsonObject) -> str:
        """The address asked for, or the first free one."""
        annotations = section(service["metadata"], "annotations")
        if asked := service["spec"].get("loadBalancerIP"):
            return asked
        pool = _PRIVATE if annotations.get(INTERNAL) == "true" else _PUBLIC
        taken = set(self._addresses.values())
        candidates = (
            str(pool.network_address + n) for n in range(self._first, pool.num_addresses - 1)
        )
        return next(c for c in candidates if c not in taken)


def _given(service: JsonObject) -> str:
    ingress = listed(section(section(service, "status"), "loadBalancer"), "ingress")
    first: JsonObject = ingress[0] if ingress else {}
    return str(first.get("ip", ""))


def _path(service: JsonObject) -> str:
    meta = service["metadata"]
    return f"/api/v1/namespaces/{meta['namespace']}/services/{meta['name']}"
