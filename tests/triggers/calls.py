"""Calls the HTTP handlers as the host would, on a hub in memory."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

import azure.functions as func

from model import wire
from model.orphans import Marked
from model.planning import build_plan
from model.progress import Progress, encode
from model.request import InstallRequest, parse_request
from model.settings import Settings
from tests.model.samples import sample
from tests.triggers.hub import NOON, Hub
from triggers._installations import Installations
from triggers._responses import BadBody
from triggers.http import ROUTES

BASE = "https://app.example.com/api"
START = NOON.replace(tzinfo=None)


def nothing_marked(_: str) -> list[Marked]:
    """A subscription without anything of ours."""
    return []


@dataclass
class Api:
    """The API of an app whose hub is ``hub`` and whose clock stands."""

    hub: Hub = field(default_factory=Hub)
    settings: Settings = field(default_factory=Settings)
    now: Any = NOON
    marked: Any = nothing_marked

    @property
    def known(self) -> Installations:
        """What handlers get."""
        return Installations(self.hub.client, self.settings, lambda: self.now, self.marked)

    def call(self, function: str, body: Any = None, **given: Any) -> func.HttpResponse:
        """One call; ``given`` are path parameters, ``headers``, ``params`` and a ``raw`` body."""
        route = next(route for route in ROUTES if route.name == function)
        raw = given.pop("raw", b"" if body is None else json.dumps(body).encode())
        headers, params = given.pop("headers", {}), given.pop("params", {})
        request = func.HttpRequest(
            method=route.method,
            url=f"{BASE}/{route.route.format(**given)}",
            headers=headers,
            params=params,
            route_params=given,
            body=raw,
        )
        try:
            return asyncio.run(_awaited(route.handle(request, self.known)))
        except BadBody as bad:
            return bad.response


async def _awaited(answer: Awaitable[func.HttpResponse]) -> func.HttpResponse:
    return await answer


def document(answer: func.HttpResponse) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.get_body())


def encoded_plan(**changes: Any) -> wire.JsonObject:
    """The input of an installation as a post of the sample makes it."""
    request = parse_request(sample(**changes))
    assert isinstance(request, InstallRequest)
    submitted = NOON.isoformat(timespec="milliseconds")
    return wire.encode(build_plan(request, Settings(), attempt=1, submitted_at=submitted))


def progress(plan: wire.JsonObject, **changes: Any) -> Progress:
    """Progress of the plan's first run, at its start."""
    facts: dict[str, Any] = {"attempt": 1, "started_at": START, **changes}
    return Progress(run_id=plan["runId"], plan_hash=plan["planHash"], **facts)


def custom(plan: wire.JsonObject, **changes: Any) -> wire.JsonObject:
    """The same as a custom status."""
    return encode(progress(plan, **changes))
