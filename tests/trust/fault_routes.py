"""The routes that an installation asks for, read from the journal of one that went well."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from emulator.journal import WRITES, Entry
from model.ownership import MANAGED_BY

_MADE_UP = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "*"),  # ids
    (r"(?<=-)[0-9a-f]{8}(?=-|/|$)", "*"),  # the run, in names of Jobs and their Secrets
    (r"(?<=-\d-)[a-z0-9]{5}(?=/|$)", "*"),  # pods of Jobs
    (r"(?<=/install-component-)[a-z-]+?(?=-\*)", "*"),  # one route for all components
    (r"(?<=/(?:CNAME)/)[a-z]+-(?=\{name\})", "*"),  # one for all names of the installation
    (r"(?<=/A/)[a-z]+-(?=\{name\})", "*"),
)
_CREATED = 201
_NAME = "{name}"
_ANY = "*"


@dataclass(slots=True)
class Route:
    """One method and path that the product asks a server for.

    Attributes:
        template: Path without query; what servers make up is ``*``, the installation ``{name}``.
        count: How many requests of a good day are of this kind.
        before: How many of them were answered before the thing that they are about was created;
            None when nothing on this path was created, or nothing was asked afterwards.
        conditional: Whether one of them named an ETag.
    """

    server: str
    method: str
    template: str
    count: int = 0
    before: int | None = None
    conditional: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from every other route."""
        return self.server, self.method, self.template

    @property
    def writes(self) -> bool:
        """Whether its method asks for a change."""
        return self.method in WRITES

    def __str__(self) -> str:
        """As a line of a report."""
        return f"{self.server} {self.method} {self.template}"

    def rule(self, name: str) -> dict[str, Any]:
        """The part of a fault rule that finds requests of the installation ``name``."""
        pattern = re.escape(self.template).replace(re.escape(_NAME), re.escape(name))
        return {
            "server": self.server,
            "method": self.method,
            "path": "^" + pattern.replace(re.escape(_ANY), "[^/?]+") + r"(\?|$)",
            "agent": MANAGED_BY,
        }


def template_of(path: str, name: str) -> str:
    """A path of the installation ``name`` without what differs between two installations."""
    bare = path.partition("?")[0].replace(name, _NAME)
    for pattern, stand_in in _MADE_UP:
        bare = re.sub(pattern, stand_in, bare)
    return bare


def routes(entries: Iterable[Entry], name: str) -> list[Route]:
    """Every route of the product among ``entries``, in the order of their first request."""
    found: dict[tuple[str, str, str], Route] = {}
    made: set[str] = set()
    for entry in entries:
        if MANAGED_BY not in entry.agent:
            continue
        template = template_of(entry.path, name)
        route = found.setdefault(
            (entry.server, entry.method, template), Route(entry.server, entry.method, template)
        )
        about = any(template == path or template.startswith(f"{path}/") for path in made)
        if about and route.before is None and entry.method in ("GET", "POST"):
            route.before = route.count
        if entry.method == "PUT" and entry.status == _CREATED:
            made.add(template)
        route.count += 1
        route.conditional = route.conditional or entry.conditional
    return list(found.values())
