"""What can go wrong between the product and a server, and on which routes it can."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.trust.fault_routes import Route


@dataclass(frozen=True)
class Kind:
    """One way in which a request goes wrong.

    Attributes:
        title: For people.
        fits: Whether it can happen on a route.
        rule: The part of a fault rule that says what goes wrong there.
        runs: Installations among which the routes are dealt out: a stage gives up at its fifth
            fault, so no installation may suffer five in one.
    """

    name: str
    title: str
    rule: Callable[[Route], dict[str, Any]]
    fits: Callable[[Route], bool] = lambda _: True
    runs: int = 4


_BUSY: dict[str, Any] = {
    "arm": {
        "error": {
            "code": "AnotherOperationInProgress",
            "message": "Another operation on this or dependent resource is in progress.",
        }
    },
    "kubernetes": {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": "Conflict",
        "code": 409,
        "message": "Operation cannot be fulfilled: the object has been modified; please apply "
        "your changes to the latest version and try again",
    },
}
"""The body of a 409 by which a server says: not now. Vault, Keycloak and ingress have none."""

READ_SECONDS = {"keycloak": 10.0, "ingress": 10.0}
"""Real seconds for which the product waits for a byte, where they are not 20."""


def _answer(status: int, retry_after: int | None = None) -> Callable[[Route], dict[str, Any]]:
    return lambda _: {"status": status, "retry_after": retry_after}


def _busy(route: Route) -> dict[str, Any]:
    return {"status": 409, "body": _BUSY[route.server]}


def _slow(route: Route) -> dict[str, Any]:
    return {"delay": READ_SECONDS.get(route.server, 20.0) + 2}


def _too_early(route: Route) -> dict[str, Any]:
    return {"status": 404, "skip": route.before or 0}


KINDS = (
    Kind("throttled", "429 with `Retry-After`", _answer(429, retry_after=20)),
    Kind("throttled-silently", "429 without", _answer(429)),
    Kind("broken", "500", _answer(500), runs=6),
    Kind("unavailable", "503", _answer(503)),
    Kind(
        "busy",
        "409, another operation",
        _busy,
        lambda route: route.writes and route.server in _BUSY,
    ),
    Kind("changed", "412", _answer(412), lambda route: route.conditional),
    Kind(
        "not-seen-yet",
        "404 after it was accepted",
        _too_early,
        lambda route: route.before is not None and route.server == "arm",
    ),
    Kind("cut", "the reply is lost", lambda _: {"drop": "after"}, runs=6),
    Kind("truncated", "half a reply", lambda _: {"truncate": True}, runs=6),
)
"""Those that cost nothing but a request; an installation can suffer many."""

SLOW = Kind("slow", "slower than the time-out", _slow)
"""Costs the product's own time-out in real seconds."""


_MANY = 6


@dataclass(frozen=True)
class Hit:
    """One request of one installation that goes wrong.

    Attributes:
        skip: How many requests of the route go well before.
    """

    route: Route
    skip: int

    def __str__(self) -> str:
        """As a line of a report."""
        return f"{self.route} #{self.skip + 1}"

    def rule(self, kind: Kind, name: str) -> dict[str, Any]:
        """The whole fault rule."""
        return {"skip": self.skip, **self.route.rule(name), **kind.rule(self.route)}


def hits(kind: Kind, known: list[Route]) -> list[Hit]:
    """The first request of every route, and where there are several, a later one.

    How often a thing is looked at is a matter of the pace, and a fault elsewhere may spare a look;
    the third is reached where a good day has six.
    """
    fitting = [route for route in known if kind.fits(route)]
    if kind.name == "not-seen-yet":
        return [Hit(route, route.before or 0) for route in fitting]
    first = [Hit(route, 0) for route in fitting]
    later = [Hit(route, 2 if route.count >= _MANY else 1) for route in fitting if route.count > 1]
    return first + later


def dealt_out(found: list[Hit], groups: int) -> list[list[Hit]]:
    """The hits in groups, neighbours apart: one stage's requests follow each other."""
    return [found[first::groups] for first in range(groups)]
