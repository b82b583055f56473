"""The verbs on resources, from get to deletecollection."""

import json
from collections.abc import Callable

from aiohttp import web

from emulator.kubernetes.access import Access
from emulator.kubernetes.api_error import method_not_allowed
from emulator.kubernetes.calls import Call
from emulator.kubernetes.decoding import Decoder
from emulator.kubernetes.field_validation import decoded_body
from emulator.kubernetes.listing import page
from emulator.kubernetes.objects import JsonObject, deleting, key_of
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.patching import Patching, placed
from emulator.kubernetes.resources import NAMESPACES, PODS
from emulator.kubernetes.tables import table
from emulator.kubernetes.watching import Scope, Stream

_OF_THE_LIST = ("apiVersion", "kind")


def answer(item: JsonObject, status: int = 200) -> web.Response:
    """A JSON answer."""
    body = json.dumps(item, separators=(",", ":")).encode()
    return web.Response(body=body, status=status, content_type="application/json")


class Verbs:
    """Serves calls for whole objects and their status."""

    def __init__(self, operations: Operations, access: Access, decoder: Decoder) -> None:
        self._operations = operations
        self._store = operations.store
        self._access = access
        self._decoder = decoder
        self._patching = Patching(operations, access, decoder)

    async def serve(self, call: Call) -> web.StreamResponse:  # noqa: PLR0911 # a table of verbs
        """Do what the call asks.

        Raises:
            ApiError: It may not or cannot be done.
        """
        match call.verb:
            case "get":
                return self._shaped(call, self._found(call))
            case "list":
                return self._list(call)
            case "watch":
                return await Stream(self._store, call, self._shape(call)).serve()
            case "create" if not call.name:
                return self._create(call)
            case "update":
                return self._update(call)
            case "patch":
                return self._shaped(call, *self._patching.serve(call))
            case "delete":
                return self._delete(call)
            case "deletecollection":
                return self._delete_collection(call)
            case _:
                raise method_not_allowed()

    def _home(self, call: Call) -> str:
        return call.namespace if call.resource.namespaced else ""

    def _found(self, call: Call) -> JsonObject:
        return self._operations.get(call.resource, self._home(call), call.name)

    def _shape(self, call: Call) -> Callable[[JsonObject], JsonObject] | None:
        if "as=Table" not in call.http.headers.get("Accept", ""):
            return None
        include = call.option("includeObject") or "Metadata"

        def shape(item: JsonObject) -> JsonObject:
            meta = {"resourceVersion": item["metadata"]["resourceVersion"]}
            return table(call.resource, [item], include, meta)

        return shape

    def _shaped(self, call: Call, item: JsonObject, status: int = 200) -> web.Response:
        if call.resource.custom and item["apiVersion"] != call.resource.api_version:
            item = {**item, "apiVersion": call.resource.api_version}
        shape = self._shape(call)
        return answer(shape(item) if shape and call.verb == "get" else item, status)

    def _list(self, call: Call) -> web.Response:
        found = page(self._store, call)
        items, meta = found.items, found.meta
        if self._shape(call) is not None:
            return answer(
                table(call.resource, items, call.option("includeObject") or "Metadata", meta)
            )
        if call.resource.custom:
            items = [{**i, "apiVersion": call.resource.api_version} for i in items]
        else:  # the kind of the list says what they are
            items = [{k: v for k, v in i.items() if k not in _OF_THE_LIST} for i in items]
        kind, version = f"{call.resource.kind}List", call.resource.api_version
        return answer({"kind": kind, "apiVersion": version, "metadata": meta, "items": items})

    def _create(self, call: Call) -> web.Response:
        item = decoded_body(self._decoder, call)
        self._access.prevent_escalation(call.user, call.resource, placed(call, item))
        made = self._operations.create(
            call.resource, self._home(call), item, author=call.author, dry_run=call.dry_run
        )
        return self._shaped(call, made, 201)

    def _update(self, call: Call) -> web.Response:
        new = decoded_body(self._decoder, call)
        old = self._found(call)
        self._access.prevent_escalation(call.user, call.resource, placed(call, new))
        changed = self._operations.replace(
            call.resource, old, new,
            author=call.author, subresource=call.subresource, dry_run=call.dry_run,
        )  # fmt: skip # one call
        return self._shaped(call, changed)

    def _delete(self, call: Call) -> web.Response:
        wish = call.deletion()
        item = self._found(call)
        if call.dry_run:
            return answer(item)
        left = self._operations.delete(call.resource, item, wish)
        if call.resource.id in (PODS.id, NAMESPACES.id) or deleting(left):
            return self._shaped(call, left)
        details = {"name": call.name, "kind": call.resource.plural, "uid": item["metadata"]["uid"]}
        if call.resource.group:
            details["group"] = call.resource.group
        done: JsonObject = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
        }
        return answer({**done, "details": details})

    def _delete_collection(self, call: Call) -> web.Response:
        everywhere = call.resource.namespaced and not call.namespace
        if everywhere or call.verb not in call.resource.verbs:
            raise method_not_allowed()
        scope, wish = Scope.of(call), call.deletion()
        items = [i for i in self._store.objects(call.resource, scope.namespace) if scope.has(i)]
        for item in items if not call.dry_run else []:
            newest = self._store.get(call.resource, *key_of(item))
            if newest is not None:
                self._operations.delete(call.resource, newest, wish)
        meta = {"resourceVersion": str(self._store.revision)}
        kind, version = f"{call.resource.kind}List", call.resource.api_version
        return answer({"kind": kind, "apiVersion": version, "metadata": meta, "items": items})
