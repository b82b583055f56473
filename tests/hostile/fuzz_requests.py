"""The requests that a seed stands for: every route, mostly with wrong bodies, names and headers."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from tests.hostile.mutation import CANARY, INSTALLATIONS, TEXTS, Mutator
from tests.hostile.promises import operations

WEIGHTS = {
    "post_installation": 45,
    "post_preflight": 25,
    "raise_event": 8,
    "cancel_installation": 5,
    "get_installation": 6,
    "get_preflight": 4,
    "list_installations": 2,
    "list_orphans": 1,
    "get_openapi": 1,
    "get_schema": 1,
    "get_health": 2,
}
"""Of a hundred requests, how many go where."""

_CONTENT_TYPES = (
    "application/json", "application/json", "application/json", "text/plain", "", "*/*",
    "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/xml",
    "multipart/form-data", CANARY,
)  # fmt: skip # a list of types
_LOOKALIKES = (
    "fuzz-\uff41", "fuzz\u200e-a", "FUZZ-A", "fuzz-a\n", "fuzz-a%00", "preflight:fuzz-a", "",
    CANARY,
)  # fmt: skip # a list of names
_SUBSCRIPTIONS = (
    "00000000-0000-0000-0000-000000000001",
    "00000000-0000-0000-0000-00000000000z",
    "..%2F..",
    "%00",
    f"x{quote(CANARY)}",
    "",
)
_LONGEST = 2000
"""Characters of a segment; a request line above 8 KB is refused by the host, not by the app."""
_EVENTS = ("approve", "reject", "dns-ready", "limits-set")


@dataclass(frozen=True, slots=True)
class Request:
    """One request to send.

    Attributes:
        target: Path and query, encoded as they go over the wire.
        chunked: Whether the body is sent in chunks, without its length.
    """

    operation: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes | None
    chunked: bool


def requests(seed: int, count: int, key: str) -> Iterator[Request]:
    """``count`` requests, the same for the same seed; ``key`` opens the app's functions."""
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")  # noqa: S311 # repeatable, nothing secret
        yield _Drawn(chance, Mutator(chance), key).request()


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One request, drawn from a source of chance."""

    chance: random.Random
    mutator: Mutator
    key: str

    def request(self) -> Request:
        operation = self.chance.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
        method, template = operations()[operation]
        path = template.replace("{name}", self._segment(INSTALLATIONS)).replace(
            "{event}", self._segment(_EVENTS)
        )
        body = self._body(operation, method)
        chunked = body is not None and self.chance.random() < 0.1  # a tenth
        target = f"/api{path}{self._query(operation)}"
        return Request(operation, method, target, self._headers(), body, chunked)

    def _headers(self) -> dict[str, str]:
        made = {"Content-Type": self.chance.choice(_CONTENT_TYPES)}
        if self.chance.random() < 0.98:  # the rest comes without a key
            made["x-functions-key"] = self.key
        if self.chance.random() < 0.05:  # claims that are not true, and what nobody asked for
            made |= {"Accept-Encoding": "gzip", "Content-Language": "\\u0000", "Referer": CANARY}
            made |= {"User-Agent": "${jndi:ldap://127.0.0.1/}", "X-Forwarded-Host": CANARY}
        return made

    def _query(self, operation: str) -> str:
        if operation == "list_orphans":
            return f"?subscriptionId={self.chance.choice(_SUBSCRIPTIONS)}"
        return f"?{quote(CANARY)}={quote(CANARY)}" if self.chance.random() < 0.05 else ""

    def _segment(self, known: tuple[str, ...]) -> str:
        """A route parameter, encoded; never empty and never with a slash of its own."""
        if self.chance.random() < 0.6:  # most are right
            return self.chance.choice(known)
        text = self.chance.choice((*TEXTS, *_LOOKALIKES)) or "-"
        raw = quote(text[:_LONGEST].encode("utf-8", "surrogatepass"), safe="")
        return raw if text not in (".", "..") else "%2e%2e"

    def _body(self, operation: str, method: str) -> bytes | None:
        if method == "GET":
            return None
        if operation.startswith("post_"):
            return self.mutator.body()
        told = (b"", b"{}", b'{"by":"somebody"}', b'{"planHash":"0"}', b'{"planHash":{}}')
        if self.chance.random() < 0.7:  # most are short
            return self.chance.choice((*told, b'{"planHash":"' + CANARY.encode() + b'"}'))
        return self.mutator.body()
