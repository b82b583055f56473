"""Requests that are nearly right: samples with one or more parts made wrong, or bytes of them."""

import copy
import json
import random
import secrets
from dataclasses import dataclass
from typing import Any

from tests.hostile.places import Place, at, leaves
from tests.model.samples import NAMES, sample

CANARY = f"Canary!{secrets.token_hex(8)}"
"""In every secret-like value that is sent and in half of the hostile ones; no answer may hold it.
Its mark keeps it from passing for the name of a secret, which answers do show."""

INSTALLATIONS = ("fuzz-a", "fuzz-b", "fuzz-c")
"""The only names that accepted mutants have, so that few installations ever start."""

TEXTS = (
    "", " ", "\0", "\n", "\r\n", "a\0b", "\u202eevil", "\ufeff", "\ud800", "\x7f", "\u2028",
    "../../etc/passwd", "..%2f..%2f", "/abs", "C:\\x", "$(id)", "`id`", "; id", "-x", "--help",
    "${certificateKey}", "${", "$${", "{{repl x}}", "{{ .Values }}", "<script>", "' OR 1=1",
    "null", "true", "1e999", "٣", "\u0440\u0430\u0443pal", "é" * 300, "x" * 5000, "https://user:pw@host/",
    "https://127.0.0.1", "http://169.254.169.254/", "file:///etc/passwd", "0", "-1",
    "!!python/object:os.system", "&a *a", "%00", "%s%n",
)  # fmt: skip # a list of texts
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 0.5, 1e308, [], {}, [None],
    [[]], {"": {}}, [1, "a", None, {}], {"a": 1}, *TEXTS,
)  # fmt: skip # a list of values


@dataclass(frozen=True, slots=True)
class Mutator:
    """Makes bodies from a source of chance, so that a seed repeats them."""

    chance: random.Random

    def body(self) -> bytes:
        """A body for a route that takes a request."""
        kind = self.chance.randrange(100)
        if kind < 70:
            return self._mutant()
        if kind < 82:
            return self._sick_bytes()
        if kind < 94:
            return self._odd_json()
        return json.dumps(self.request()).encode() if kind < 96 else self._random_bytes()

    def request(self) -> dict[str, Any]:
        """A valid request that waits for approval, with canaries where secrets could stand."""
        made = sample(self.chance.choice(NAMES))
        made["name"] = self.chance.choice(INSTALLATIONS)
        made["approval"] = "beforeCreate"
        values = made["kots"]["configValues"]["spec"]["values"]
        values["license_note"] = {"value": CANARY}
        if made["components"]:
            made["components"][0].setdefault("values", {})["password"] = CANARY
        return made

    def _mutant(self) -> bytes:
        made = self.request()
        for _ in range(self.chance.choice((1, 1, 1, 2, 3, 8))):
            self._mutate(made)
        return json.dumps(made).encode()

    def _mutate(self, made: dict[str, Any]) -> None:
        place = self.chance.choice(_places(made))
        parent = at(made, place[:-1])
        match self.chance.randrange(7):
            case 0 if place != ("name",):
                parent[place[-1]] = copy.deepcopy(self.chance.choice(VALUES))
            case 1:
                del parent[place[-1]]
            case 2 if isinstance(parent, dict):
                parent[self.chance.choice((*TEXTS, "nam", "zone_", "k" * 600))] = CANARY
            case 3 if isinstance(made.get("secrets"), dict):
                inline = (f"-----BEGIN PRIVATE KEY-----\n{CANARY}", CANARY, f" {CANARY}")
                name = self.chance.choice(tuple(sample()["secrets"]))
                made["secrets"][name] = self.chance.choice(inline)
            case 4:
                parent[place[-1]] = _deep(self.chance.choice((3, 31, 33, 120, 300)))
            case _:
                parent[place[-1]] = self._hostile_text(at(made, place))

    def _hostile_text(self, old: Any) -> str:
        """A hostile text alone or somewhere in the old one, half of them with the canary."""
        text, known = self.hostile(), old if isinstance(old, str) else ""
        middle = self.chance.randrange(len(known) + 1)
        mixed = known[:middle] + text + known[middle:]
        return self.chance.choice((text, known + text, text + known, mixed))

    def hostile(self) -> str:
        """One of the hostile texts, or it with the canary before or behind it."""
        text = self.chance.choice(TEXTS)
        return self.chance.choice((text, text, text + CANARY, CANARY + text))

    def _sick_bytes(self) -> bytes:
        """A valid request with some of its bytes changed, cut or doubled."""
        raw = bytearray(json.dumps(self.request()).encode())
        where = self.chance.randrange(len(raw))
        match self.chance.randrange(5):
            case 0:
                raw[where] = self.chance.randrange(256)
            case 1:
                del raw[where:]
            case 2:
                raw[where:where] = raw[where : where + 40]
            case 3:
                raw[0:0] = self.chance.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b", b"\0"))
            case _:
                raw[where:where] = self.chance.choice(
                    (b"\xff", b"\xed\xa0\x80", b"\0", b"NaN", b"\\u0000")
                )
        return bytes(raw)

    def _odd_json(self) -> bytes:
        size = self.chance.choice((1, 100, 10_000, 60_000))
        return self.chance.choice((
            b"", b"null", b"[]", b"1", b'"x"', b"{}", b"[" * size, b"[" * size + b"]" * size,
            b'{"a":' * size, b'{"name":1,"name":2}', b'{"a":' + b"9" * size + b"}", b'{"a":1e999}',
            b'{"a":-Infinity}', b'{"name":"\\ud800"}', b'{"' + b"k" * size + b'":1}',
            b"{" + b",".join(b'"k%d":1' % n for n in range(size // 12)) + b"}",
            b" " * 66_000, b"x" * 70_000,
            b'{"components":[' + b",".join([b"{}"] * (size // 4)) + b"]}",
            b'{"azure":{"tags":{"a":"' + CANARY.encode() + b'"},"tags":{}}}',
        ))  # fmt: skip # a list of bodies

    def _random_bytes(self) -> bytes:
        return self.chance.randbytes(self.chance.choice((1, 16, 2000)))


def _places(made: dict[str, Any]) -> list[Place]:
    found = list(leaves(made))
    return found + [path[:-1] for path in found if len(path) > 1]


def _deep(levels: int) -> Any:
    made: Any = []
    for _ in range(levels):
        made = [made]
    return made
