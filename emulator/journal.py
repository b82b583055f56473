"""What the product asked the emulated world for, in order."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

WRITES = frozenset({"PUT", "POST", "PATCH", "DELETE"})

_CONDITIONS = frozenset({"If-Match", "If-None-Match"})

CALLER = web.RequestKey("CALLER", str)
"""Where a handler puts who asked; aiohttp warns of plain strings as keys."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and how it was answered; never a body, so that no secret is kept.

    Attributes:
        server: The emulated server's name, as in ``Faults``.
        caller: Who asked: an Azure object id, a Kubernetes user, a Keycloak client; may be empty.
        status: HTTP status of the answer; 0 when the connection was cut.
        agent: User-Agent; tells the product from everybody else with the same rights.
        conditional: Whether it is to be done only if the resource is as the caller last saw it.
    """

    server: str
    method: str
    path: str
    caller: str
    status: int
    agent: str = ""
    conditional: bool = False

    @property
    def writes(self) -> bool:
        """Whether the method asks for a change."""
        return self.method in WRITES


@dataclass(slots=True)
class Journal:
    """Every request of one run, in the order in which the answers were ready."""

    entries: list[Entry] = field(default_factory=list[Entry])

    def of(self, server: str, *methods: str) -> list[Entry]:
        """Entries of one server, of the named methods or of all."""
        mine = [entry for entry in self.entries if entry.server == server]
        return [entry for entry in mine if not methods or entry.method in methods]

    def middleware(
        self, server: str
    ) -> Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]:
        """An aiohttp middleware; put it outermost. A handler names its caller in CALLER."""

        @web.middleware
        async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
            status = 0
            try:
                answer = await handler(request)
                cut = request.transport is None or request.transport.is_closing()
                status = 0 if cut else answer.status
            except web.HTTPException as stopped:
                status = stopped.status
                raise
            else:
                return answer
            finally:
                caller = str(request.get(CALLER, request.get("caller", "")))
                agent = request.headers.get("User-Agent", "")
                self.entries.append(
                    Entry(
                        server,
                        request.method,
                        request.path_qs,
                        caller,
                        status,
                        agent,
                        not _CONDITIONS.isdisjoint(request.headers),
                    )
                )

        return record
