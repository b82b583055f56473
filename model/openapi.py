"""The HTTP API's own description, OpenAPI 3.1."""

from typing import Any

from model.installation_name import NAME
from model.openapi_answers import TEXT, closed, orphan_report, preflight, status
from model.request import request_schema
from model.wire import JsonObject

_PROBLEM = "application/problem+json"


def openapi() -> JsonObject:
    """The document; schemas of requests are inlined under ``components``."""
    schema = request_schema()
    definitions = schema.pop("$defs", {})
    return _relocated(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Dash Enterprise installer",
                "version": "1",
                "description": "Installs Dash Enterprise 5 on AKS; every call is idempotent.",
            },
            "servers": [{"url": "/api"}],
            "security": [{"functionKey": []}],
            "paths": _paths(),
            "components": {
                "securitySchemes": {
                    "functionKey": {"type": "apiKey", "in": "header", "name": "x-functions-key"}
                },
                "schemas": {
                    **definitions,
                    "InstallRequest": schema,
                    "Status": status(),
                    "Preflight": preflight(),
                    "Orphans": orphan_report(),
                    "Problem": _problem(),
                    "Accepted": closed({"name": TEXT, "statusUrl": TEXT}),
                },
            },
        }
    )


def _relocated(node: Any) -> Any:
    """References of a JSON Schema, as OpenAPI has them."""
    if isinstance(node, dict):
        found: JsonObject = {str(key): _relocated(value) for key, value in node.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] # any JSON
        reference = found.get("$ref")
        if isinstance(reference, str):
            found["$ref"] = reference.replace("#/$defs/", "#/components/schemas/")
        return found
    return [_relocated(item) for item in node] if isinstance(node, list) else node  # pyright: ignore[reportUnknownVariableType] # any JSON


def _paths() -> JsonObject:
    return {
        "/installations": {
            "post": {
                "operationId": "post_installation",
                "summary": "Start an installation, or resume a failed one.",
                "parameters": [_again()],
                "requestBody": _request("InstallRequest"),
                "responses": {
                    "202": _answer("Started.", "Accepted"),
                    "200": _answer("Finished before, with the same plan.", "Status"),
                    "409": _no("An installation of this name is running."),
                    **_bad_body(),
                },
            },
            "get": {
                "operationId": "list_installations",
                "summary": "All installations, newest first.",
                "responses": {"200": _answer("The list."), "401": _denied()},
            },
        },
        "/installations/{name}": _named(
            "get_installation", "One installation's status.", "Status", "installation"
        ),
        "/installations/{name}/cancel": _event("cancel_installation", "Cancel."),
        "/installations/{name}/events/{event}": _event("raise_event", "Open or close a gate."),
        "/orphans": _orphans(),
        "/preflights": {
            "post": {
                "operationId": "post_preflight",
                "summary": "Only the checks; creates nothing.",
                "requestBody": _request("InstallRequest"),
                "responses": {"202": _answer("Started.", "Accepted"), **_bad_body()},
            }
        },
        "/preflights/{name}": _named(
            "get_preflight", "Findings, plan and its hash of a preflight.", "Preflight", "preflight"
        ),
        "/health": _open("get_health", "Whether the durable extension is there.", {"503"}),
        "/openapi.json": _open("get_openapi", "This document."),
        "/schema/installation.json": _open("get_schema", "JSON Schema of a request."),
    }


def _named(operation: str, summary: str, schema: str | None, kind: str) -> JsonObject:
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "parameters": [_parameter("name", {"type": "string", "pattern": NAME})],
            "responses": {
                "200": _answer("Found.", schema),
                "404": _no(f"No {kind} has this name."),
                "401": _denied(),
            },
        }
    }


def _again() -> JsonObject:
    return {
        "name": "again",
        "in": "query",
        "required": False,
        "description": "Run once more what is finished, for a secret that has another value.",
        "schema": {"type": "boolean", "default": False},
    }


def _orphans() -> JsonObject:
    subscription = {
        "name": "subscriptionId",
        "in": "query",
        "required": False,
        "schema": {"type": "string", "format": "uuid"},
    }
    return {
        "get": {
            "operationId": "list_orphans",
            "summary": "Tagged resources of no installation that runs or succeeded; read only.",
            "parameters": [subscription],
            "responses": {
                "200": _answer("The report.", "Orphans"),
                "400": _no("subscriptionId is none."),
                "401": _denied(),
            },
        }
    }


_EVENT_BODIES: dict[str, JsonObject] = {
    "cancel_installation": {"by": TEXT, "clean": {"type": "boolean"}},
    "raise_event": {"by": TEXT, "planHash": TEXT, "reason": TEXT},
}


def _event(operation: str, summary: str) -> JsonObject:
    parameters = [_parameter("name", {"type": "string", "pattern": NAME})]
    if operation == "raise_event":
        events = ["approve", "reject", "dns-ready", "limits-set"]
        parameters.append(_parameter("event", {"type": "string", "enum": events}))
    return {
        "post": {
            "operationId": operation,
            "summary": summary,
            "parameters": parameters,
            "requestBody": {
                "required": False,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "properties": _EVENT_BODIES[operation],
                        }
                    }
                },
            },
            "responses": {
                "202": _answer("Raised.", "Accepted"),
                "404": _no("No installation has this name, or there is no such event."),
                "409": _no("It has ended, nothing waits for it, or another plan does."),
                **_bad_body(),
            },
        }
    }


def _open(operation: str, summary: str, more: set[str] | None = None) -> JsonObject:
    responses = {"200": _answer("The document.")} | {
        code: _no("Not usable.") for code in sorted(more or ())
    }
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "security": [],
            "responses": responses,
        }
    }


def _request(schema: str) -> JsonObject:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"required": True, "content": {"application/json": {"schema": reference}}}


def _answer(description: str, schema: str | None = None) -> JsonObject:
    reference = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    return {"description": description, "content": {"application/json": {"schema": reference}}}


def _no(description: str) -> JsonObject:
    reference = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {_PROBLEM: {"schema": reference}}}


def _denied() -> JsonObject:
    return {"description": "The function key is missing or wrong."}


def _bad_body() -> JsonObject:
    return {
        "400": _no("Not JSON, or every error of the request."),
        "401": _denied(),
        "413": _no("More than 64 KiB."),
    }


def _parameter(name: str, schema: JsonObject) -> JsonObject:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _problem() -> JsonObject:
    error = closed({"pointer": TEXT, "code": TEXT, "message": TEXT})
    return {
        "type": "object",
        "properties": {
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "errors": {"type": "array", "items": error},
        },
        "required": ["title", "status", "detail"],
    }
