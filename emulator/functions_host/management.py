"""The Durable extension's management routes over instances.

https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api
"""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
from aiohttp import web
from durabletask.internal import helpers

from emulator.functions_host.app_settings import HostSettings
from emulator.functions_host.dispatch import DIRECT, Dispatcher
from emulator.functions_host.durable_client import (
    MANAGEMENT_PATH,
    management_urls,
    required_query,
)
from emulator.functions_host.engine import Engine
from emulator.functions_host.history import format_history
from emulator.functions_host.hub_core import Refused
from emulator.functions_host.instance_json import (
    STATUSES,
    history_json,
    instance_json,
    read_moment,
    status_name,
)
from emulator.functions_host.keys import Keys, presented_key

_PAGE = 100
_CONTINUATION = "x-ms-continuation-token"
_POLL_AFTER = "10"
"""Seconds that the extension asks a poller to wait."""
_GONE = {grpc.StatusCode.NOT_FOUND: 404, grpc.StatusCode.FAILED_PRECONDITION: 410}

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Management:
    """Answers for the instances of one task hub."""

    def __init__(
        self, engine: Engine, dispatcher: Dispatcher, settings: HostSettings, keys: Keys
    ) -> None:
        self._engine = engine
        self._dispatcher = dispatcher
        self._settings = settings
        self._keys = keys

    def add_to(self, app: web.Application) -> None:
        """Register every route; each asks for the durable system key."""
        one = f"{MANAGEMENT_PATH}/instances/{{id}}"
        routes: list[tuple[str, str, Handler]] = [
            ("POST", f"{MANAGEMENT_PATH}/orchestrators/{{name}}", self._create),
            ("POST", f"{MANAGEMENT_PATH}/orchestrators/{{name}}/{{id}}", self._create),
            ("GET", f"{MANAGEMENT_PATH}/instances", self._list),
            ("DELETE", f"{MANAGEMENT_PATH}/instances", self._purge_many),
            ("GET", one, self._show),
            ("DELETE", one, self._purge),
            ("POST", f"{one}/raiseEvent/{{event}}", self._raise_event),
            ("POST", f"{one}/terminate", self._terminate),
            ("POST", f"{one}/suspend", self._suspend),
            ("POST", f"{one}/resume", self._resume),
            ("POST", f"{one}/rewind", self._rewind),
            ("POST", f"{one}/restart", self._restart),
            ("GET", f"{one}/rawHistory", self._raw_history),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, guarded(self._keys, handler))

    async def _create(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if not self._dispatcher.knows("orchestration", name):
            raise problem(400, f"The function '{name}' doesn't exist or is not an orchestrator.")
        asked = pb.CreateInstanceRequest(
            instanceId=request.match_info.get("id") or uuid.uuid4().hex,
            name=name,
            input=helpers.get_string_value(await json_body(request)),
        )
        started = self._engine.StartInstance(asked, DIRECT).instanceId
        if "timeout" in request.query:
            return await self._wait(request, started)
        return self._check_status(request, started)

    async def _wait(self, request: web.Request, instance_id: str) -> web.StreamResponse:
        """Wait as long as the caller asks, then answer with the output or as usual."""
        deadline = time.monotonic() + float(request.query["timeout"])
        pause = float(request.query.get("pollingInterval", "1"))
        while time.monotonic() < deadline:
            instance = self._engine.find(instance_id)
            if instance is not None and instance.ended:
                shown = instance_json(self._engine.state(instance, True), show_input=True)
                done = instance.status == pb.ORCHESTRATION_STATUS_COMPLETED
                return web.json_response(
                    shown["output"] if done else shown, status=200 if done else 500
                )
            await asyncio.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        return self._check_status(request, instance_id)

    def _check_status(self, request: web.Request, instance_id: str) -> web.Response:
        hub = request.query.get("taskHub", self._settings.hub_name)
        query = required_query(hub, self._settings.connection_name, self._keys.durable)
        urls = management_urls(f"{request.url.origin()}{MANAGEMENT_PATH}", instance_id, query)
        headers = {"Location": urls["statusQueryGetUri"], "Retry-After": _POLL_AFTER}
        return web.json_response(urls, status=202, headers=headers)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        instance = self._engine.find(request.match_info["id"])
        if instance is None:
            raise web.HTTPNotFound
        show_input = flag(request, "showInput", default=True)
        shown = instance_json(self._engine.state(instance, True), show_input=show_input)
        if flag(request, "showHistory"):
            with_output = flag(request, "showHistoryOutput")
            shown["historyEvents"] = history_json(
                list(instance.history), with_output=with_output, with_input=show_input
            )
        if not instance.ended:
            headers = {"Location": str(request.url), "Retry-After": _POLL_AFTER}
            return web.json_response(shown, status=202, headers=headers)
        failed = instance.status == pb.ORCHESTRATION_STATUS_FAILED
        as_error = failed and flag(request, "returnInternalServerErrorOnFailure")
        return web.json_response(shown, status=500 if as_error else 200)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        query = pb.InstanceQuery(
            maxInstanceCount=int(request.query.get("top", _PAGE)),
            continuationToken=helpers.get_string_value(request.headers.get(_CONTINUATION)),
            instanceIdPrefix=helpers.get_string_value(request.query.get("instanceIdPrefix")),
            fetchInputsAndOutputs=True,
        )
        _filter(request, query)
        found = self._engine.QueryInstances(pb.QueryInstancesRequest(query=query), DIRECT)
        show_input = flag(request, "showInput", default=True)
        shown = [instance_json(s, show_input=show_input) for s in found.orchestrationState]
        headers = {_CONTINUATION: found.continuationToken.value}
        return web.json_response(shown, headers=headers if headers[_CONTINUATION] else None)

    async def _purge_many(self, request: web.Request) -> web.StreamResponse:
        if "createdTimeFrom" not in request.query:
            raise problem(400, "Please provide value for 'createdTimeFrom' parameter.")
        query = pb.PurgeInstanceFilter()
        _filter(request, query)
        return self._purged(pb.PurgeInstancesRequest(purgeInstanceFilter=query))

    async def _purge(self, request: web.Request) -> web.StreamResponse:
        return self._purged(pb.PurgeInstancesRequest(instanceId=request.match_info["id"]))

    def _purged(self, asked: pb.PurgeInstancesRequest) -> web.StreamResponse:
        gone = self._engine.PurgeInstances(asked, DIRECT).deletedInstanceCount
        if not gone:
            raise web.HTTPNotFound
        return web.json_response({"instancesDeleted": gone})

    async def _raise_event(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["event"]
        body = await json_body(request)
        self._going(request)
        asked = pb.RaiseEventRequest(
            instanceId=request.match_info["id"], name=name, input=helpers.get_string_value(body)
        )
        self._engine.RaiseEvent(asked, DIRECT)
        return web.Response(status=202)

    async def _terminate(self, request: web.Request) -> web.StreamResponse:
        self._going(request)
        reason = helpers.get_string_value(json.dumps(request.query.get("reason", "")))
        asked = pb.TerminateRequest(instanceId=request.match_info["id"], output=reason)
        self._engine.TerminateInstance(asked, DIRECT)
        return web.Response(status=202)

    async def _suspend(self, request: web.Request) -> web.StreamResponse:
        asked = pb.SuspendRequest(instanceId=request.match_info["id"], reason=_reason(request))
        self._engine.SuspendInstance(asked, DIRECT)
        return web.Response(status=202)

    async def _resume(self, request: web.Request) -> web.StreamResponse:
        asked = pb.ResumeRequest(instanceId=request.match_info["id"], reason=_reason(request))
        self._engine.ResumeInstance(asked, DIRECT)
        return web.Response(status=202)

    async def _rewind(self, request: web.Request) -> web.StreamResponse:
        asked = pb.RewindInstanceRequest(
            instanceId=request.match_info["id"], reason=_reason(request)
        )
        self._engine.RewindInstance(asked, DIRECT)
        return web.Response(status=202)

    async def _restart(self, request: web.Request) -> web.StreamResponse:
        asked = pb.RestartInstanceRequest(
            instanceId=request.match_info["id"],
            restartWithNewInstanceId=flag(request, "restartWithNewInstanceId", default=True),
        )
        return self._check_status(request, self._engine.RestartInstance(asked, DIRECT).instanceId)

    async def _raw_history(self, request: web.Request) -> web.StreamResponse:
        """Not the extension's: the recorded events, for ``history.parse_history``."""
        instance = self._engine.find(request.match_info["id"])
        if instance is None:
            raise web.HTTPNotFound
        return web.Response(text=format_history(list(instance.history)))

    def _going(self, request: web.Request) -> None:
        """Refuse with 404 an instance that is not there, with 410 one that has ended."""
        instance = self._engine.find(request.match_info["id"])
        if instance is None:
            raise web.HTTPNotFound
        if instance.ended:
            raise problem(410, f"The instance has ended: {status_name(instance.status)}.")


def guarded(keys: Keys, handler: Handler) -> Handler:
    """``handler`` for callers with the system key, its refusals as HTTP status codes."""

    async def guard(request: web.Request) -> web.StreamResponse:
        if not keys.opens_management(presented_key(request)):
            return web.Response(status=401)
        try:
            return await handler(request)
        except Refused as refused:
            if refused.code is grpc.StatusCode.ALREADY_EXISTS:
                return problem(409, str(refused))
            return problem(_GONE.get(refused.code, 400), str(refused))
        except ValueError as error:
            return problem(400, str(error))

    return guard


class _Problem(web.HTTPException):
    def __init__(self, status: int, message: str) -> None:
        self.status_code = status
        super().__init__(text=json.dumps({"Message": message}), content_type="application/json")


def problem(status: int, message: str) -> _Problem:
    """An error in the extension's shape; may be raised or returned."""
    return _Problem(status, message)


async def json_body(request: web.Request) -> str | None:
    """The body, checked to be JSON; None when empty.

    Raises:
        ValueError: It is not JSON.
    """
    text = await request.text()
    if not text.strip():
        return None
    try:
        json.loads(text)
    except ValueError as error:
        raise ValueError(f"Invalid JSON content: {error}") from error
    return text


def flag(request: web.Request, name: str, *, default: bool = False) -> bool:
    """A boolean query parameter, its name in any case."""
    found = next((v for k, v in request.query.items() if k.lower() == name.lower()), None)
    return default if found is None else found.lower() == "true"


def _filter(request: web.Request, query: Any) -> None:
    for name in ("createdTimeFrom", "createdTimeTo"):
        if request.query.get(name):
            getattr(query, name).CopyFrom(read_moment(request.query[name]))
    for word in request.query.get("runtimeStatus", "").split(","):
        if word.strip():
            if word.strip().lower() not in STATUSES:
                raise ValueError(f"'{word}' is no runtime status.")
            query.runtimeStatus.append(STATUSES[word.strip().lower()])


def _reason(request: web.Request) -> Any:
    return helpers.get_string_value(request.query.get("reason"))
