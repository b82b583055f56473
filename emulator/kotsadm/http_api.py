"""The Admin Console's HTTP API, and the proxy through which Jobs reach it.

Routes and answers: replicatedhq/kots v1.131.4, pkg/handlers.
"""

import asyncio
import base64
import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from emulator.kotsadm import release
from emulator.kotsadm.application import Application, Version
from emulator.kotsadm.behaviour import Behaviour
from emulator.kotsadm.installer import Installer
from emulator.kotsadm.rollout import Rollout

type JsonObject = dict[str, Any]
type Handler = Callable[[Application, re.Match[str], JsonObject], Awaitable[web.Response]]

_HOST = re.compile(r"^kotsadm\.(?P<namespace>[a-z0-9-]+)\.svc(:3000)?$")
_VERSION = "v1.131.4"


class HttpApi:
    """Answers for every console of the cluster; the Host names the namespace.

    Attributes:
        tokens: The CLI's token of each namespace.
    """

    def __init__(
        self,
        applications: dict[str, Application],
        installer: Installer,
        rollout: Rollout,
        behaviour: Behaviour,
    ) -> None:
        self._applications = applications
        self._installer = installer
        self._rollout = rollout
        self._behaviour = behaviour
        self._open: set[str] = set()
        self._work: set[asyncio.Task[None]] = set()
        self.tokens: dict[str, str] = {}
        slug = rf"/api/v1/app/{release.SLUG}"
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = [
            ("GET", re.compile(r"/api/v1/apps"), self._apps),
            ("GET", re.compile(slug), self._app),
            ("GET", re.compile(rf"{slug}/status"), self._status),
            ("GET", re.compile(rf"{slug}/versions"), self._versions),
            ("GET", re.compile(rf"{slug}/automated/status"), self._task),
            ("GET", re.compile(rf"{slug}/preflight/result"), self._preflights),
            (
                "GET",
                re.compile(rf"{slug}/sequence/(?P<sequence>\d+)/preflight/result"),
                self._preflights,
            ),
            ("GET", re.compile(rf"{slug}/config/\d+"), self._config),
            ("POST", re.compile(rf"{slug}/config/values"), self._set_config),
            ("POST", re.compile(rf"{slug}/updatecheck"), self._update),
            ("POST", re.compile(rf"{slug}/sequence/(?P<sequence>\d+)/deploy"), self._deploy),
        ]

    def open_for(self, namespace: str) -> None:
        """Listen: before this the console's port refuses, as while the automated install runs."""
        self._open.add(namespace)

    def close_for(self, namespace: str) -> None:
        """Listen no more: the console's pod is gone, or a new one starts."""
        self._open.discard(namespace)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request, to a console or to the license server."""
        host = urlsplit(request.path_qs).netloc or request.host
        named = _HOST.match(host)
        if named is None:
            return self._license_server(request)
        namespace = named["namespace"]
        if namespace not in self._open:
            return _hang_up(request)
        path = urlsplit(request.path_qs).path
        if path == "/healthz":
            return web.json_response(
                {
                    "version": _VERSION,
                    "gitSha": "",
                    "status": {"database": {"connected": True}, "storage": {"available": True}},
                }
            )
        if request.headers.get("Authorization") != self.tokens.get(namespace):
            denied = {"error": "missing authorization token", "success": False}
            return web.json_response(denied, status=401)
        body: JsonObject = json.loads(await request.read() or b"{}")
        body["_query"] = dict(request.query)
        application = self._applications[namespace]
        for method, pattern, handler in self._routes:
            match = pattern.fullmatch(path)
            if match and method == request.method:
                return await handler(application, match, body)
        return web.Response(status=500)  # an unknown slug is an empty 500, not a 404

    def _license_server(self, request: web.BaseRequest) -> web.StreamResponse:
        if self._behaviour.license_server_down:
            return _hang_up(request)
        return web.Response(text="")

    async def _apps(self, app: Application, _: re.Match[str], __: JsonObject) -> web.Response:
        listed = [await self._document(app)] if app.versions else []
        return web.json_response({"apps": listed})

    async def _app(self, app: Application, _: re.Match[str], __: JsonObject) -> web.Response:
        if not app.versions:
            return web.Response(status=500)
        return web.json_response(await self._document(app))

    async def _document(self, app: Application) -> JsonObject:
        current = app.current
        return {
            "id": release.SLUG,
            "slug": release.SLUG,
            "name": "Dash Enterprise",
            "currentSequence": app.versions[-1].sequence,
            "appState": await self._rollout.state(app.namespace) if current else "missing",
            "isConfigurable": True,
            "hasPreflight": True,
            "downstream": {
                "currentVersion": {"versionLabel": current.label, "status": current.status}
                if current
                else None
            },
        }

    async def _status(self, app: Application, _: re.Match[str], __: JsonObject) -> web.Response:
        states = await self._rollout.states(app.namespace) if app.current else []
        state = await self._rollout.state(app.namespace) if app.current else "missing"
        document = {
            "appId": release.SLUG,
            "resourceStates": states,
            "updatedAt": datetime.now(UTC).isoformat(),
            "state": state,
            "sequence": 0,
        }
        return web.json_response({"appstatus": document})

    async def _versions(self, app: Application, _: re.Match[str], __: JsonObject) -> web.Response:
        if not app.versions:
            return web.Response(status=500)
        rows = app.version_rows()
        return web.json_response({"versionHistory": rows, "totalCount": len(rows)})

    async def _task(self, app: Application, _: re.Match[str], __: JsonObject) -> web.Response:
        readable = app.task_until is not None and datetime.now(UTC) < app.task_until
        document = {
            "message": json.dumps(app.task_message) if readable else "",
            "status": app.task if readable else "",
            "updatedAt": "0001-01-01T00:00:00Z",
        }
        return web.json_response(document)

    async def _preflights(
        self, app: Application, match: re.Match[str], _: JsonObject
    ) -> web.Response:
        """Of one version; without a sequence, of the first."""
        sequence = int(match.groupdict().get("sequence") or 0)
        return web.json_response(app.preflight_document(sequence))

    async def _config(self, app: Application, _: re.Match[str], __: JsonObject) -> web.Response:
        items = [
            {
                "name": name,
                "type": "text",
                "required": name in release.REQUIRED_ITEMS,
                "value": app.values.get(name, ""),
            }
            for name in (*release.REQUIRED_ITEMS, *release.OPTIONAL_ITEMS)
        ]
        groups = [{"name": "main", "items": items}]
        return web.json_response({"success": True, "configGroups": groups})

    async def _set_config(
        self, app: Application, _: re.Match[str], body: JsonObject
    ) -> web.Response:
        document = base64.b64decode(body["configValues"]).decode()
        app.read_values(document, merge=bool(body.get("merge")))
        missing = app.missing_items()
        if missing:
            return web.json_response({"success": False, "requiredItems": missing}, status=400)
        newest = app.newest
        if newest is not None and body.get("deploy"):
            skip = bool(body.get("skipPreflights"))
            self._start(self._installer.check_and_deploy(app, newest, skip=skip))
        return web.json_response({"success": True})

    async def _update(self, app: Application, _: re.Match[str], body: JsonObject) -> web.Response:
        label = body["_query"].get("versionLabel", "")
        if label not in release.VERSIONS:
            told = {"success": False, "error": f"version {label} is not in the channel"}
            return web.json_response(told)
        version = Version(label=label, sequence=len(app.versions), status="pending_preflight")
        app.versions.append(version)
        self._start(self._installer.check_and_deploy(app, version, skip=False))
        told = {"success": True, "availableUpdates": 1, "deployingRelease": {"version": label}}
        return web.json_response(told)

    async def _deploy(
        self, app: Application, match: re.Match[str], body: JsonObject
    ) -> web.Response:
        version = next((v for v in app.versions if v.sequence == int(match["sequence"])), None)
        if version is None:
            return web.Response(status=500)
        failing = any(row.get("isFail") for row in version.preflights or [])
        if failing or not body.get("continueWithFailedPreflights"):
            return web.json_response({"success": False, "error": "preflight checks"}, status=400)
        self._start(self._installer.deploy(app, version))
        return web.json_response({"success": True})

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)


def _hang_up(request: web.BaseRequest) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
