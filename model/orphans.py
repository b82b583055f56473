"""What carries our tag and belongs to no installation that runs or succeeded: it costs money."""

import shlex
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from model import wire
from model.ownership import TAG_INSTALLATION, TAG_INSTALLER

_GROUP_PARTS = 5
"""Of a resource group's id, split at its slashes."""
_REMOVED_FIRST = "/microsoft.containerservice/managedclusters/"
"""A network can go only after the cluster in it."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A resource or a resource group that carries a tag.

    Attributes:
        created: When; None where ARM does not tell, as for groups.
        managed: Whether another resource manages it, as a cluster does with its nodes' group.
    """

    resource_id: str
    tags: dict[str, str]
    created: datetime | None = None
    managed: bool = False

    @property
    def is_group(self) -> bool:
        """Whether it is a resource group."""
        return len(self.resource_id.split("/")) == _GROUP_PARTS

    @property
    def group(self) -> str:
        """The id, in lower case, of the group that it is or is in."""
        return "/".join(self.resource_id.lower().split("/")[:_GROUP_PARTS])


@dataclass(frozen=True, slots=True)
class Orphan:
    """One orphan.

    Attributes:
        since: When it was made; of a group, when the oldest tagged resource in it was; None when
            nobody knows.
        command: Removes it; nobody runs it for you.
    """

    resource_id: str
    installation: str
    since: datetime | None
    command: str

    def told(self) -> wire.JsonObject:
        """As the API tells it."""
        return {
            "resourceId": self.resource_id,
            "installation": self.installation,
            "since": self.since and self.since.isoformat(timespec="seconds"),
            "command": self.command,
        }


def orphans(found: Iterable[Marked], alive: Collection[str], installer: str) -> list[Orphan]:
    """The orphans in the order in which they are to be removed: groups, clusters, what is left.

    A group is one only when nothing in it belongs to somebody. What another app made is that
    app's to judge; what a cluster manages goes with the cluster.

    Args:
        found: Everything that carries our tag.
        alive: Names of the installations that run or have succeeded.
        installer: This app's name; empty when it has none.
    """
    everything = list(found)
    managed = {one.group for one in everything if one.is_group and one.managed}
    mine = [one for one in everything if one.group not in managed]
    lost = [one for one in mine if _is_lost(one, alive, installer)]
    kept = {one.group for one in mine if one not in lost}
    told = [one for one in lost if not (one.is_group and one.group in kept)]
    return [_orphan(one, lost) for one in sorted(told, key=_order)]


def _is_lost(one: Marked, alive: Collection[str], installer: str) -> bool:
    maker = one.tags.get(TAG_INSTALLER, "")
    other = bool(maker and installer and maker != installer)
    return not other and one.tags.get(TAG_INSTALLATION, "") not in alive


def _order(one: Marked) -> tuple[bool, bool, str]:
    return not one.is_group, _REMOVED_FIRST not in one.resource_id.lower(), one.resource_id


def _orphan(one: Marked, lost: list[Marked]) -> Orphan:
    made = [each.created for each in lost if each.created and each.group == one.group]
    quoted = shlex.quote(one.resource_id)
    _, _, subscription, _, name, *_ = one.resource_id.split("/")
    command = (
        f"az group delete --subscription {shlex.quote(subscription)} --name {shlex.quote(name)}"
        if one.is_group
        else f"az resource delete --ids {quoted}"
    )
    return Orphan(
        resource_id=one.resource_id,
        installation=one.tags.get(TAG_INSTALLATION, ""),
        since=min(made, default=None) if one.is_group else one.created,
        command=command,
    )
