"""The product's GraphQL API, as far as limits go.

The true operation for System Limits is not published. This one is invented in the style of the
operations that are, so that a document supplied by an operator can be checked, run and read back.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import graphql
from aiohttp import web

from emulator.journal import CALLER

type Claims = dict[str, Any]
type Authenticate = Callable[[str], Awaitable[Claims | None]]
"""Turns an access token into its claims; None for a token that is not good."""

_SCHEMA = graphql.build_schema("""
    type SystemLimits { maxPods: Int! maxVolumes: Int! }
    input UpdateSystemLimitsInput { maxPods: Int! maxVolumes: Int! }
    type Query { systemLimits: SystemLimits! }
    type Mutation { updateSystemLimits(input: UpdateSystemLimitsInput!): SystemLimits! }
""")

_graphql: Any = graphql  # the library's hints have gaps; its result is typed where it is used


@dataclass(slots=True)
class SystemLimits:
    """The stored limits; a fresh installation has placeholders."""

    pods: int = 100
    volumes: int = 100

    def representation(self) -> dict[str, int]:
        """GraphQL's ``SystemLimits``."""
        return {"maxPods": self.pods, "maxVolumes": self.volumes}


@dataclass(frozen=True, slots=True)
class _Root:
    """Resolvers of the root fields, for one caller."""

    limits: SystemLimits
    roles: frozenset[str]

    def systemLimits(self, _info: object) -> dict[str, int]:  # noqa: N802 - the schema's name
        self._require_admin()
        return self.limits.representation()

    def updateSystemLimits(  # noqa: N802 - the schema's name
        self,
        _info: object,
        input: dict[str, int],  # noqa: A002 - the schema's name
    ) -> dict[str, int]:
        self._require_admin()
        if min(input.values()) < 1:
            raise _refused("Limits must be positive", "BAD_USER_INPUT")
        self.limits.pods, self.limits.volumes = input["maxPods"], input["maxVolumes"]
        return self.limits.representation()

    def _require_admin(self) -> None:
        if "admin" not in self.roles:
            raise _refused("Forbidden resource", "FORBIDDEN")


def graphql_handler(
    limits: SystemLimits, authenticate: Authenticate
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler of ``POST /graphql``: a bearer token of realm ``dash`` opens it."""

    async def answer(request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        claims = await authenticate(token)
        if claims is None:
            denied = {"message": "Unauthorized", "extensions": {"code": "UNAUTHENTICATED"}}
            return web.json_response({"errors": [denied]}, status=401)
        request[CALLER] = claims["preferred_username"]
        access = claims["resource_access"].get("dash", {"roles": []})
        asked = await request.json()
        result: graphql.ExecutionResult = _graphql.graphql_sync(
            _SCHEMA,
            asked.get("query", ""),
            root_value=_Root(limits, frozenset(access["roles"])),
            variable_values=asked.get("variables"),
            operation_name=asked.get("operationName"),
        )
        status = 400 if result.errors and result.data is None and _not_run(result) else 200
        return web.json_response(result.formatted, status=status)

    return answer


def _not_run(result: graphql.ExecutionResult) -> bool:
    """Whether the document failed to parse or validate: such errors have no path."""
    return all(error.path is None for error in result.errors or [])


def _refused(message: str, code: str) -> graphql.GraphQLError:
    return graphql.GraphQLError(message, extensions={"code": code})
