"""Which zone each of the seven records belongs to.

The six prefixed names are siblings of the base domain, so the base domain's own zone cannot hold
them when the base domain is that zone's apex: each record is looked up by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a name belongs.

    Attributes:
        zones: Ids of the zones with the longest matching name: one is right, more are ambiguous,
            none means that no zone holds the name.
        relative_name: Name inside the zone; ``@`` at its apex, empty without a zone.
    """

    zones: tuple[str, ...]
    relative_name: str


def choose(name: str, zones: Iterable[tuple[str, str]]) -> Choice:
    """The zone of ``name`` among pairs of zone name and zone id, by longest suffix of labels."""
    wanted = _plain(name)
    matching = [(_plain(zone), zone_id) for zone, zone_id in zones if _holds(_plain(zone), wanted)]
    if not matching:
        return Choice((), "")
    best = max((zone for zone, _ in matching), key=len)
    relative = wanted.removesuffix(best).removesuffix(".") or "@"
    return Choice(tuple(zone_id for zone, zone_id in matching if zone == best), relative)


def _holds(zone: str, name: str) -> bool:
    return name == zone or name.endswith(f".{zone}")


def _plain(name: str) -> str:
    return name.lower().rstrip(".")
