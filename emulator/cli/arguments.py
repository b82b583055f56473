"""Command-line words and flags as cobra and viper read them, environment included."""

import os

_SHORT = {"n": "namespace", "o": "output", "f": "values", "l": "selector"}
_BARE = frozenset(
    {
        "no-port-forward", "skip-preflights", "merge", "deploy", "install", "create-namespace",
        "wait", "current", "decrypt", "server-side", "force-conflicts", "skip-rbac-check",
        "skip-compatibility-check", "strict-security-context", "wait-for-jobs", "overwrite",
    }
)  # fmt: skip # a set of flags that take no value


class Arguments:
    """Words in order, flags by long name; plain, for ``dataclasses`` costs a start a tenth."""

    __slots__ = ("flags", "prefix", "words")

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.words: list[str] = []
        self.flags: dict[str, str] = {}

    def get(self, name: str, default: str = "") -> str:
        """A flag's value: from the command line, else from ``PREFIX_NAME`` in the environment."""
        variable = f"{self.prefix}_{name.upper().replace('-', '_')}"
        return self.flags.get(name) or os.environ.get(variable, "") or default

    def flag(self, name: str) -> bool:
        """Whether a flag without value was given."""
        return self.get(name) not in ("", "false")

    def need(self, name: str) -> str:
        """A flag's value.

        Raises:
            SystemExit: It is missing. The real program prompts, and without a terminal it prompts
                for ever; this one says so and ends, lest a test burn a processor.
        """
        value = self.get(name)
        if not value:
            raise SystemExit(f"Enter the {name} (the real program would ask for it for ever)")
        return value


def parse(words: list[str], *, prefix: str) -> Arguments:
    """Read a command line."""
    found = Arguments(prefix)
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            found.words.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        name = _SHORT.get(name, name)
        found.flags[name] = value if equals else ("true" if name in _BARE else next(rest, ""))
    return found
