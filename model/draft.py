"""A request as it was sent, read leniently: rules judge it even when other fields are wrong."""

import ipaddress
from collections.abc import Mapping
from typing import Any, cast

type Network = ipaddress.IPv4Network


class Draft:
    """Lenient reading of a request: what is absent or of a wrong type is None."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self._payload = payload

    def at(self, path: str) -> Any:
        """The value at a JSON pointer."""
        here: Any = self._payload
        for step in path.strip("/").split("/"):
            if isinstance(here, Mapping):
                here = cast("Mapping[str, Any]", here).get(step)
            elif isinstance(here, list) and step.isdigit():
                items = cast("list[Any]", here)
                here = items[int(step)] if int(step) < len(items) else None
            else:
                return None
        return here

    def text(self, path: str) -> str | None:
        """The text at a JSON pointer."""
        value = self.at(path)
        return value if isinstance(value, str) else None

    def number(self, path: str) -> int | None:
        """The whole number at a JSON pointer."""
        value = self.at(path)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def objects(self, path: str) -> list[Mapping[str, Any]]:
        """The objects of a list; what is none is an empty object."""
        value = self.at(path)
        items = cast("list[Any]", value) if isinstance(value, list) else []
        return [cast("Mapping[str, Any]", i) if isinstance(i, Mapping) else {} for i in items]

    def texts(self, path: str) -> list[str]:
        """The texts of a list."""
        value = self.at(path)
        items = cast("list[Any]", value) if isinstance(value, list) else []
        return [item for item in items if isinstance(item, str)]

    def network(self, path: str, default: str | None = None) -> Network | None:
        """The CIDR at a JSON pointer."""
        value = self.text(path) if self.at(path) is not None else default
        try:
            return ipaddress.IPv4Network(value) if value else None
        except ValueError:
            return None
