"""From an HTTP request to the operation that answers it: who asks, and whether they may."""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from emulator.azure.api_versions import check_version
from emulator.azure.arm_error import SERVICE_CODES, ArmError
from emulator.azure.calls import Answer, Call, Caller, Route
from emulator.azure.cloud_metadata import ENDPOINTS
from emulator.azure.rbac import Rbac, not_authorized, scope_of
from emulator.azure.response_headers import ResponseHeaders
from emulator.azure.routing import Router, tidy
from emulator.azure.state import State
from emulator.journal import CALLER

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LOG = logging.getLogger(__name__)


class FrontDoor:
    """Azure Resource Manager in front of its resource providers.

    Args:
        rbac: The roles that are enforced now; None when everyone is Owner.
        url: The endpoint's own address, known once it listens.
    """

    def __init__(
        self,
        state: State,
        router: Router,
        rbac: Callable[[], Rbac | None],
        url: Callable[[], str],
    ) -> None:
        self._state = state
        self._router = router
        self._rbac = rbac
        self._url = url
        self._headers = ResponseHeaders(state.clock)

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn refusals and bugs into answers, and complete every answer's headers."""
        if is_login(request.path):
            return await _log_in(request, handler)
        try:
            answer = await handler(request)
        except ArmError as error:
            answer = response(error.answer())
        except web.HTTPException as stopped:
            code = SERVICE_CODES.get(stopped.status, "BadRequest")
            answer = response(ArmError(stopped.status, code, stopped.reason).answer())
        except Exception as failure:  # noqa: BLE001 # a bug answers 500, as a service does
            _LOG.exception("%s %s broke", request.method, request.path)
            answer = response(ArmError(500, "InternalServerError", type(failure).__name__).answer())
        self._headers.add(request, answer)
        return answer

    async def dispatch(self, request: web.Request) -> web.Response:
        """Answer a request of any path.

        Raises:
            ArmError: Refused, or not there.
        """
        path = request.rel_url.raw_path
        found = self._router.find(request.method, path)
        if found is not None and found[0].template == ENDPOINTS:
            return response(await found[0].handle(await self._call(request, {}, _NOBODY)))
        caller = self._authenticate(request)
        if found is None:
            raise self._unknown(request.method, path)
        route, params = found
        call = await self._call(request, params, caller)
        if "subscription" in params:
            if self._state.throttle is not None:
                self._state.throttle.check(request.method, params["subscription"], caller.object_id)
            self._state.subscription(params["subscription"])
        check_version(route, call)
        self._authorize(route, call)
        self._check_registered(route, call)
        if route.method in ("PUT", "PATCH") and not isinstance(call.body, dict):
            raise ArmError(
                400,
                "InvalidRequestContent",
                "The request content was invalid and could not be deserialized: it is no object.",
                flat=route.flat,
            )
        return response(await route.handle(call))

    def _authenticate(self, request: web.Request) -> Caller:
        audiences = (
            "https://management.azure.com",
            "https://management.core.windows.net",
            self._url(),
            f"{request.scheme}://{request.host}",
        )
        challenge = f'Bearer authorization_uri="{self._url()}/{self._state.directory.tenant_id}"'
        caller = self._state.directory.caller(
            request.headers.get("Authorization", ""), audiences, challenge
        )
        request[CALLER] = caller.object_id
        return caller

    async def _call(self, request: web.Request, params: dict[str, str], caller: Caller) -> Call:
        base = f"{request.scheme}://{request.host}"
        return Call(
            method=request.method,
            path=tidy(request.rel_url.path),
            params=params,
            query={
                k.lower(): v for k, v in parse_qsl(request.query_string, keep_blank_values=True)
            },
            headers=request.headers,
            body=await _body(request),
            caller=caller,
            base=base,
            raw=f"{base}{request.raw_path}",
        )

    def _authorize(self, route: Route, call: Call) -> None:
        rbac = self._rbac()
        if rbac is None or not route.action:
            return
        action = route.action.format_map(call.params)
        scope = scope_of(call.path)
        if not rbac.allows(call.caller.object_id, action, scope):
            raise not_authorized(call.caller, action, scope)

    def _check_registered(self, route: Route, call: Call) -> None:
        namespace = route.api.partition("/")[0]
        if call.method == "PUT" and not self._state.registered(namespace):
            raise ArmError(
                409,
                "MissingSubscriptionRegistration",
                f"The subscription is not registered to use namespace '{namespace}'. See "
                "https://aka.ms/rps-not-found for how to register subscriptions.",
            )

    def _unknown(self, method: str, path: str) -> ArmError:
        if self._router.knows(path):
            return ArmError(
                405,
                "HttpMethodNotSupported",
                f"The requested resource does not support http method '{method}'.",
            )
        return ArmError(
            404, "NotFound", f"No HTTP resource was found that matches the request URI '{path}'."
        )


_NOBODY = Caller(object_id="", client_id="", tenant_id="")


async def _log_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The login server's answer; ARM's refusal of a path of its is told in its own shape."""
    try:
        return await handler(request)
    except ArmError:
        error = {"error": "invalid_request", "error_description": "This is not served here."}
        return web.json_response(error, status=404)


def is_login(path: str) -> bool:
    """Whether a path is the login server's, which shares ARM's port here."""
    return "/oauth2/" in path or path.endswith(
        ("/.well-known/openid-configuration", "/discovery/instance", "/discovery/v2.0/keys")
    )


async def _body(request: web.Request) -> Any:
    text = await request.text()
    if not text:
        return {}
    try:
        return json.loads(text)
    except json.JSONDecodeError as wrong:
        raise ArmError(
            400,
            "InvalidRequestContent",
            f"The request content was invalid and could not be deserialized: '{wrong.msg}'.",
        ) from wrong


def response(answer: Answer) -> web.Response:
    """An answer as HTTP."""
    if answer.body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    return web.json_response(answer.body, status=answer.status, headers=answer.headers)
