"""The product's GraphQL API: runs an operator's document and checks beforehand that it can."""

import http.client
import json
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from model.endpoint import Endpoint
from model.errors import Busy, Refusal
from model.ownership import MANAGED_BY

type JsonObject = dict[str, Any]

_TEXT_LIMIT = 256
_BODY_LIMIT = 4 * 1024 * 1024
_BUSY = frozenset({429, 502, 503, 504})
_MUTATIONS = """query Mutations {
  __schema { mutationType { fields(includeDeprecated: true) {
    name args { name defaultValue type { kind } }
  } } }
}"""


class GraphQlFault(Exception):
    """The API did not answer, or answered no GraphQL; a repeat may help."""


@dataclass(frozen=True, slots=True)
class RootField:
    """One field that an operation asks of the schema's root, and the arguments it gives."""

    name: str
    arguments: frozenset[str]


class GraphQl:
    """The API at ``api-<base domain>``, for one bearer of a token.

    Args:
        endpoint: Where the API's host name is reached.
        token: Access token of the product's realm.
        path: Of the endpoint.
        timeout: Seconds for connecting and for every read.
    """

    def __init__(
        self, endpoint: Endpoint, *, token: str, path: str = "/graphql", timeout: float = 10.0
    ) -> None:
        self._endpoint = endpoint
        self._token = token
        self._path = path
        self._timeout = timeout

    def run(self, document: str, variables: Mapping[str, Any]) -> JsonObject:
        """The ``data`` that one operation, query or mutation, answers with.

        Raises:
            Refusal: limits-refused; the API named an error, which is quoted.
            Busy: The API asks to come back later.
            GraphQlFault: No connection, or an answer that is no GraphQL.
        """
        status, answer = self._post(document, variables)
        errors = cast("list[JsonObject]", answer.get("errors") or [])
        if not errors and status == http.client.OK:
            return cast("JsonObject", answer.get("data") or {})
        if _internal(errors):
            raise GraphQlFault(f"{self._endpoint.host}: HTTP {status}: {_quoted(errors)}")
        raise Refusal("limits-refused", f"HTTP {status}: {_quoted(errors)}")

    def check_mutation(self, document: str) -> bool:
        """Ask the schema whether the document's mutations exist with just these arguments.

        Returns:
            True when they do; False when the API does not tell its schema.

        Raises:
            Refusal: limits-mutation-missing, or limits-refused when the token opens nothing.
            Busy: As ``run``.
            GraphQlFault: As ``run``.
        """
        wanted = mutation_fields(document)
        status, answer = self._post(_MUTATIONS, {})
        errors = cast("list[JsonObject]", answer.get("errors") or [])
        if any("introspection" in str(error.get("message", "")).lower() for error in errors):
            return False
        if errors or status != http.client.OK:
            raise Refusal("limits-refused", f"HTTP {status}: {_quoted(errors)}")
        mutation_type: JsonObject = answer["data"]["__schema"]["mutationType"] or {"fields": []}
        known: dict[str, list[JsonObject]] = {
            field["name"]: field["args"] for field in mutation_type["fields"]
        }
        for field in wanted:
            _check_field(field, known)
        return True

    def _post(self, document: str, variables: Mapping[str, Any]) -> tuple[int, JsonObject]:
        status, retry_after, raw = self._exchange(
            json.dumps({"query": document, "variables": dict(variables)}).encode()
        )
        host = self._endpoint.host
        if status in _BUSY:
            raise Busy(f"{host} answers HTTP {status}", retry_after)
        try:
            answer = json.loads(raw)
        except ValueError:
            answer = None
        if isinstance(answer, dict) and ("data" in answer or "errors" in answer):
            return status, cast("JsonObject", answer)
        if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
            return status, {"errors": [{"message": "the token opens nothing here"}]}
        raise GraphQlFault(f"{host}{self._path} answers HTTP {status} and no GraphQL")

    def _exchange(self, body: bytes) -> tuple[int, int | None, bytes]:
        """Status, seconds of ``Retry-After`` and body of one POST."""
        endpoint = self._endpoint
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": MANAGED_BY,
        }
        request = http.client.HTTPSConnection(endpoint.host, timeout=self._timeout)
        try:
            request.sock = _open(endpoint, self._timeout)
            request.request("POST", self._path, body=body, headers=headers)
            answer = request.getresponse()
            raw = answer.read(_BODY_LIMIT)
        except (http.client.HTTPException, OSError) as broken:
            raise GraphQlFault(f"{endpoint.host}: {type(broken).__name__}: {broken}") from broken
        finally:
            request.close()
        wait = answer.headers.get("Retry-After", "")
        return answer.status, int(wait) if wait.isdigit() else None, raw


