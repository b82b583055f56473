"""The HTTP API: routes in, documents out; every rule lives elsewhere."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import cast

import azure.durable_functions as df
import azure.functions as func
from azure.durable_functions import DurableFunctionsClient

from model import wire
from model.installation_name import NAME_PATTERN
from model.settings import Settings
from triggers import _responses as responses
from triggers._health import health
from triggers._installations import Accepted, Active, Installations, ListMarked
from triggers._orphans import SUBSCRIPTION, report
from triggers._responses import BadBody

EVENTS = ("approve", "reject", "dns-ready", "limits-set")
"""External events of an installation that people raise."""

_DECISIONS = ("approve", "reject")
_NAME_LIMIT = 100
"""Characters of a name."""
_REASON_LIMIT = 200
"""Characters of a reason; it stands in the status."""

_OK, _ACCEPTED, _BAD, _NOT_FOUND, _CONFLICT = 200, 202, 400, 404, 409

type Handler = Callable[[func.HttpRequest, Installations], Awaitable[func.HttpResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One HTTP function: its name, route, method and handler."""

    name: str
    route: str
    method: str
    handle: Handler
    auth_level: func.AuthLevel = func.AuthLevel.FUNCTION


def register(app: df.DFApp, settings: Callable[[], Settings], marked: ListMarked) -> None:
    """Add the HTTP functions to ``app``; ``settings`` is called per request.

    ``marked`` is how the orphan report looks into Azure.
    """
    for route in ROUTES:
        _add(app, route, settings, marked)


def _add(app: df.DFApp, route: Route, settings: Callable[[], Settings], marked: ListMarked) -> None:
    async def function(req: func.HttpRequest, client: DurableFunctionsClient) -> func.HttpResponse:
        try:
            return await route.handle(req, Installations(client, settings(), marked=marked))
        except BadBody as bad:
            return bad.response

    function.__name__ = route.name
    bound = app.durable_client_input(client_name="client")(function)
    routed = app.route(route=route.route, methods=[route.method], auth_level=route.auth_level)
    app.function_name(route.name)(routed(bound))


async def post_installation(req: func.HttpRequest, known: Installations) -> func.HttpResponse:
    """Start, or resume after a failure; with ``?again=true`` also what is finished."""
    params = cast("Mapping[str, str]", req.params)
    again = params.get("again", "").lower() == "true"
    answer = await known.start(responses.body(req), again=again)
    if not isinstance(answer, Accepted):
        return responses.problems(answer)
    location = responses.url(req, f"installations/{answer.name}")
    match answer.outcome:
        case "finished":
            status = await known.find(answer.name)
            return responses.document(_OK, status, Location=location)
        case "running":
            detail = (
                f"An installation named {answer.name} is running, and what you sent now changes"
                " nothing of it; follow its status."
            )
            return responses.problem(_CONFLICT, "Already running", detail, status_url=location)
        case "started":
            return responses.accepted(answer.name, location)


async def post_preflight(req: func.HttpRequest, known: Installations) -> func.HttpResponse:
    """Only the checks; creates nothing."""
    answer = await known.check(responses.body(req))
    if not isinstance(answer, Accepted):
        return responses.problems(answer)
    return responses.accepted(answer.name, responses.url(req, f"preflights/{answer.name}"))


async def get_preflight(req: func.HttpRequest, known: Installations) -> func.HttpResponse:
    """Findings of a preflight."""
    name = _name(req)
    found = await known.find_preflight(name) if name else None
    return responses.document(_OK, found) if found else _missing("preflight")


async def list_installations(_: func.HttpRequest, known: Installations) -> func.HttpResponse:
    """All installations, newest first."""
    return responses.document(_OK, {"installations": await known.all()})


async def get_installation(req: func.HttpRequest, known: Installations) -> func.HttpResponse:
    """One installation's status."""
    name = _name(req)
    found = await known.find(name) if name else None
    return responses.document(_OK, found) if found else _missing("installation")


async def cancel_installation(req: func.HttpRequest, known: Installations) -> func.HttpResponse:
    """Cancel; ``{"clean": true}`` removes what was made."""
    return await _tell(req, known, "cancel")


async def raise_event(req: func.HttpRequest, known: Installations) -> func.HttpResponse:
    """Open or close a gate."""
    event = req.route_params["event"]
    if event not in EVENTS:
        detail = f"Events are: {', '.join(EVENTS)}."
        return responses.problem(_NOT_FOUND, "No such event", detail)
    return await _tell(req, known, event)


