"""Posts one request to a world's app and shows what becomes of it until it has ended."""

import asyncio
import json
import sys
from typing import Any

from aiohttp import ClientSession
from rich.console import Console

from emulator.gate_hints import hints
from emulator.stage_table import StageTable
from emulator.world import World

_LOOK_EVERY = 0.25
"""Real seconds between two looks at the status."""

_ENDED = ("Succeeded", "Failed", "Cancelled")
_SUCCEEDED, _FAILED, _BAD_REQUEST = 0, 1, 2
"""Exit codes."""


def run(request: Any, world: World) -> int:
    """Install as ``request`` asks, whatever it is; the exit code that ``emulator.demo`` names."""
    return asyncio.run(_demo(request, world))


async def _demo(request: Any, made: World) -> int:
    console = Console()
    async with made as world:
        code, answer = await _install(world.localized(request), world, console)
    if "state" in answer:
        tell_end(console, answer)
    else:
        tell_problem(console, answer)
    sys.stdout.write(json.dumps(answer) + "\n")
    return code


async def _install(request: Any, world: World, console: Console) -> tuple[int, Any]:
    headers = {"x-functions-key": world.host.key, "Content-Type": "application/json"}
    async with ClientSession(headers=headers) as http:
        url = f"{world.host.url}/api/installations"
        answer = await http.post(url, data=json.dumps(request))
        body = await answer.json(content_type=None)
        if answer.status not in (200, 202):
            return (_BAD_REQUEST if 400 <= answer.status < 500 else _FAILED), body  # noqa: PLR2004 # HTTP's
        return await _watch(http, answer.headers["Location"], world, console)


async def _watch(
    http: ClientSession, location: str, world: World, console: Console
) -> tuple[int, Any]:
    hinted: set[str] = set()
    with StageTable(console) as table:
        while True:
            status = await (await http.get(location)).json()
            table.show(status)
            for gate, lines in hints(status, location, world.host.key).items():
                if gate not in hinted:
                    hinted.add(gate)
                    _say(console, *lines)
            if status["state"] in _ENDED:
                return (_SUCCEEDED if status["state"] == "Succeeded" else _FAILED), status
            await asyncio.sleep(_LOOK_EVERY)


def tell_problem(console: Console, problem: dict[str, Any]) -> None:
    """Say why the API took no request: every error of it, with its place."""
    errors = problem.get("errors")
    if not errors:
        _say(console, f"{problem.get('title')}: {problem.get('detail')}")
        return
    console.print(f"[red]The request has {len(errors)} error(s); nothing was created.[/]")
    for error in errors:
        _say(console, f"  {error['pointer'] or '/'}", f"      {error['message']}")


def tell_end(console: Console, status: dict[str, Any]) -> None:
    """Say how an installation ended: every error that was found, or what there is now."""
    if status["state"] != "Succeeded":
        console.print(f"[red]{status['state']}[/]")
        for code, found, remedy in _errors(status):
            _say(console, f"  {code}", f"    found:  {found}", f"    remedy: {remedy}")
        return
    console.print("[green]Succeeded[/]")
    _say(console, *(f"  {purpose:14} {url}" for purpose, url in status["endpoints"].items()))
    _say(console, "Timings, in real seconds")
    _say(console, *(f"  {name:32} {took:7.2f} s" for name, took in status["timings"].items()))
    _say(console, "Evidence")
    _say(console, *(f"  {proof['subject']:32} {proof['proof']}" for proof in status["evidence"]))


def _errors(status: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Stage and code, what was found, and the remedy.

    The preflight has one for each thing that it refused, any other stage has one.
    """
    findings: list[dict[str, Any]] = status.get("findings") or []
    refused = [
        (f"preflight: {finding['code']}", str(finding["found"]), str(finding["remedy"]))
        for finding in findings
        if finding["severity"] == "error"
    ]
    failure: dict[str, Any] | None = status.get("failure")
    if refused or failure is None:
        return refused
    return [(f"{failure['stage']}: {failure['code']}", failure["reason"], failure["remedy"])]


def _say(console: Console, *lines: str) -> None:
    """Print lines as they are, whole: what is piped or copied must not be wrapped."""
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
