"""What an orchestrator must never do, found in its source."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN_CALLS = {"now", "utcnow", "today", "call_http", "rewind", "sleep", "uuid4", "token_hex"}
FORBIDDEN_WORDS = {"retry_timeout"}
FORBIDDEN_IMPORTS = {"asyncio", "os", "random", "secrets", "socket", "threading", "time", "uuid"}


def trespasses(source: str) -> list[str]:
    """Everything in ``source`` that a replay would see otherwise."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in FORBIDDEN_CALLS:
                found.append(f"calls {name}")
            case ast.keyword(arg=str(name)) if name in FORBIDDEN_WORDS:
                found.append(f"uses {name}")
            case ast.Import(names=names):
                found += [f"imports {n.name}" for n in names if n.name in FORBIDDEN_IMPORTS]
            case ast.ImportFrom(module=str(module)) if module in FORBIDDEN_IMPORTS:
                found.append(f"imports {module}")
            case _:
                pass
    return found


@pytest.mark.parametrize(
    "path",
    [*(ROOT / "orchestrators").rglob("*.py"), *(ROOT / "model").rglob("*.py")],
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_the_story_reads_nothing_that_history_does_not_hold(path: Path) -> None:
    """No clock, no chance, no environment, no platform retry by wall clock."""
    assert trespasses(path.read_text()) == []


@pytest.mark.parametrize(
    "planted",
    [
        "import random",
        "from os import environ",
        "from datetime import datetime\ndatetime.now()",
        "RetryPolicy(retry_timeout=1)",
        "ctx.call_http('GET', 'x')",
    ],
)
def test_a_planted_trespass_is_found(planted: str) -> None:
    """The rule can fail."""
    assert trespasses(planted)


def test_the_azure_sdks_are_imported_by_gateways_alone() -> None:
    """``azure.*`` is one namespace with the Functions SDK: import-linter cannot tell them apart."""
    sdk = ("azure.mgmt", "azure.identity", "azure.keyvault", "azure.core")
    folders = ("model", "activities", "orchestrators", "triggers")
    found = [
        path.name
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        for line in path.read_text().splitlines()
        if line.strip().startswith(tuple(f"from {name}" for name in sdk))
    ]

    assert found == []
