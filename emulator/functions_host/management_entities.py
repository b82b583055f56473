"""The Durable extension's management routes over entities.

https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api
"""

import uuid

import durabletask.internal.orchestrator_service_pb2 as pb
from aiohttp import web
from durabletask.internal import helpers

from emulator.functions_host.dispatch import DIRECT, Dispatcher
from emulator.functions_host.durable_client import MANAGEMENT_PATH
from emulator.functions_host.engine import Engine
from emulator.functions_host.instance_json import entity_json, payload, read_moment
from emulator.functions_host.keys import Keys
from emulator.functions_host.management import flag, guarded, json_body

_PAGE = 100
_CONTINUATION = "x-ms-continuation-token"


class EntityManagement:
    """Answers for the entities of one task hub."""

    def __init__(self, engine: Engine, dispatcher: Dispatcher, keys: Keys) -> None:
        self._engine = engine
        self._dispatcher = dispatcher
        self._keys = keys

    def add_to(self, app: web.Application) -> None:
        """Register every route; each asks for the durable system key."""
        base = f"{MANAGEMENT_PATH}/entities"
        app.router.add_get(base, guarded(self._keys, self._list))
        app.router.add_get(f"{base}/{{name}}", guarded(self._keys, self._list))
        app.router.add_get(f"{base}/{{name}}/{{key}}", guarded(self._keys, self._show))
        app.router.add_post(f"{base}/{{name}}/{{key}}", guarded(self._keys, self._signal))

    async def _show(self, request: web.Request) -> web.StreamResponse:
        asked = pb.GetEntityRequest(instanceId=_id(request), includeState=True)
        found = self._engine.GetEntity(asked, DIRECT)
        if not found.exists:
            raise web.HTTPNotFound
        return web.json_response(payload(found.entity.serializedState.value))

    async def _signal(self, request: web.Request) -> web.StreamResponse:
        if not self._dispatcher.knows("entity", request.match_info["name"]):
            raise web.HTTPNotFound
        asked = pb.SignalEntityRequest(
            instanceId=_id(request),
            name=request.query.get("op", ""),
            input=helpers.get_string_value(await json_body(request)),
            requestId=str(uuid.uuid4()),
        )
        self._engine.SignalEntity(asked, DIRECT)
        return web.Response(status=202)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("name", "").lower()
        with_state = flag(request, "fetchState")
        query = pb.EntityQuery(
            instanceIdStartsWith=helpers.get_string_value(f"@{name}@" if name else "@"),
            includeState=with_state,
            continuationToken=helpers.get_string_value(request.headers.get(_CONTINUATION)),
        )
        query.pageSize.value = int(request.query.get("top", _PAGE))
        if request.query.get("lastOperationTimeFrom"):
            query.lastModifiedFrom.CopyFrom(read_moment(request.query["lastOperationTimeFrom"]))
        if request.query.get("lastOperationTimeTo"):
            query.lastModifiedTo.CopyFrom(read_moment(request.query["lastOperationTimeTo"]))
        found = self._engine.QueryEntities(pb.QueryEntitiesRequest(query=query), DIRECT)
        shown = [entity_json(entity, with_state=with_state) for entity in found.entities]
        token = found.continuationToken.value
        return web.json_response(shown, headers={_CONTINUATION: token} if token else None)


def _id(request: web.Request) -> str:
    return f"@{request.match_info['name'].lower()}@{request.match_info['key']}"
