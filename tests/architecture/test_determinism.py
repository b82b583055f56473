"""What an orchestrator must never do, found in its source."""

import ast
from pathlib import Path

import pytest

from model.stages import STAGES
from orchestrators.governor import GOVERNOR, arm_governor
from orchestrators.install import install_dash_enterprise
from orchestrators.preflight import preflight
from orchestrators.wait import wait_for_stage
from tests.architecture.determinism import modules_of, trespasses
from tests.architecture.unordered import set_attributes
from triggers import _installations

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("orchestrators", "model")
"""The story and the rules that it asks."""
EXEMPT: dict[str, frozenset[str]] = {
    "orchestrators/_telling.py": frozenset({"telemetry"}),
    "model/manifests/scripts.py": frozenset({"importlib"}),
}
"""What single modules import besides: the one tells the world and reads no answer from it; the
other reads the Jobs' scripts as they are deployed, for activities only."""
UNTOLD = ("uses joinpath", "uses read_text")
"""How ``scripts.py`` reads them."""
STAGE_NAMES = ROOT / "tests" / "histories" / "stage_names.txt"
"""Every name that a stage ever had, in the order in which they came; only ever appended to."""


def sources() -> dict[str, str]:
    """Text of every module of the story, by its path in the project."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text()
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


SETS = frozenset[str]().union(*(set_attributes(ast.parse(text)) for text in sources().values()))


@pytest.mark.parametrize("path", sources())
def test_the_story_reads_nothing_that_history_does_not_hold(path: str) -> None:
    """No clock, no chance, no environment, no I/O, no set's order, no retry by wall clock."""
    found = trespasses(sources()[path], SETS, allowed=EXEMPT.get(path, frozenset()))

    if path == "model/manifests/scripts.py":
        found = [fault for fault in found if not fault.endswith(UNTOLD)]
    assert found == []


def test_the_story_reaches_no_module_that_is_exempt_but_the_telling() -> None:
    """Files are read by activities alone: no orchestrator comes to the module that reads them."""
    texts = {_module(path): text for path, text in sources().items()}
    waiting = [name for name in texts if name.startswith("orchestrators")]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in texts and name not in reached:
            reached.add(name)
            waiting.extend(modules_of(texts[name]))

    exempt = {_module(path) for path in EXEMPT}
    assert "model.planning" not in reached  # a plan is made before the story begins
    assert reached & exempt == {"orchestrators._telling"}
    assert len(reached) > 20


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


CLOCKS = (
    "from datetime import datetime\ndatetime.now()",
    "from datetime import datetime\nclock = datetime.now",
    "from datetime import datetime\ndatetime.utcnow()",
    "def f(clock): return clock.now()",
    "import datetime\nclock = datetime.datetime.now",
    "from datetime import date\ndate.today()",
    "from datetime import datetime\ndatetime.fromtimestamp(0)",
    "def f(m): return m.astimezone()",
    "import time",
    "from time import monotonic",
    "import time as t\nt.sleep(1)",
    "async def f(): await g()",
)
CHANCE = (
    "import random",
    "import secrets",
    "import uuid",
    "from uuid import uuid4\nuuid4()",
    "import numpy",
    "hash('x')",
    "key = hash",
    "def f(x): return id(x)",
    "sorted(x, key=id)",
    "x.__hash__()",
)
ENVIRONMENT = (
    "import os",
    "from os import environ",
    "import os.path",
    "import sys",
    "import platform",
    "def f():\n    import os",
    "__import__('os')",
    "import importlib",
)
IO = (
    "open('x')",
    "print('x')",
    "input()",
    "import logging",
    "import socket",
    "import http.client",
    "import aiohttp",
    "import threading",
    "import asyncio",
    "from urllib.request import urlopen",
    "from pathlib import Path",
    "path.read_text()",
    "eval('1')",
    "import gateways.clusters",
    "from activities import ensure_cluster",
    "answer = emit.event('x')",
    "if emit.event('x'): pass",
    "tell = emit",
)
PLATFORM = (
    "RetryPolicy(retry_timeout=1)",
    "policy.retry_timeout = 1",
    "ctx.call_http('GET', 'x')",
    "call = ctx.call_http",
    "from azure.durable_functions import call_http",
    "client.rewind('x')",
)
SET_ORDER = (
    "for x in {1, 2}: pass",
    "for x in set(y): pass",
    "for x in {a for a in y}: pass",
    "s = {1}\nfor x in s: pass",
    "def f(s: set[str]):\n    return [x for x in s]",
    "def f(s: frozenset[str] | None):\n    return list(s)",
    "def f(s: 'set[str]'):\n    return tuple(s)",
    "def f(a: set[str], b): return ','.join(a - b)",
    "def f(a, b): return list(a.keys() - b)",
    "def f(a, b): return list(a.union(b))",
    "class A:\n    held: frozenset[str]\ndef f(a): return [x for x in a.held]",
    "class A:\n    def __init__(self): self.held = set()\n    def f(self): return list(self.held)",
    "s = {1}\nt = s\nfor x in t: pass",
    "s = {1}\nnext(iter(s))",
    "s = {1}\ns.pop()",
    "s = {1}\na, b = s",
    "s = {'a'}\nf(*s)",
    "s = {'a'}\nd = {x: 1 for x in s}",
    "s = {'a'}\ntext = f'{s}'",
    "s = {'a'}\nctx.call_activity('x', input=list(s))",
    "def f(s: set[str]):\n    yield from s",
    "def f(s: set[str]):\n    return (x for x in s)",
    "def f(s: set[str], o):\n    return list(s if o else ())",
    "from itertools import chain\ndef f(s: set[str]):\n    return list(chain(s))",
)
HARMLESS = (
    "s = {1}\nfor x in sorted(s): pass",
    "s = {1}\nassert 1 in s and len(s) == 1",
    "s = {1}\nt = {x for x in s}",
    "s = {1}\nany(x for x in s)",
    "s = {1}\ns.update(x for x in s)",
    "def f(a: set[str]):\n    return a\ndef g(a: list[str]):\n    return list(a)",
    "def f(d: dict[str, int]):\n    return list(d.keys())",
    "emit.event('x')",
    "def f(run): return run.now",
    "def f(ctx): return ctx.current_utc_datetime, ctx.new_uuid()",
    "from datetime import UTC\ndef f(m): return m.astimezone(UTC)",
)


