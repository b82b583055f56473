"""Logs of pods, fetched from the kubelet of the pod's node as the real server does."""

import ssl

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, web

from emulator.kubernetes.api_error import ApiError, bad_request
from emulator.kubernetes.calls import Call
from emulator.kubernetes.objects import JsonObject, listed, status_of
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.resources import NODES, PODS

_PASSED_ON = (
    "tailLines", "follow", "limitBytes", "previous", "sinceSeconds", "sinceTime", "timestamps",
)  # fmt: skip # a list of names


class PodLogs:
    """A client of kubelets; accepts any certificate, as kube-apiserver does by default."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._session: ClientSession | None = None

    async def stop(self) -> None:
        """Close the connections to kubelets."""
        if self._session is not None:
            await self._session.close()

    async def serve(self, call: Call) -> web.StreamResponse:
        """Stream the log of a container.

        Raises:
            ApiError: The pod has no log yet (400) or its kubelet does not answer (500).
        """
        pod = self._operations.get(PODS, call.namespace, call.name)
        container = _container(pod, call.option("container"))
        if not pod["spec"].get("nodeName"):
            return web.Response(status=204)
        address = self._kubelet(pod)
        query = {k: call.option(k) for k in _PASSED_ON if call.option(k)}
        url = f"https://{address}/containerLogs/{call.namespace}/{call.name}/{container}"
        if self._session is None:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._session = ClientSession(
                connector=TCPConnector(ssl=context),
                timeout=ClientTimeout(total=None, sock_connect=5),
            )
        try:
            async with self._session.get(url, params=query) as reply:
                if not reply.ok:
                    raise bad_request((await reply.text()).strip())
                answer = web.StreamResponse(headers={"Content-Type": "text/plain"})
                await answer.prepare(call.http)
                async for chunk in reply.content.iter_any():
                    await answer.write(chunk)
                await answer.write_eof()
                return answer
        except ClientError as error:
            text = f'Get "{url}": {type(error).__name__}'
            raise ApiError(500, "InternalError", f"Internal error occurred: {text}") from error

    def _kubelet(self, pod: JsonObject) -> str:
        status = status_of(self._operations.get(NODES, "", pod["spec"]["nodeName"]))
        host = next(a["address"] for a in status["addresses"] if a["type"] == "InternalIP")
        return f"{host}:{status['daemonEndpoints']['kubeletEndpoint']['Port']}"


def _container(pod: JsonObject, asked: str) -> str:
    spec, name = pod["spec"], pod["metadata"]["name"]
    every = [c["name"] for c in [*listed(spec, "initContainers"), *spec["containers"]]]
    if asked:
        if asked not in every:
            raise bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    if len(spec["containers"]) > 1:
        names = " ".join(c["name"] for c in spec["containers"])
        raise bad_request(
            f"a container name must be specified for pod {name}, choose one of: [{names}]"
        )
    return spec["containers"][0]["name"]
