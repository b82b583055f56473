"""ARM resource ids, taken apart."""

from dataclasses import dataclass

_HEAD = 6
"""``subscriptions/S/resourceGroups/G/providers/NAMESPACE``, before pairs of type and name."""


@dataclass(frozen=True, slots=True)
class ResourceId:
    """The id of a resource in a resource group.

    Attributes:
        kind: Full type in lower case, such as ``microsoft.network/virtualnetworks/subnets``.
        names: One name per segment of the type: of the parent first.
    """

    subscription: str
    group: str
    kind: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The resource's own name."""
        return self.names[-1]


def parse(text: str) -> ResourceId:
    """Take an id apart; fixed words are compared without case, as Azure does.

    Raises:
        ValueError: It is not the id of a resource in a resource group.
    """
    parts = text.strip("/").split("/")
    words = [part.lower() for part in parts[0:5:2]]
    complete = len(parts) > _HEAD and len(parts) % 2 == 0 and all(parts)
    if words != ["subscriptions", "resourcegroups", "providers"] or not complete:
        raise ValueError(f"{text!r} is not the id of a resource in a resource group")
    types = [parts[5], *parts[_HEAD::2]]
    return ResourceId(parts[1], parts[3], "/".join(types).lower(), tuple(parts[_HEAD + 1 :: 2]))
