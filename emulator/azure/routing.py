"""From method and path to the operation: ARM paths match in any case."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from emulator.azure.calls import Route

_NAME = re.compile(r"\{(\w+)\}")
_SLASHES = re.compile(r"/{2,}")


class Router:
    """Every operation, found by method and number of path segments first.

    A template that begins with ``{scope}`` matches any number of leading segments.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._exact: dict[tuple[str, int], list[tuple[re.Pattern[str], Route]]] = {}
        self._scoped: list[tuple[re.Pattern[str], Route]] = []
        self._paths: list[re.Pattern[str]] = []
        for route in routes:
            pattern = _compile(route.template)
            self._paths.append(pattern)
            if route.template.startswith("{scope}"):
                self._scoped.append((pattern, route))
            else:
                key = (route.method, route.template.count("/"))
                self._exact.setdefault(key, []).append((pattern, route))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The operation and its path values, decoded; None when there is none."""
        trimmed = tidy(path)
        for pattern, route in self._exact.get((method, trimmed.count("/")), []):
            if found := pattern.fullmatch(trimmed):
                return route, {k: unquote(v) for k, v in found.groupdict().items()}
        for pattern, route in self._scoped:
            if route.method == method and (found := pattern.fullmatch(trimmed)):
                return route, {k: unquote(v) for k, v in found.groupdict().items()}
        return None

    def knows(self, path: str) -> bool:
        """Whether another method would have found something here."""
        trimmed = tidy(path)
        return any(pattern.fullmatch(trimmed) for pattern in self._paths)


def tidy(path: str) -> str:
    """A path with one slash where the caller sent several, as ``az resource`` does."""
    return _SLASHES.sub("/", path).rstrip("/") or "/"


def _compile(template: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    for found in _NAME.finditer(template):
        parts.append(re.escape(template[at : found.start()]))
        parts.append(f"(?P<{found[1]}>{'.*' if found[1] == 'scope' else '[^/]+'})")
        at = found.end()
    parts.append(re.escape(template[at:]))
    return re.compile("".join(parts), re.IGNORECASE)
