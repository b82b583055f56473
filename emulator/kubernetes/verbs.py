"""The verbs on resources, from get to deletecollection."""

import base64
import json
from collections.abc import Callable
from typing import cast

from aiohttp import web

from emulator.kubernetes.access import Access, Act
from emulator.kubernetes.api_error import (
    ApiError,
    bad_request,
    expired,
    invalid_options,
    method_not_allowed,
    required,
)
from emulator.kubernetes.calls import Call
from emulator.kubernetes.defaults import secret
from emulator.kubernetes.field_ownership import apply
from emulator.kubernetes.objects import JsonObject, deleting, key_of, section
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.patches import json_patch, merge, strategic
from emulator.kubernetes.resources import NAMESPACES, PODS, SECRETS
from emulator.kubernetes.tables import table
from emulator.kubernetes.watching import Scope, Stream

_OF_THE_LIST = ("apiVersion", "kind")
_PATCH_TYPES = (
    "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
)


def answer(item: JsonObject, status: int = 200) -> web.Response:
    """A JSON answer."""
    body = json.dumps(item, separators=(",", ":")).encode()
    return web.Response(body=body, status=status, content_type="application/json")


class Verbs:
    """Serves calls for whole objects and their status."""

    def __init__(self, operations: Operations, access: Access) -> None:
        self._operations = operations
        self._store = operations.store
        self._access = access

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
                return self._patch(call)
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
        scope = Scope.of(call)
        items = [i for i in self._store.objects(call.resource, scope.namespace) if scope.has(i)]
        meta: JsonObject = {"resourceVersion": str(self._store.revision)}
        if token := call.option("continue"):
            items = [i for i in items if key_of(i) > self._resume(token)]
        limit = int(call.option("limit") or 0)
        if limit and len(items) > limit:
            meta["continue"] = _token(self._store.revision, items[limit - 1])
            if not scope.labels and not scope.fields:
                meta["remainingItemCount"] = len(items) - limit
            items = items[:limit]
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

    def _resume(self, token: str) -> tuple[str, str]:
        try:
            revision, namespace, name = json.loads(base64.urlsafe_b64decode(token))
        except ValueError as error:
            raise bad_request("continue key is not valid") from error
        if revision < self._store.compacted:
            raise expired(revision, self._store.compacted)
        return namespace, name

    def _create(self, call: Call) -> web.Response:
        item = call.body()
        self._access.prevent_escalation(call.user, call.resource, _placed(call, item))
        made = self._operations.create(
            call.resource, self._home(call), item, author=call.author, dry_run=call.dry_run
        )
        return self._shaped(call, made, 201)

    def _update(self, call: Call) -> web.Response:
        old, new = self._found(call), call.body()
        self._access.prevent_escalation(call.user, call.resource, _placed(call, new))
        changed = self._operations.replace(
            call.resource, old, new,
            author=call.author, subresource=call.subresource, dry_run=call.dry_run,
        )  # fmt: skip # one call
        return self._shaped(call, changed)

    def _patch(self, call: Call) -> web.Response:
        applying = call.content_type.startswith("application/apply-patch")
        if applying and not call.option("fieldManager"):
            raise invalid_options(
                "PatchOptions", required("fieldManager", "is required for apply patch")
            )
        if applying:
            _check_name(call)
        old = self._store.get(call.resource, self._home(call), call.name)
        if applying and old is None and not call.subresource:
            return self._apply_new(call)
        old = old or self._found(call)
        new = self._applied(call, old) if applying else self._patched(call, old)
        self._access.prevent_escalation(call.user, call.resource, new)
        changed = self._operations.replace(
            call.resource, old, new,
            author=None if applying else call.author,
            subresource=call.subresource, dry_run=call.dry_run,
        )  # fmt: skip # one call
        return self._shaped(call, changed)

    def _apply_new(self, call: Call) -> web.Response:
        act = call.act
        create = Act(verb="create", group=act.group, resource=act.resource, namespace=act.namespace)
        self._access.require(call.user, create)
        item = call.body()
        item = {**item, "metadata": {**section(item, "metadata"), "name": call.name}}
        self._access.prevent_escalation(call.user, call.resource, _placed(call, item))
        made = self._operations.create(call.resource, self._home(call), item, dry_run=True)
        owned = apply(made, _intent(call, item), call.author, force=True)["metadata"][
            "managedFields"
        ]
        if call.dry_run:
            return self._shaped(call, made, 201)
        made = self._operations.create(call.resource, self._home(call), item, owners=owned)
        return self._shaped(call, made, 201)

    def _applied(self, call: Call, old: JsonObject) -> JsonObject:
        item = call.body()
        if section(item, "metadata").get("managedFields"):
            raise bad_request("metadata.managedFields must be nil")
        return apply(old, _intent(call, item), call.author, force=call.flag("force"))

    def _patched(self, call: Call, old: JsonObject) -> JsonObject:
        patch = call.data()
        match call.content_type:
            case "application/json-patch+json":
                new = json_patch(old, patch)
            case "application/merge-patch+json":
                new = cast("JsonObject", merge(old, patch))
            case "application/strategic-merge-patch+json" if not call.resource.custom:
                new = cast("JsonObject", strategic(old, patch))
            case _:
                text = (
                    "the body of the request was in an unknown format - accepted media types "
                    f"include: {_PATCH_TYPES}"
                )
                raise ApiError(415, "UnsupportedMediaType", text)
        return new

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


def _check_name(call: Call) -> None:
    said = section(call.body(), "metadata").get("name", call.name)
    if said != call.name:
        raise bad_request(
            f"the name of the object ({said}) does not match the name on the URL ({call.name})"
        )


def _intent(call: Call, item: JsonObject) -> JsonObject:
    if call.resource.id == SECRETS.id:
        item = secret(item)
    meta = section(item, "metadata")
    kept = {
        k: meta[k]
        for k in (
            "labels",
            "annotations",
            "finalizers",
            "ownerReferences",
            "resourceVersion",
            "uid",
        )
        if k in meta
    }
    status = call.subresource == "status"
    body = {k: v for k, v in item.items() if k != "metadata" and (k == "status") == status}
    return {**body, "metadata": kept}


def _placed(call: Call, item: JsonObject) -> JsonObject:
    meta = {**section(item, "metadata")}
    if call.resource.namespaced:
        meta["namespace"] = call.namespace
    return {**item, "metadata": meta}


def _token(revision: int, last: JsonObject) -> str:
    return base64.urlsafe_b64encode(json.dumps([revision, *key_of(last)]).encode()).decode()
