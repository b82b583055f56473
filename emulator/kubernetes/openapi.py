"""The OpenAPI v3 documents of an API server, one for each group and version.

``kubectl explain`` reads them, and ``kubectl apply`` before it asks for validation by the server.
Facts: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
"""

import hashlib
import json
from typing import Any, cast

from emulator.kubernetes.objects import JsonObject
from emulator.kubernetes.published_schemas import Schemas, plain_types, published, referred
from emulator.kubernetes.resources import Catalog, Resource

_SCHEMAS = "#/components/schemas/"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_KIND = "x-kubernetes-group-version-kind"
_METHODS = {"get": "get", "put": "update", "patch": "patch", "delete": "delete"}
_ACTIONS = {"get": "get", "put": "put", "patch": "patch", "delete": "delete"}
_OPTIONS = ("dryRun", "fieldManager", "fieldValidation")
_ONE_OF_A_KIND = ("apiVersion", "kind")


def index(catalog: Catalog, version: str) -> JsonObject:
    """Where the documents are; an address changes with what stands there, so it may be kept."""
    places: dict[str, list[Resource]] = {}
    for resource in catalog:
        places.setdefault(_place(resource), []).append(resource)
    return {
        "paths": {
            place: {"serverRelativeURL": f"/openapi/v3/{place}?hash={_mark(version, resources)}"}
            for place, resources in places.items()
        }
    }


def document(catalog: Catalog, version: str, place: str) -> JsonObject | None:
    """The document of a place such as ``apis/apps/v1``; None when nothing is served there."""
    resources = [r for r in catalog if _place(r) == place]
    if not resources:
        return None
    schemas = published(version)
    components: JsonObject = {}
    for resource in resources:
        _add(schemas, resource, components)
    paths: JsonObject = {}
    for resource in resources:
        paths |= _paths(place, resource)
    info = {"title": "Kubernetes", "version": ".".join(version.split(".")[:2])}
    components = {name: components[name] for name in sorted(components)}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": components}}


def _place(resource: Resource) -> str:
    return f"apis/{resource.api_version}" if resource.group else "api/v1"


def _mark(version: str, resources: list[Resource]) -> str:
    said = [version, *([r.plural, r.verbs, r.subresources, r.schema] for r in resources)]
    return hashlib.sha512(json.dumps(said).encode()).hexdigest().upper()


def _name(resource: Resource) -> str:
    """Full name of a kind's schema; of a custom one as the server makes it up."""
    domain = ".".join(reversed(resource.group.split(".")))
    return f"{domain}.{resource.version}.{resource.kind}"


def _add(schemas: Schemas, resource: Resource, into: JsonObject) -> None:
    if not resource.custom:
        name = schemas.names.get((resource.group, resource.version, resource.kind))
        if name is not None:
            _collect(schemas, name, into)
        return
    _collect(schemas, _META, into)
    said = resource.schema or {"type": "object"}
    meta = {"allOf": [{"$ref": _SCHEMAS + _META}], "description": "Standard object's metadata."}
    text = {"type": "string"}
    known = {"apiVersion": text, "kind": text, **said.get("properties", {}), "metadata": meta}
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    into[_name(resource)] = {**said, "properties": known, _KIND: [kind]}


def _collect(schemas: Schemas, name: str, into: JsonObject) -> None:
    """Add a schema and all that it refers to."""
    waiting = [name]
    while waiting:
        chosen = waiting.pop()
        if chosen in into:
            continue
        schema = schemas.definitions[chosen]
        into[chosen] = _third(schema, is_kind=_KIND in schema)
        waiting += _referred(schema)


def _referred(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for inner in cast("list[Any]", schema) for name in _referred(inner)]
    if not isinstance(schema, dict):
        return []
    said = cast("JsonObject", schema)
    if isinstance(said.get("$ref"), str):
        return [referred(said["$ref"])]
    return [name for inner in said.values() for name in _referred(inner)]


def _third(schema: JsonObject, *, is_kind: bool = False) -> JsonObject:
    """A published schema in the terms of OpenAPI 3.0, which knows no lists of types."""
    made: JsonObject = {}
    for key, value in schema.items():
        match key:
            case "type":
                made[key] = plain_types(schema)[0]
            case "$ref":
                made["allOf"] = [{"$ref": _SCHEMAS + referred(value)}]
            case "items" | "additionalProperties" if isinstance(value, dict):
                made[key] = _third(cast("JsonObject", value))
            case "oneOf":
                made[key] = [_third(choice) for choice in value]
            case "properties":
                made[key] = {
                    name: _third(_open(inner) if is_kind and name in _ONE_OF_A_KIND else inner)
                    for name, inner in value.items()
                }
            case _:
                made[key] = value
    return made


def _open(schema: JsonObject) -> JsonObject:
    """Without the single value that the package notes for ``apiVersion`` and ``kind``."""
    return {k: v for k, v in schema.items() if k != "enum"}


def _paths(place: str, resource: Resource) -> JsonObject:
    scope = "/namespaces/{namespace}" if resource.namespaced else ""
    collection = f"/{place}{scope}/{resource.plural}"
    found: JsonObject = {}
    if resource.namespaced and "list" in resource.verbs:
        found[f"/{place}/{resource.plural}"] = {"get": _operation(resource, "list")}
    many: JsonObject = {}
    if "list" in resource.verbs:
        many["get"] = _operation(resource, "list")
    if "create" in resource.verbs:
        many["post"] = _operation(resource, "post", *_OPTIONS)
    one = {
        method: _operation(resource, _ACTIONS[method], *(_options(method)))
        for method, verb in _METHODS.items()
        if verb in resource.verbs
    }
    inside = [_in_path("namespace")] if resource.namespaced else []
    found[collection] = {**many, "parameters": inside}
    if one:
        found[f"{collection}/{{name}}"] = {**one, "parameters": [_in_path("name"), *inside]}
    return found


def _options(method: str) -> tuple[str, ...]:
    return {"put": _OPTIONS, "patch": (*_OPTIONS, "force"), "delete": ("dryRun",)}.get(method, ())


def _in_path(name: str) -> JsonObject:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _operation(resource: Resource, action: str, *options: str) -> JsonObject:
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    flags = [{"name": n, "in": "query", "schema": {"type": "boolean" if n == "force" else "string"}}
             for n in options]  # fmt: skip # one idea
    return {
        "x-kubernetes-action": action,
        _KIND: kind,
        "parameters": flags,
        "responses": {"200": {"description": "OK"}},
    }
