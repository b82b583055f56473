"""Route templates of HTTP triggers, as ASP.NET Core reads them.

https://learn.microsoft.com/aspnet/core/fundamentals/routing describes the template language; the
Functions host takes a parameter's constraints, ``?`` and ``*`` from it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

_PARAMETER = re.compile(
    r"\{(\*{0,2})([^:=?{}]+)"  # catch-all mark and name
    r"((?::(?:[^{}=?]|\{\{|\}\}|\{[\d,]+\})+)*)"  # constraints
    r"(=[^{}?]*)?(\??)\}"  # default and optional mark
)

_CONSTRAINTS = {
    "int": r"-?\d+",
    "long": r"-?\d+",
    "alpha": r"[A-Za-z]+",
    "bool": r"true|false",
    "datetime": r"[^/]+",
    "decimal": r"-?\d+(?:\.\d+)?",
    "double": r"-?\d+(?:\.\d+)?",
    "float": r"-?\d+(?:\.\d+)?",
    "guid": r"\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?",
    "required": r"[^/]+",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One compiled template.

    Attributes:
        rank: Sorts literal segments before constrained parameters, parameters and catch-alls.
        methods: Upper case; empty for every method.
    """

    template: str
    methods: frozenset[str]
    pattern: re.Pattern[str]
    rank: tuple[int, ...]
    defaults: tuple[tuple[str, str], ...]
    bounds: tuple[tuple[str, str, str], ...]

    def match(self, path: str) -> dict[str, str] | None:
        """Parameters of an encoded ``path`` without its leading slash; None when it differs."""
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        groups = {k: unquote(v) for k, v in found.groupdict().items() if v is not None}
        if not all(_within(groups.get(name), rule, limit) for name, rule, limit in self.bounds):
            return None
        return dict(self.defaults) | groups


def compile_route(template: str, methods: Iterable[str]) -> Route:
    """Read ``template``; an unknown constraint is an error, as it is for the host.

    Raises:
        ValueError: The template is malformed.
    """
    segments = [s for s in template.strip("/").split("/") if s]
    defaults: list[tuple[str, str]] = []
    bounds: list[tuple[str, str, str]] = []
    pattern, rank = "", list[int]()
    for segment in segments:
        text, order, optional = _segment(segment, defaults, bounds)
        lead = "/" if pattern else ""
        pattern += f"(?:{lead}{text})?" if optional else f"{lead}{text}"
        rank.append(order)
    allowed = frozenset(m.upper() for m in methods)
    compiled = re.compile(pattern + "/?", re.IGNORECASE)
    return Route(template, allowed, compiled, tuple(rank), tuple(defaults), tuple(bounds))


def _segment(
    segment: str, defaults: list[tuple[str, str]], bounds: list[tuple[str, str, str]]
) -> tuple[str, int, bool]:
    """Pattern, rank and optionality of one segment."""
    text, order, optional, end = "", 0, False, 0
    for found in _PARAMETER.finditer(segment):
        stars, name, constraints, default, mark = found.groups()
        rules = [rule for rule in constraints.split(":") if rule]
        text += re.escape(segment[end : found.start()])
        text += f"(?P<{name.strip()}>{'.*' if stars else _shape(name, rules, bounds)})"
        order = max(order, 4 if stars else 2 if rules else 3)
        optional = optional or bool(mark or default or stars)
        if default:
            defaults.append((name, default[1:]))
        end = found.end()
    literal = segment[end:]
    if "{" in literal or "}" in literal:
        raise ValueError(f"The route segment '{segment}' is malformed.")
    return text + re.escape(literal), order, optional


def _shape(name: str, rules: list[str], bounds: list[tuple[str, str, str]]) -> str:
    shape = "[^/]+?"
    for rule in rules:
        word, _, rest = rule.partition("(")
        limit = rest.removesuffix(")")
        if word in _CONSTRAINTS:
            shape = _CONSTRAINTS[word]
        elif word == "regex":
            shape = limit.replace("{{", "{").replace("}}", "}").removeprefix("^").removesuffix("$")
        elif word in ("length", "minlength", "maxlength", "min", "max", "range"):
            bounds.append((name, word, limit))
        else:
            raise ValueError(f"The constraint '{rule}' of route parameter '{name}' is unknown.")
    return f"(?:{shape})"


def _within(value: str | None, rule: str, limit: str) -> bool:
    if value is None:
        return True
    low, _, high = limit.partition(",")
    if rule in ("min", "max", "range"):
        try:
            size = int(value)
        except ValueError:
            return False
    else:
        size = len(value)
    floor = int(low) if rule not in ("max", "maxlength") else None
    ceiling = int(high or low) if rule not in ("min", "minlength") else None
    return (floor is None or size >= floor) and (ceiling is None or size <= ceiling)
