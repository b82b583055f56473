"""HTTP requests to functions and their answers back, as the Functions host passes them on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from emulator.functions_host.bodies import read_body
from emulator.functions_host.keys import Keys, presented_key
from emulator.functions_host.messages import Message, TypedData
from emulator.functions_host.routes import Route, compile_route
from emulator.functions_host.worker import Answer, AppDoesNotLoad, Function

type Run = Callable[[Function, TypedData], Awaitable[Answer]]
"""Runs a function with the value of its trigger; the host adds its other inputs."""

_RESERVED = ("admin", "runtime")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One HTTP function and where it is found."""

    function: Function
    route: Route

    @property
    def level(self) -> str:
        """Authorization level in lower case; ``function`` when the trigger says nothing."""
        return str(self.function.trigger.get("authLevel") or "function").lower()

    def listing(self, url: str) -> str:
        """The line that ``func start`` prints for it."""
        methods = ",".join(sorted(self.route.methods))
        shown = f" [{methods}]" if methods else ""
        return f"{self.function.name}:{shown} {url}/{self.route.template}"


def endpoints(functions: tuple[Function, ...], prefix: str) -> tuple[Endpoint, ...]:
    """Every HTTP function, in the order in which routes are tried.

    Raises:
        AppDoesNotLoad: A route is malformed or belongs to the host.
    """
    found: list[Endpoint] = []
    for function in functions:
        if function.kind != "httptrigger":
            continue
        own = function.trigger.get("route")
        template = str(own if own is not None else function.name).strip("/")
        whole = f"{prefix}/{template}" if prefix else template
        if whole.split("/")[0].lower() in _RESERVED:
            raise AppDoesNotLoad(
                f"The route of '{function.name}' conflicts with the host's own: {whole}"
            )
        try:
            route = compile_route(whole, function.trigger.get("methods") or ())
        except ValueError as error:
            raise AppDoesNotLoad(f"The route of '{function.name}' is wrong: {error}") from error
        found.append(Endpoint(function, route))
    return tuple(sorted(found, key=lambda e: (*e.route.rank, 9)))


class HttpTriggers:
    """Finds the function of a request, checks its key, runs it and words its answer."""

    def __init__(self, found: tuple[Endpoint, ...], run: Run, keys: Keys, *, enforce: bool) -> None:
        self._endpoints = found
        self._run = run
        self._keys = keys
        self._enforce = enforce

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request; 404 when no function takes this path with this method.

        Not 405, as the host does: https://github.com/Azure/azure-functions-host/issues/10098.
        """
        path = request.rel_url.raw_path.lstrip("/")
        for endpoint in self._endpoints:
            if endpoint.route.methods and request.method not in endpoint.route.methods:
                continue
            parameters = endpoint.route.match(path)
            if parameters is not None:
                return await self._call(endpoint, request, parameters)
        return web.Response(status=404)

    async def _call(
        self, endpoint: Endpoint, request: web.Request, parameters: dict[str, str]
    ) -> web.StreamResponse:
        function = endpoint.function
        shown = presented_key(request)
        if self._enforce and not self._keys.opens(shown, endpoint.level, function.name):
            return web.Response(status=401)
        answer = await self._run(function, await _trigger_data(request, parameters))
        if not answer.ok:
            return web.Response(status=500)
        return _response(function, answer)


async def _trigger_data(request: web.Request, parameters: dict[str, str]) -> TypedData:
    """The request as the worker reads it, its body whole; repeated headers are joined."""
    body = await read_body(request)
    return TypedData(
        http=Message(
            method=request.method,
            url=str(request.url),
            headers=_joined(request.headers.items()),
            params=parameters,
            query=_joined(request.query.items()),
            body=TypedData(bytes=body),
        )
    )


def _joined(pairs: Any) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        known = next((k for k in joined if k.lower() == name.lower()), None)
        if known is None:
            joined[name] = value
        else:
            joined[known] = f"{joined[known]},{value}"
    return joined


def _response(function: Function, answer: Answer) -> web.Response:
    """What the function returned, or put into its HTTP output binding."""
    value = answer.returned
    for binding in function.bindings:
        if str(binding["type"]).lower() == "http" and binding["name"] in answer.outputs:
            value = answer.outputs[str(binding["name"])]
    if value is None or value.kind is None:
        return web.Response(status=204)
    if value.kind != "http":
        text = value.value if isinstance(value.value, str) else str(value.value)
        return web.Response(text=text, content_type="text/plain", charset="utf-8")
    http = value.value
    headers = CIMultiDict[str](
        (name, text) for name, text in http.headers.items() if name.lower() != "content-length"
    )
    body = http.body.value if http.body is not None else b""
    response = web.Response(
        status=int(http.status_code),
        headers=headers,
        body=body.encode() if isinstance(body, str) else body,
    )
    for cookie in http.cookies or ():
        _set_cookie(response, cookie)
    return response


def _set_cookie(response: web.Response, cookie: Any) -> None:
    expires = _plain(cookie.expires)
    response.set_cookie(
        cookie.name,
        cookie.value,
        domain=_plain(cookie.domain),
        path=_plain(cookie.path) or "/",
        expires=expires.strftime("%a, %d %b %Y %H:%M:%S GMT")
        if isinstance(expires, datetime)
        else None,
        secure=bool(_plain(cookie.secure)),
        httponly=bool(_plain(cookie.http_only)),
        max_age=None if _plain(cookie.max_age) is None else int(_plain(cookie.max_age)),
        samesite=cookie.same_site or None,
    )


def _plain(nullable: Any) -> Any:
    """What a nullable message holds; None for none."""
    return getattr(nullable, "value", None)