@pytest.mark.parametrize(
    "planted",
    [*CLOCKS, *CHANCE, *ENVIRONMENT, *IO, *PLATFORM, *SET_ORDER],
    ids=ascii,
)
def test_a_planted_trespass_is_found(planted: str) -> None:
    """The rule can fail: for each kind, and for each way to write it that we know."""
    assert trespasses(planted)


@pytest.mark.parametrize(
    "planted", [*CLOCKS[:2], CHANCE[3], *PLATFORM[:1], *SET_ORDER[:2]], ids=ascii
)
@pytest.mark.parametrize("path", ["orchestrators/install.py", "model/planning.py"])
def test_a_trespass_planted_in_the_story_itself_is_found(path: str, planted: str) -> None:
    """Real modules with an offence at their end, which are sound without it."""
    assert trespasses(f"{sources()[path]}\n{planted}\n", SETS) != []
    assert trespasses(sources()[path], SETS) == []


@pytest.mark.parametrize("text", HARMLESS, ids=ascii)
def test_what_a_replay_repeats_is_no_trespass(text: str) -> None:
    """The rule forbids no more than it must."""
    assert trespasses(text) == []


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


def recorded_names() -> list[str]:
    """The names that histories may hold."""
    return STAGE_NAMES.read_text().split()


def name_faults(recorded: list[str], known: list[str]) -> list[str]:
    """What changed that must not: a recorded name is gone, or a new one is not recorded."""
    gone = [f"{name} is gone: histories name it for ever" for name in recorded if name not in known]
    new = [f"append {name} to {STAGE_NAMES.name}" for name in known if name not in recorded]
    return gone + new


def test_stage_names_are_for_ever() -> None:
    """None is removed or renamed; a new one is appended to the list."""
    names = [stage.name for stage in STAGES]

    assert name_faults(recorded_names(), names) == []
    assert len(set(recorded_names())) == len(recorded_names())
    assert len(set(names)) == len(names)


def test_a_renamed_stage_is_found() -> None:
    """The rule can fail, in both directions."""
    first, *others = recorded_names()

    assert len(name_faults([first, *others], [*others, f"{first}_again"])) == 2


def test_orchestrators_are_named_as_histories_name_them() -> None:
    """The names under which instances were started, which are for ever too."""
    found = [function.__name__ for function in (install_dash_enterprise, preflight, wait_for_stage)]

    assert found == ["install_dash_enterprise", "preflight", "wait_for_stage"]
    assert found[:2] == [_installations.INSTALL, _installations.PREFLIGHT]
    assert arm_governor.__name__ == GOVERNOR == "arm_governor"


def test_orchestrators_call_activities_by_declared_stages_only() -> None:
    """No activity is called by a text in the story: every name comes from a ``Stage``."""
    found = [
        f"{path.name}:{node.lineno}"
        for path in (ROOT / "orchestrators").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "call_activity"
        and not isinstance(node.args[0], ast.Attribute | ast.Name)
    ]

    assert found == []
