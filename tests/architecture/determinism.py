"""What code that is replayed must not do, found in its source.

https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-code-constraints
"""

import ast
from collections.abc import Iterator

from tests.architecture.unordered import walked_sets

ALLOWED_IMPORTS = {
    "base64", "collections", "cryptography", "dataclasses", "datetime", "difflib", "durabletask",
    "enum", "functools", "hashlib", "ipaddress", "itertools", "json", "math", "model",
    "orchestrators", "pydantic", "re", "shlex", "typing", "yaml",
}  # fmt: skip # a set of names
"""All that the story and the rules import: none of these looks at a clock or outside by itself."""

_PLATFORM = {"call_http", "rewind"}
"""HTTP from the extension: unversioned and retried by wall clock; the story has activities."""
_OUTSIDE = {
    # clocks
    "utcnow", "today", "fromtimestamp", "time_ns", "monotonic", "perf_counter", "sleep",
    # chance
    "uuid1", "uuid4", "token_hex", "token_urlsafe", "token_bytes", "urandom", "randint", "shuffle",
    "generate_private_key",
    # environment and I/O
    "getenv", "environ", "urlopen", "read_text", "read_bytes", "write_text", "write_bytes",
    "iterdir", "glob", "rglob", "joinpath",
}  # fmt: skip # a set of names
_BUILT_IN = {"open", "input", "eval", "exec", "hash", "id", "print", "__import__", "globals"}
"""Functions whose answer differs from process to process, or that reach outside."""
_WORDS = {"retry_timeout"}
"""The library compares it with the wall clock of whichever process replays."""
_TELLS = "emit"
"""What is told to the world; the story never reads an answer from it."""


def trespasses(
    source: str, attributes: frozenset[str] = frozenset(), *, allowed: frozenset[str] = frozenset()
) -> list[str]:
    """Everything in ``source`` that a replay would see otherwise.

    Args:
        source: A module.
        attributes: Attributes that hold sets by the classes of other modules.
        allowed: What this module alone may import beside ``ALLOWED_IMPORTS``.
    """
    tree = ast.parse(source)
    found = [told for node in ast.walk(tree) for told in _faults(node, ALLOWED_IMPORTS | allowed)]
    found += [
        f"line {line}: walks a set in its own order" for line in walked_sets(tree, attributes)
    ]
    return found + _answers_of_telling(tree)


def _faults(node: ast.AST, allowed: frozenset[str] | set[str]) -> Iterator[str]:
    match node:
        case ast.Import() | ast.ImportFrom():
            found = _imports(node, allowed)
        case ast.Attribute() | ast.Name():
            found = _names(node)
        case ast.Call():
            found = _calls(node)
        case ast.keyword(arg=str(name)) if name in _WORDS:
            found = [f"uses {name}"]
        case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
            found = ["awaits, which no replay can repeat"]
        case _:
            return
    yield from (f"line {node.lineno}: {told}" for told in found)


def _imports(node: ast.Import | ast.ImportFrom, allowed: frozenset[str] | set[str]) -> list[str]:
    names = [one.name for one in node.names]
    if isinstance(node, ast.Import):
        return [f"imports {name}" for name in names if _top(name) not in allowed]
    outside = [] if _top(node.module or "") in allowed else [f"imports {node.module}"]
    return outside + [f"imports {name}" for name in names if name in _OUTSIDE | _PLATFORM]


def _names(node: ast.Attribute | ast.Name) -> list[str]:
    match node:
        case ast.Attribute(
            attr="now", value=ast.Name(id="datetime") | ast.Attribute(attr="datetime")
        ):
            return ["uses datetime.now"]
        case ast.Attribute(attr=name) if name in _OUTSIDE | _PLATFORM | _WORDS | {"__hash__"}:
            return [f"uses {name}"]
        case ast.Name(id=name, ctx=ast.Load()) if name in _BUILT_IN:
            return [f"uses {name}"]
        case _:
            return []


def _calls(node: ast.Call) -> list[str]:
    match node.func:
        case ast.Attribute(attr="now"):  # the story's own ``now`` is a property
            return ["calls now"]
        case ast.Attribute(attr="astimezone") if not node.args and not node.keywords:
            return ["reads the machine's time zone"]
        case _:
            return []


def _answers_of_telling(tree: ast.Module) -> list[str]:
    """Uses of ``emit`` other than statements of their own: what it gives back is not history."""
    statements = {
        id(node.value.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
    }
    return [
        f"line {node.lineno}: reads an answer from {_TELLS}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == _TELLS and id(node) not in statements
    ]


def _top(module: str) -> str:
    return module.partition(".")[0]


def modules_of(source: str) -> set[str]:
    """The modules that ``source`` imports at its top level, and what could be modules."""
    found: set[str] = set()
    for node in ast.parse(source).body:
        match node:
            case ast.Import(names=names):
                found |= {one.name for one in names}
            case ast.ImportFrom(module=str(module), names=names):
                found |= {module, *(f"{module}.{one.name}" for one in names)}
            case _:
                pass
    return found
