"""The HTTP API: routes in, documents out; every rule lives elsewhere."""

import json
from collections.abc import Callable
from typing import Any

import azure.durable_functions as df
import azure.functions as func
from azure.durable_functions import DurableFunctionsClient

from model import wire
from model.openapi import openapi
from model.problem import Problem, problem_document
from model.request import NAME_PATTERN, request_schema
from model.settings import Settings
from triggers._installations import Accepted, Installations

BODY_LIMIT = 64 * 1024
"""Bytes of a request body; a plan must fit into 24 KB."""

RETRY_AFTER = "5"
"""Seconds after which the status is worth another look."""

EVENTS = ("approve", "reject", "dns-ready", "limits-set")


def register(app: df.DFApp, settings: Callable[[], Settings]) -> None:
    """Add the HTTP functions to ``app``; ``settings`` is called per request."""

    def installations(client: DurableFunctionsClient) -> Installations:
        return Installations(client, settings())

    @app.function_name("post_installation")
    @app.route(route="installations", methods=["POST"])
    @app.durable_client_input(client_name="client")
    async def post_installation(
        req: func.HttpRequest, client: DurableFunctionsClient
    ) -> func.HttpResponse:
        payload = _body(req)
        if isinstance(payload, func.HttpResponse):
            return payload
        return await _accepted(req, await installations(client).start(payload), installations(client))

    @app.function_name("post_preflight")
    @app.route(route="preflights", methods=["POST"])
    @app.durable_client_input(client_name="client")
    async def post_preflight(
        req: func.HttpRequest, client: DurableFunctionsClient
    ) -> func.HttpResponse:
        payload = _body(req)
        if isinstance(payload, func.HttpResponse):
            return payload
        accepted = await installations(client).check(payload)
        if not isinstance(accepted, Accepted):
            return _problems(accepted)
        location = _url(req, f"preflights/{accepted.name}")
        return _json(202, {"name": accepted.name, "status": location}, Location=location)

    @app.function_name("get_preflight")
    @app.route(route="preflights/{name}", methods=["GET"])
    @app.durable_client_input(client_name="client")
    async def get_preflight(
        req: func.HttpRequest, client: DurableFunctionsClient
    ) -> func.HttpResponse:
        name = req.route_params["name"]
        known = await installations(client).find_preflight(name) if _named(name) else None
        return _json(200, known) if known else _missing("preflight")

    @app.function_name("list_installations")
    @app.route(route="installations", methods=["GET"])
    @app.durable_client_input(client_name="client")
    async def list_installations(
        req: func.HttpRequest,  # noqa: ARG001 # the trigger's binding
        client: DurableFunctionsClient,
    ) -> func.HttpResponse:
        return _json(200, {"installations": await installations(client).list()})

    @app.function_name("get_installation")
    @app.route(route="installations/{name}", methods=["GET"])
    @app.durable_client_input(client_name="client")
    async def get_installation(
        req: func.HttpRequest, client: DurableFunctionsClient
    ) -> func.HttpResponse:
        name = req.route_params["name"]
        known = await installations(client).find(name) if _named(name) else None
        return _json(200, known) if known else _missing("installation")

    @app.function_name("cancel_installation")
    @app.route(route="installations/{name}/cancel", methods=["POST"])
    @app.durable_client_input(client_name="client")
    async def cancel_installation(
        req: func.HttpRequest, client: DurableFunctionsClient
    ) -> func.HttpResponse:
        return await _raise_event(req, installations(client), "cancel")

    @app.function_name("raise_event")
    @app.route(route="installations/{name}/events/{event}", methods=["POST"])
    @app.durable_client_input(client_name="client")
    async def raise_event(
        req: func.HttpRequest, client: DurableFunctionsClient
    ) -> func.HttpResponse:
        event = req.route_params["event"]
        if event not in EVENTS:
            return _problem(404, "No such event", f"Events are: {', '.join(EVENTS)}.")
        return await _raise_event(req, installations(client), event)

    @app.function_name("get_openapi")
    @app.route(route="openapi.json", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
    def get_openapi(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 # the binding
        return _json(200, openapi())

    @app.function_name("get_schema")
    @app.route(
        route="schema/installation.json", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS
    )
    def get_schema(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 # the binding
        return _json(200, request_schema())

    @app.function_name("get_health")
    @app.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
    @app.durable_client_input(client_name="client")
    async def get_health(
        req: func.HttpRequest,  # noqa: ARG001 # the trigger's binding
        client: DurableFunctionsClient,
    ) -> func.HttpResponse:
        if not client.rpcBaseUrl:
            return _problem(
                503,
                "Durable extension too old",
                "The host opened no gRPC endpoint; use the extension bundle named in host.json.",
            )
        return _json(200, {"status": "ok", "taskHub": client.taskHubName})


async def _accepted(
    req: func.HttpRequest, answer: Accepted | tuple[Problem, ...], known: Installations
) -> func.HttpResponse:
    if not isinstance(answer, Accepted):
        return _problems(answer)
    location = _url(req, f"installations/{answer.name}")
    if answer.outcome == "finished":
        return _json(200, await known.find(answer.name), Location=location)
    if answer.outcome == "running":
        return _problem(
            409,
            "Already running",
            f"An installation named {answer.name} is running; follow its status.",
            status=location,
        )
    body = {"name": answer.name, "status": location}
    return _json(202, body, Location=location, **{"Retry-After": RETRY_AFTER})


async def _raise_event(req: func.HttpRequest, known: Installations, event: str) -> func.HttpResponse:
    name = req.route_params["name"]
    progress = await known.active(name) if _named(name) else "missing"
    if progress == "missing":
        return _missing("installation")
    if progress == "ended":
        return _problem(409, "Not running", f"{name} has ended; post its request to resume.")
    payload = _body(req) if req.get_body() else {}
    if isinstance(payload, func.HttpResponse):
        return payload
    told = payload if isinstance(payload, dict) else {}
    if event in ("approve", "reject") and told.get("planHash") != progress.plan_hash:
        return _problem(
            409,
            "Not this plan",
            "Send planHash of the plan you have read; it is not the plan that waits.",
            planHash=progress.plan_hash,
        )
    by = req.headers.get("x-ms-client-principal-name") or str(told.get("by", "somebody"))
    await known.tell(
        name,
        event,
        {"by": by[:100], "planHash": progress.plan_hash, "clean": told.get("clean") is True},
    )
    return _json(202, {"name": name, "event": event}, Location=_url(req, f"installations/{name}"))


def _body(req: func.HttpRequest) -> Any:
    """The JSON body; a response when it is none."""
    raw = req.get_body()
    if len(raw) > BODY_LIMIT:
        return _problem(413, "Too large", f"A request body has at most {BODY_LIMIT} bytes.")
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return _problem(400, "Not JSON", "Send one JSON object in UTF-8.")


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _named(name: str) -> bool:
    return NAME_PATTERN.fullmatch(name) is not None


def _url(req: func.HttpRequest, path: str) -> str:
    base, _, _ = req.url.partition("/api/")
    return f"{base}/api/{path}"


def _json(code: int, body: Any, **headers: str) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps(body), status_code=code, mimetype="application/json", headers=headers
    )


def _problems(problems: tuple[Problem, ...]) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps(problem_document(problems)),
        status_code=400,
        mimetype="application/problem+json",
    )


def _problem(code: int, title: str, detail: str, **more: str) -> func.HttpResponse:
    document: wire.JsonObject = {"title": title, "status": code, "detail": detail, **more}
    headers = {"Location": more["status"]} if "status" in more else {}
    return func.HttpResponse(
        json.dumps(document),
        status_code=code,
        mimetype="application/problem+json",
        headers=headers,
    )


def _missing(kind: str) -> func.HttpResponse:
    return _problem(404, f"No such {kind}", f"Nobody posted an {kind} of this name.".replace("an p", "a p"))
