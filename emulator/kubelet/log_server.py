"""The kubelet's own HTTPS server: container logs, for the API server to fetch."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import trustme
from aiohttp import web

from emulator.kubelet.log_file import LogFile

type FindLog = Callable[[str, str, str, bool], LogFile | bytes | str]
"""By namespace, pod, container and whether its previous run is meant: the log, a fixed text, or
why there is none."""

_YES = ("true", "1")


class LogServer:
    """Serves ``/containerLogs/NAMESPACE/POD/CONTAINER`` on 127.0.0.1.

    The certificate is made at start; kube-apiserver does not check it unless told to.
    """

    def __init__(self, find: FindLog) -> None:
        self._find = find
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1", "localhost").configure_cert(context)  # pyright: ignore[reportUnknownMemberType] # a type of pyOpenSSL, which is not installed
        app = web.Application()
        app.router.add_get("/containerLogs/{namespace}/{pod}/{container}", self._serve)
        app.router.add_get("/healthz", _healthy)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening; those who follow a log are cut off."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        where = request.match_info
        previous = request.query.get("previous") in _YES
        log = self._find(where["namespace"], where["pod"], where["container"], previous)
        if isinstance(log, str):
            return web.Response(status=400, text=log)
        tail = request.query.get("tailLines")
        lines = int(tail) if tail is not None else None
        limit = int(request.query.get("limitBytes") or 0)
        if isinstance(log, bytes):
            return web.Response(body=log[:limit] if limit else log, content_type="text/plain")
        since, stamped = _since(request), request.query.get("timestamps") in _YES
        if request.query.get("follow") not in _YES:
            said = log.read(lines, since=since, stamped=stamped)
            return web.Response(body=said[:limit] if limit else said, content_type="text/plain")
        answer = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await answer.prepare(request)
        async for said in log.follow(lines, since=since, stamped=stamped):
            await answer.write(said)
        await answer.write_eof()
        return answer


def _since(request: web.Request) -> datetime | None:
    if seconds := request.query.get("sinceSeconds"):
        return datetime.now(UTC) - timedelta(seconds=int(seconds))
    moment = request.query.get("sinceTime")
    return datetime.fromisoformat(moment) if moment else None


async def _healthy(request: web.Request) -> web.Response:
    del request  # the answer is the same for all
    return web.Response(text="ok")
