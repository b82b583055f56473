"""The side effects of an installation, read from the journal of a run that went well."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from emulator.journal import Entry
from model.ownership import MANAGED_BY

_MADE_UP = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids that servers make
    r"|(?<=-)[0-9a-f]{8}(?=-|/|$)"  # the run in the names of Jobs and their Secrets
)
_BOUND = re.compile(r"/pods/(install-[a-z-]+)-[0-9a-f]{8}-(\d+)-[a-z0-9]{5}/binding")
_CREATED = 201
_ANY = "*"
_NAME = "{name}"


@dataclass(frozen=True, slots=True, order=True)
class Effect:
    """One request by which the product changes the world, or reads a secret.

    Attributes:
        path: Without query; the installation's name and what servers make up are left open.
        occurrence: How many requests of the same kind come before it.
    """

    server: str
    method: str
    path: str
    occurrence: int

    def __str__(self) -> str:
        """As a line of a report."""
        return f"{self.server} {self.method} {self.path} #{self.occurrence + 1}"

    def rule(self, name: str) -> dict[str, Any]:
        """The part of a fault rule that finds this request in the installation ``name``."""
        pattern = re.escape(self.path).replace(re.escape(_NAME), re.escape(name))
        return {
            "server": self.server,
            "method": self.method,
            "path": "^" + pattern.replace(re.escape(_ANY), "[^/?]+") + r"(\?|$)",
            "agent": MANAGED_BY,
            "skip": self.occurrence,
        }


def effects(entries: Iterable[Entry], name: str) -> list[Effect]:
    """Every side effect of the product among ``entries``, in order."""
    seen = Counter[tuple[str, str, str]]()
    found: list[Effect] = []
    for entry in entries:
        if MANAGED_BY not in entry.agent or not (entry.writes or entry.server == "vault"):
            continue
        bare = entry.path.partition("?")[0].replace(name, _NAME)
        kind = (entry.server, entry.method, _MADE_UP.sub(_ANY, bare))
        found.append(Effect(*kind, seen[kind]))
        seen[kind] += 1
    return found


def dealt_out(found: list[Effect], groups: int) -> list[list[Effect]]:
    """The effects in groups in which no request occurs twice: a repeat would shift the count."""
    kinds = list(dict.fromkeys((e.server, e.method, e.path) for e in found))
    dealt: list[list[Effect]] = [[] for _ in range(groups)]
    for effect in found:
        kind = kinds.index((effect.server, effect.method, effect.path))
        dealt[(kind + effect.occurrence) % groups].append(effect)
    return dealt


def job_pods(entries: Iterable[Entry]) -> dict[str, int]:
    """How many pods each Job got a node for, by the Job's name without its run."""
    bound = (_BOUND.search(e.path) for e in entries if e.status == _CREATED)
    return dict(Counter(f"{found[1]}-{found[2]}" for found in bound if found))
