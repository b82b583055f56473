"""The chart repositories of the catalogue over HTTP on loopback: ``/HOST/PATH/index.yaml``.

Format: https://helm.sh/docs/topics/chart_repository/
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import yaml
from aiohttp import web

from emulator.charts.archive import archive, description
from emulator.charts.catalogue import REPOSITORIES, Chart


class ChartServer:
    """Serves repositories; one that it does not know is not found.

    Args:
        repositories: Charts by address without ``https://``.
    """

    def __init__(self, repositories: Mapping[str, tuple[Chart, ...]] = REPOSITORIES) -> None:
        self._files: dict[str, bytes] = {}
        for address, charts in repositories.items():
            archives = {chart: archive(chart) for chart in charts}
            self._files[f"{address}/index.yaml"] = _index(archives)
            for chart, content in archives.items():
                self._files[f"{address}/{_file(chart)}"] = content
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """What stands before a repository's address, once it has started."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_get("/{path:.+}", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening; harmless when it was never started."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        content = self._files.get(request.match_info["path"])
        if content is None:
            raise web.HTTPNotFound
        return web.Response(body=content, content_type="application/octet-stream")


def _index(archives: Mapping[Chart, bytes]) -> bytes:
    entries: dict[str, list[dict[str, Any]]] = {}
    for chart, content in archives.items():
        digest = hashlib.sha256(content).hexdigest()
        entry = {**description(chart), "urls": [_file(chart)], "digest": digest}
        entries.setdefault(chart.name, []).append(entry)
    return yaml.safe_dump({"apiVersion": "v1", "entries": entries}).encode()


def _file(chart: Chart) -> str:
    return f"{chart.name}-{chart.version}.tgz"
