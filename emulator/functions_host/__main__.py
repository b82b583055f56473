"""``python -m emulator.functions_host APP_DIR --port N``: host an app folder as ``func start`` would."""

import asyncio
import json
import logging
import os
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from emulator.functions_host.faults import WorkFaults
from emulator.functions_host.host import FunctionsHost, Options
from emulator.functions_host.keys import Keys
from emulator.functions_host.worker import AppDoesNotLoad

_PATIENCE = 5.0
"""Real seconds for a clean end before blocked threads of the app are abandoned."""


def main(
    app_dir: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder with function_app.py and host.json.")],
    port: Annotated[int, typer.Option(help="Loopback port; 0 for a free one.")] = 7071,
    enforce_keys: Annotated[bool, typer.Option("--enforce-keys", "--enableAuth", help="Ask HTTP functions' callers for keys.")] = False,
    host_key: Annotated[str, typer.Option(envvar="FUNCTIONS_HOST_KEY", help="Default host key; made up when absent.")] = "",
    ready_json: Annotated[bool, typer.Option("--ready-json", help="Print one JSON line with URL and keys when ready.")] = False,
    deliver_twice: Annotated[str, typer.Option(envvar="FUNCTIONS_HOST_DELIVER_TWICE", help="Deliver every activity twice: 'after' or 'together'.")] = "",
    lose_answers: Annotated[int, typer.Option(envvar="FUNCTIONS_HOST_LOSE_ANSWERS", help="Lose this many answers of each activity.")] = 0,
    lose_turns: Annotated[int, typer.Option(envvar="FUNCTIONS_HOST_LOSE_TURNS", help="Lose this many answers of each orchestrator or entity turn.")] = 0,
) -> None:
    """Host an Azure Functions app folder with Durable Functions 2.x on this machine."""
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="[%(asctime)s] %(message)s")
    if deliver_twice not in ("", "after", "together"):
        raise typer.BadParameter("deliver-twice is 'after' or 'together'")
    options = Options(
        port=port,
        enforce_keys=enforce_keys,
        keys=Keys.given(host_key),
        faults=WorkFaults(twice=deliver_twice, lost_answers=lose_answers, lost_turns=lose_turns),
    )
    try:
        asyncio.run(_serve(FunctionsHost(app_dir, options), ready_json))
    except (AppDoesNotLoad, OSError) as error:
        _say(f"Worker failed to load the app: {error}")
        raise typer.Exit(1) from error
    finally:
        _end_soon()


async def _serve(host: FunctionsHost, ready_json: bool) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with host:
        _announce(host, ready_json)
        await stopped.wait()


def _announce(host: FunctionsHost, ready_json: bool) -> None:
    _say("\nFunctions:\n")
    for endpoint in sorted(host.endpoints, key=lambda e: e.function.name):
        _say(f"\t{endpoint.listing(host.url)}\n")
    for function in host.functions:
        if function.kind != "httptrigger":
            _say(f"\t{function.name}: {function.trigger['type']}\n")
    _say("Host lock lease acquired; worker process started and initialized.")
    if ready_json:
        _say(json.dumps({"ready": True, "url": host.url, "pid": os.getpid(), "keys": asdict(host.keys)}))


def _end_soon() -> None:
    """Do not wait for ever for threads that the app blocks."""
    watch = threading.Timer(_PATIENCE, os._exit, (0,))
    watch.daemon = True
    watch.start()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    typer.run(main)
