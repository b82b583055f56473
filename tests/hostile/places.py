"""Every string of a request, and the request with another value in its place."""

import copy
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, cast

type Place = tuple[str | int, ...]


def leaves(node: Any, path: Place = ()) -> Iterator[Place]:
    """The paths of all strings of a document."""
    if isinstance(node, dict):
        for key, child in cast("dict[str, Any]", node).items():
            yield from leaves(child, (*path, key))
    elif isinstance(node, list):
        for index, child in enumerate(cast("list[Any]", node)):
            yield from leaves(child, (*path, index))
    elif isinstance(node, str):
        yield path


def changed(document: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """A copy with ``value`` at ``place``; objects and lists on the way are made when absent."""
    made = copy.deepcopy(document)
    here: Any = made
    for step, following in pairwise(place):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(here, list):
            here = cast("list[Any]", here)[cast("int", step)]
        else:
            here = cast("dict[str, Any]", here).setdefault(str(step), empty)
    last = place[-1]
    if not isinstance(here, list):
        cast("dict[str, Any]", here)[str(last)] = value
        return made
    items = cast("list[Any]", here)
    items[int(last) : int(last) + 1] = [value]
    return made


def at(document: Any, place: Place) -> Any:
    """The value at a place that exists."""
    here = document
    for step in place:
        here = here[step]
    return here
