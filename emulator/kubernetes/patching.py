"""PATCH: an object changed in part, by one of four media types."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from emulator.kubernetes.access import Access, Act
from emulator.kubernetes.api_error import (
    ApiError,
    Cause,
    bad_request,
    invalid_options,
    required,
)
from emulator.kubernetes.bodies import Body
from emulator.kubernetes.calls import Call
from emulator.kubernetes.decoding import Decoded, Decoder, Unreadable
from emulator.kubernetes.defaults import secret
from emulator.kubernetes.field_ownership import apply
from emulator.kubernetes.field_validation import complain
from emulator.kubernetes.objects import JsonObject, section
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.patches import json_patch, merge, strategic
from emulator.kubernetes.resources import SECRETS

_JSON_PATCH = "application/json-patch+json"
_TYPES = f"{_JSON_PATCH}, application/merge-patch+json, application/apply-patch+yaml"
_INTENDED = ("labels", "annotations", "finalizers", "ownerReferences", "resourceVersion", "uid")
"""What of ``metadata`` an applied object may claim."""


class Patching:
    """Serves PATCH for whole objects and their status."""

    def __init__(self, operations: Operations, access: Access, decoder: Decoder) -> None:
        self._operations = operations
        self._access = access
        self._decoder = decoder

    def serve(self, call: Call) -> tuple[JsonObject, int]:
        """The changed object and the HTTP status: 201 when applying made it.

        Raises:
            ApiError: It may not or cannot be done.
        """
        home = call.namespace if call.resource.namespaced else ""
        applying = call.content_type.startswith("application/apply-patch")
        wanted = call.field_validation
        intent = self._intent(call, wanted) if applying else {}
        old = self._operations.store.get(call.resource, home, call.name)
        if old is None and applying and not call.subresource:
            return self._made(call, home, intent), 201
        old = old or self._operations.get(call.resource, home, call.name)
        if applying:
            new = apply(old, _claimed(call, intent), call.author, force=call.flag("force"))
        else:
            new = self._patched(call, old, wanted)
        self._access.prevent_escalation(call.user, call.resource, new)
        changed = self._operations.replace(
            call.resource, old, new,
            author=None if applying else call.author,
            subresource=call.subresource, dry_run=call.dry_run,
        )  # fmt: skip # one call
        return changed, 200

    def _made(self, call: Call, home: str, intent: JsonObject) -> JsonObject:
        act, resource = call.act, call.resource
        create = Act(verb="create", group=act.group, resource=act.resource, namespace=act.namespace)
        self._access.require(call.user, create)
        item = {**intent, "metadata": {**section(intent, "metadata"), "name": call.name}}
        self._access.prevent_escalation(call.user, resource, placed(call, item))
        made = self._operations.create(resource, home, item, dry_run=True)
        owned = apply(made, _claimed(call, item), call.author, force=True)
        if call.dry_run:
            return made
        owners = owned["metadata"]["managedFields"]
        return self._operations.create(resource, home, item, owners=owners)

    def _intent(self, call: Call, wanted: str) -> JsonObject:
        if not call.option("fieldManager"):
            missing = required("fieldManager", "is required for apply patch")
            raise invalid_options("PatchOptions", missing)
        item, document = call.body(), call.document()
        version, kind = item.get("apiVersion", ""), item.get("kind", "")
        if (version, kind) != (call.resource.api_version, call.resource.kind):
            said = version if "/" in version else f"/{version}"
            raise bad_request(f"invalid object type: {said}, Kind={kind}")
        if wanted == "Strict" and document.repeated:
            told = "".join(document.refusal)
            text = f"error strict decoding YAML: error converting YAML to JSON: {told}"
            raise bad_request(text)
        complain(call, wanted, document, Decoded(item, ()))
        read = self._typed(call, item)
        meta = section(read, "metadata")
        said = meta.get("name") or call.name
        if said != call.name:
            raise bad_request(
                f"the name of the object ({said}) does not match the name on the URL ({call.name})"
            )
        if meta.get("managedFields"):
            raise bad_request("metadata.managedFields must be nil")
        return read

    def _typed(self, call: Call, item: JsonObject) -> JsonObject:
        """The applied object; unlike the other patches, one with an unknown field is no object."""
        try:
            decoded = self._decoder.understand(call.resource, item, keyed=True)
        except Unreadable as why:
            raise _untyped(call, item, (why.applied,)) from why
        if decoded.unknown:
            told = tuple(f".{path}: field not declared in schema" for path in decoded.unknown)
            raise _untyped(call, item, told)
        return decoded.item

    def _patched(self, call: Call, old: JsonObject, wanted: str) -> JsonObject:
        document = call.document()
        new, shown = _changed(call, old, document)
        try:
            decoded = self._decoder.understand(call.resource, new)
        except Unreadable as why:
            raise _misfit(shown, str(why)) from why
        if call.content_type == _JSON_PATCH:
            document = Body(document.value, (*document.repeated, *_strange(document.value)))
        if why := complain(call, wanted, document, decoded):
            raise _misfit(shown, why)
        return decoded.item


def placed(call: Call, item: JsonObject) -> JsonObject:
    """The object in the namespace that its address names."""
    meta = {**section(item, "metadata")}
    if call.resource.namespaced:
        meta["namespace"] = call.namespace
    return {**item, "metadata": meta}


def _changed(call: Call, old: JsonObject, document: Body) -> tuple[JsonObject, str]:
    """The object after a patch, and what a refusal of it quotes."""
    patch = document.value
    match call.content_type:
        case "application/json-patch+json":
            _require(patch, list, "error decoding patch: ", "[]handlers.jsonPatchOp")
            new = json_patch(old, patch)
        case "application/merge-patch+json":
            _require(patch, dict, "error decoding patch: ")
            new = cast("JsonObject", merge(old, patch))
        case "application/strategic-merge-patch+json" if not call.resource.custom:
            _require(patch, dict, "")
            return cast("JsonObject", strategic(old, patch)), _as_go(patch)
        case _:
            text = (
                "the body of the request was in an unknown format - accepted media types "
                f"include: {_TYPES}"
            )
            raise ApiError(415, "UnsupportedMediaType", text)
    return new, json.dumps(new, separators=(",", ":"), ensure_ascii=False)


def _strange(operations: list[JsonObject]) -> Iterator[str]:
    """Complaints about what stands in a JSON patch beside its operations."""
    for index, operation in enumerate(operations):
        for name in operation.keys() - {"op", "path", "value", "from"}:
            yield f'json patch unknown field "[{index}].{name}"'


def _require(patch: Any, kind: type, words: str, go: str = "map[string]interface {}") -> None:
    if not isinstance(patch, kind):
        seen = "array" if isinstance(patch, list) else "object"
        raise bad_request(f"{words}json: cannot unmarshal {seen} into Go value of type {go}")


def _as_go(value: Any) -> str:
    """A value as Go prints it: ``map[data:map[a:1]]``."""
    if isinstance(value, Mapping):
        items = sorted(cast("Mapping[str, Any]", value).items())
        return f"map[{' '.join(f'{k}:{_as_go(v)}' for k, v in items)}]"
    if isinstance(value, list):
        return f"[{' '.join(_as_go(v) for v in cast('list[Any]', value))}]"
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _misfit(shown: str, why: str) -> ApiError:
    quoted = json.dumps(shown, ensure_ascii=False)
    cause = Cause("patch", "FieldValueInvalid", f"Invalid value: {quoted}: {why}")
    told = {"reason": cause.reason, "message": cause.message, "field": cause.field}
    return ApiError(
        422, "Invalid", f' "" is invalid: {cause.field}: {cause.message}', {"causes": [told]}
    )


def _untyped(call: Call, item: JsonObject, told: tuple[str, ...]) -> ApiError:
    meta = section(item, "metadata")
    where = f"{meta.get('namespace', '')}/{meta.get('name', '')}"
    group = f"{call.resource.group}/{call.resource.version}"
    kind = f"{group}, Kind={call.resource.kind}"
    why = told[0] if len(told) == 1 else "\n  ".join(("errors:", *told))
    text = f"failed to create typed patch object ({where}; {kind}): {why}"
    return ApiError(500, "", text)


def _claimed(call: Call, item: JsonObject) -> JsonObject:
    """The part of an applied object that its author owns from now on."""
    if call.resource.id == SECRETS.id:
        item = secret(item)
    meta = section(item, "metadata")
    status = call.subresource == "status"
    body = {k: v for k, v in item.items() if k != "metadata" and (k == "status") == status}
    return {**body, "metadata": {k: meta[k] for k in _INTENDED if k in meta}}