def mutation_fields(document: str) -> tuple[RootField, ...]:
    """The root fields of a document's first mutation.

    Raises:
        Refusal: limits-mutation-missing; there is no mutation, or its brackets do not match.
    """
    tokens = (str(token) for token in _TOKEN.findall(document) if token)
    try:
        while (token := next(tokens)) != "mutation":
            if token in _CLOSING:
                _skip(tokens, token)
        while (token := next(tokens)) != "{":
            if token in _CLOSING:
                _skip(tokens, token)
        return tuple(_fields(tokens))
    except StopIteration:
        raise Refusal(
            "limits-mutation-missing", "the document holds no complete mutation"
        ) from None


_TOKEN = re.compile(r'(?:#[^\n]*)|("""(?:.|\n)*?"""|"(?:\\.|[^"\\\n])*"|\.\.\.|[\w-]+|[^\s,\w])')
"""GraphQL's tokens, strings whole, comments as an empty group
(https://spec.graphql.org/October2021/#sec-Language.Source-Text)."""
_CLOSING = {"(": ")", "{": "}", "[": "]"}


def _fields(tokens: Iterator[str]) -> list[RootField]:
    """Root fields up to the closing brace; what is nested in them is skipped."""
    names: list[str] = []
    arguments: list[set[str]] = []
    token = next(tokens)
    while token != "}":  # noqa: S105 - a brace, no secret
        following = ""
        if token == "(":  # noqa: S105 - a bracket, no secret
            arguments[-1] |= _argument_names(tokens)
        elif token in _CLOSING:
            _skip(tokens, token)
        elif token == "@":  # noqa: S105 - a sign, no secret
            next(tokens)
            following = next(tokens)
            if following == "(":
                _skip(tokens, following)
                following = ""
        elif token == ":":  # noqa: S105 - what stood before was an alias
            names[-1] = next(tokens)
        else:
            names.append(token)
            arguments.append(set())
        token = following or next(tokens)
    return [RootField(name, frozenset(given)) for name, given in zip(names, arguments, strict=True)]


def _argument_names(tokens: Iterator[str]) -> set[str]:
    names: set[str] = set()
    before = ""
    while (token := next(tokens)) != ")":
        if token == ":":  # noqa: S105 - a sign, no secret
            names.add(before)
        elif token in _CLOSING:
            _skip(tokens, token)
        before = token
    return names


def _skip(tokens: Iterator[str], opening: str) -> None:
    """Pass everything up to the bracket that closes ``opening``."""
    while (token := next(tokens)) != _CLOSING[opening]:
        if token in _CLOSING:
            _skip(tokens, token)


def _check_field(field: RootField, known: Mapping[str, list[JsonObject]]) -> None:
    missing = "limits-mutation-missing"
    if field.name not in known:
        raise Refusal(missing, f"the API has no mutation {field.name}")
    arguments = {argument["name"]: argument for argument in known[field.name]}
    unknown = sorted(field.arguments - arguments.keys())
    if unknown:
        raise Refusal(missing, f"mutation {field.name} takes no argument {', '.join(unknown)}")
    required = {
        name
        for name, argument in arguments.items()
        if argument["type"]["kind"] == "NON_NULL" and argument["defaultValue"] is None
    }
    absent = sorted(required - field.arguments)
    if absent:
        raise Refusal(missing, f"mutation {field.name} needs the argument {', '.join(absent)}")


def _open(endpoint: Endpoint, timeout: float) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=endpoint.ca_file or None)
    plain = socket.create_connection((endpoint.address, endpoint.port), timeout)
    try:
        return context.wrap_socket(plain, server_hostname=endpoint.host)
    except BaseException:
        plain.close()
        raise


def _internal(errors: list[JsonObject]) -> bool:
    """Whether the API broke instead of saying no (Apollo's code for that)."""
    extensions: list[JsonObject] = [error.get("extensions") or {} for error in errors]
    return not errors or any(e.get("code") == "INTERNAL_SERVER_ERROR" for e in extensions)


def _quoted(errors: list[JsonObject]) -> str:
    return "; ".join(str(error.get("message", "")) for error in errors)[:_TEXT_LIMIT]
