"""Events: what the scheduler and the kubelets tell people of a pod."""

import asyncio
import logging

from aiohttp import ClientError

from emulator.kubelet.api_client import ApiClient, ApiFailure, JsonObject
from emulator.kubelet.pod_status import now

_LOG = logging.getLogger(__name__)


class Recorder:
    """Sends events one after another in the background, so that no pod waits for them.

    An event that is refused is lost, as on a real node.
    """

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self._unsent: asyncio.Queue[JsonObject] = asyncio.Queue()
        self._sending: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send."""
        self._sending = asyncio.create_task(self._send())

    async def stop(self) -> None:
        """Send no more; what is unsent is lost."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    def scheduler(self, pod: JsonObject, reason: str, message: str, *, warn: bool = False) -> None:
        """The scheduler tells of a pod."""
        self._tell(pod, "default-scheduler", reason, message, warn=warn)

    def kubelet(
        self, pod: JsonObject, reason: str, message: str, *, container: str = "", warn: bool = False
    ) -> None:
        """The pod's kubelet tells of it or of one of its containers."""
        self._tell(pod, "kubelet", reason, message, container=container, warn=warn)

    def _tell(  # noqa: PLR0913 # the parts of an event, the last two by name
        self,
        pod: JsonObject,
        component: str,
        reason: str,
        message: str,
        *,
        container: str = "",
        warn: bool,
    ) -> None:
        event = _event(pod, component, container)
        told = {"reason": reason, "message": message, "type": "Warning" if warn else "Normal"}
        self._unsent.put_nowait(event | told)

    async def _send(self) -> None:
        while True:
            event = await self._unsent.get()
            path = f"/api/v1/namespaces/{event['metadata']['namespace']}/events"
            try:
                await self._api.create(path, event)
            except (ApiFailure, ClientError, TimeoutError) as failure:
                _LOG.debug("event %s is lost: %s", event["reason"], failure)


def _event(pod: JsonObject, component: str, container: str) -> JsonObject:
    meta, moment = pod["metadata"], now()
    fields = "initContainers" if container in _first(pod) else "containers"
    involved = {
        "apiVersion": "v1", "kind": "Pod", "name": meta["name"],
        "namespace": meta["namespace"], "uid": meta["uid"],
        **({"fieldPath": f"spec.{fields}{{{container}}}"} if container else {}),
    }  # fmt: skip # one reference
    host = pod["spec"].get("nodeName")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"generateName": f"{meta['name']}.", "namespace": meta["namespace"]},
        "involvedObject": involved,
        "firstTimestamp": moment,
        "lastTimestamp": moment,
        "count": 1,
        "source": {"component": component, **({"host": host} if host else {})},
        "reportingComponent": component,
    }


def _first(pod: JsonObject) -> list[str]:
    return [c["name"] for c in pod["spec"].get("initContainers") or ()]
