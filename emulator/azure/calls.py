"""What a handler of the emulated Azure gets and gives."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

type JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whose token a request carries.

    Attributes:
        object_id: Object id of the principal; what role assignments name.
        client_id: Application id, or that of the managed identity.
    """

    object_id: str
    client_id: str
    tenant_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authenticated request.

    Attributes:
        params: Path values as the caller spelled them.
        query: Query values by lower-case name.
        base: Scheme, host and port as the caller reached us: absolute URLs are built on it.
        path: The path alone, decoded.
        raw: The whole URL, for continuation links.
    """

    method: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    caller: Caller
    base: str
    raw: str

    def __getitem__(self, name: str) -> str:
        return self.params[name]

    @property
    def version(self) -> str:
        """The api-version asked for."""
        return self.query.get("api-version", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back; ``body`` None means no content at all."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict[str, str])


type Handle = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation of a resource provider.

    Attributes:
        template: Path with ``{names}``; literals match in any case.
        action: What RBAC must allow, ``{names}`` filled from the path; empty for everyone.
        api: Key of ``API_VERSIONS``; empty where no version is demanded.
        flat: Which error shape the provider uses for requests that it cannot read.
    """

    method: str
    template: str
    handle: Handle
    action: str = ""
    api: str = ""
    flat: bool = False


def member(document: JsonObject, name: str) -> JsonObject:
    """The object at ``name``; an empty one when it is absent or null."""
    held: JsonObject | None = document.get(name)
    return held or {}


def rows(document: JsonObject, name: str) -> list[JsonObject]:
    """The list of objects at ``name``; an empty one when it is absent or null."""
    held: list[JsonObject] | None = document.get(name)
    return held or []


def listing(call: Call, items: list[JsonObject], page_size: int) -> Answer:
    """One page of ``items`` with the link to the next; ``$top`` asks for smaller pages."""
    size = min(int(call.query.get("$top") or page_size), page_size)
    start = int(call.query.get("$skiptoken") or 0)
    body: JsonObject = {"value": items[start : start + size]}
    if start + size < len(items):
        link, _, _ = call.raw.partition("&$skipToken=")
        body["nextLink"] = f"{link}&$skipToken={start + size}"
    return Answer(body=body)