async def list_orphans(req: func.HttpRequest, known: Installations) -> func.HttpResponse:
    """What carries our tag and belongs to no installation that runs or succeeded; read only."""
    params = cast("Mapping[str, str]", req.params)
    asked = params.get("subscriptionId")
    if asked is not None and not SUBSCRIPTION.fullmatch(asked):
        detail = "subscriptionId is the id of a subscription."
        return responses.problem(_BAD, "Not a subscription", detail)
    return responses.document(_OK, await report(known, asked))


async def get_openapi(_: func.HttpRequest, __: Installations) -> func.HttpResponse:
    """The API's own description."""
    from model.openapi import openapi  # noqa: PLC0415 # a cold start pays for no schema

    return responses.document(_OK, openapi())


async def get_schema(_: func.HttpRequest, __: Installations) -> func.HttpResponse:
    """JSON Schema of a request."""
    from model.request import request_schema  # noqa: PLC0415 # the same

    return responses.document(_OK, request_schema())


async def get_health(_: func.HttpRequest, known: Installations) -> func.HttpResponse:
    """Whether durable functions and the app's identity can work, and who the app is."""
    return health(known)


ROUTES = (
    Route("post_installation", "installations", "POST", post_installation),
    Route("list_installations", "installations", "GET", list_installations),
    Route("get_installation", "installations/{name}", "GET", get_installation),
    Route("cancel_installation", "installations/{name}/cancel", "POST", cancel_installation),
    Route("raise_event", "installations/{name}/events/{event}", "POST", raise_event),
    Route("post_preflight", "preflights", "POST", post_preflight),
    Route("get_preflight", "preflights/{name}", "GET", get_preflight),
    Route("list_orphans", "orphans", "GET", list_orphans),
    Route("get_openapi", "openapi.json", "GET", get_openapi, func.AuthLevel.ANONYMOUS),
    Route("get_schema", "schema/installation.json", "GET", get_schema, func.AuthLevel.ANONYMOUS),
    Route("get_health", "health", "GET", get_health, func.AuthLevel.ANONYMOUS),
)


async def _tell(req: func.HttpRequest, known: Installations, event: str) -> func.HttpResponse:
    name = _name(req)
    found = await known.active(name) if name else "missing"
    if found == "missing":
        return _missing("installation")
    if not isinstance(found, Active):
        return _too_late(req, name, found)
    told = responses.optional_object(req)
    if event in EVENTS and event not in found.waits_for:
        where = responses.url(req, f"installations/{name}")
        detail = f"No stage of {name} waits for {event} now; its status tells when one does."
        return responses.problem(_CONFLICT, "Nothing waits for it", detail, status_url=where)
    if event in _DECISIONS and told.get("planHash") != found.plan_hash:
        sent = "planHash" in told
        detail = "Send the planHash of the plan that you have read" + (
            "; another plan waits." if sent else ": it is missing."
        )
        return responses.problem(_CONFLICT, "Not this plan", detail, plan_hash=found.plan_hash)
    payload = {
        "by": _who(req, told, known.settings),
        "planHash": found.plan_hash,
        "clean": told.get("clean") is True,
        "reason": str(told.get("reason", ""))[:_REASON_LIMIT],
    }
    await known.tell(name, event, payload)
    return responses.accepted(name, responses.url(req, f"installations/{name}"))


def _who(req: func.HttpRequest, told: wire.JsonObject, settings: Settings) -> str:
    """Who asks: a name that the platform's sign-in proved, else whatever the body says.

    Without sign-in the platform does not set the header, and anyone could send it:
    https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities
    """
    headers = cast("Mapping[str, str]", req.headers)
    proved = headers.get("x-ms-client-principal-name") if settings.signs_in else None
    if proved:
        return proved[:_NAME_LIMIT]
    claimed = str(told.get("by", ""))[:_NAME_LIMIT]
    return f"{claimed} (not signed in)" if claimed else "somebody (not signed in)"


def _too_late(req: func.HttpRequest, name: str, how: str) -> func.HttpResponse:
    """409 for what has ended, or is ending and listens to nothing more."""
    where = responses.url(req, f"installations/{name}")
    if how == "ending":
        detail = f"{name} is ending already and tidies up; follow its status."
        return responses.problem(_CONFLICT, "Already ending", detail, status_url=where)
    detail = (
        f"{name} has ended, and nothing of it runs. Posting its request again resumes what failed;"
        " what succeeded is removed with its resource group."
    )
    return responses.problem(_CONFLICT, "Not running", detail, status_url=where)


def _name(req: func.HttpRequest) -> str:
    """The name in the route; empty when it cannot be one, so that no instance id is guessed."""
    name = req.route_params["name"]
    return name if NAME_PATTERN.fullmatch(name) else ""


def _missing(kind: str) -> func.HttpResponse:
    return responses.problem(_NOT_FOUND, f"No such {kind}", f"No {kind} has this name.")
