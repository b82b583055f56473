"""``python -m emulator.functions_host APP_DIR``: host an app folder as ``func start`` would."""

import asyncio
import json
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
from emulator.functions_host.hub_clock import HubClock
from emulator.functions_host.keys import Keys
from emulator.functions_host.worker import AppDoesNotLoad

_PATIENCE = 2.0
"""Real seconds for a clean end before blocked threads of the app are abandoned."""

_AppDir = Annotated[
    Path,
    typer.Argument(exists=True, file_okay=False, help="Folder with function_app.py and host.json."),
]
_Port = Annotated[int, typer.Option("--port", "-p", help="Loopback port; 0 for a free one.")]
_EnforceKeys = Annotated[
    bool, typer.Option("--enforce-keys", "--enableAuth", help="Ask callers of functions for keys.")
]
_HostKey = Annotated[
    str,
    typer.Option(envvar="FUNCTIONS_HOST_KEY", help="Default host key; made up when absent."),
]
_ReadyJson = Annotated[
    bool, typer.Option("--ready-json", help="Print one JSON line with URL and keys when ready.")
]
_DeliverTwice = Annotated[
    str,
    typer.Option(
        envvar="FUNCTIONS_HOST_DELIVER_TWICE",
        help="Run every activity twice: 'after' or 'together'.",
    ),
]
_LoseAnswers = Annotated[
    int,
    typer.Option(
        envvar="FUNCTIONS_HOST_LOSE_ANSWERS", help="Lose this many answers of each activity."
    ),
]
_LoseTurns = Annotated[
    int,
    typer.Option(
        envvar="FUNCTIONS_HOST_LOSE_TURNS",
        help="Lose this many answers of each orchestrator or entity turn.",
    ),
]
_Lease = Annotated[
    float,
    typer.Option(
        envvar="FUNCTIONS_HOST_LEASE",
        help="Offer an activity again when no answer came within these seconds; 0 for never.",
    ),
]
_ClockSpeed = Annotated[
    float,
    typer.Option(
        envvar="FUNCTIONS_HOST_CLOCK_SPEED",
        help="Seconds that pass for orchestrations, their timers and deadlines in a real one.",
    ),
]


def main(  # noqa: PLR0913, PLR0917 - a command line names its options here
    app_dir: _AppDir,
    port: _Port = 7071,
    enforce_keys: _EnforceKeys = False,
    host_key: _HostKey = "",
    ready_json: _ReadyJson = False,
    deliver_twice: _DeliverTwice = "",
    lose_answers: _LoseAnswers = 0,
    lose_turns: _LoseTurns = 0,
    lease: _Lease = 0.0,
    clock_speed: _ClockSpeed = 1.0,
) -> None:
    """Host an Azure Functions app folder with Durable Functions 2.x on this machine."""
    if deliver_twice not in ("", "after", "together"):
        raise typer.BadParameter("--deliver-twice is 'after' or 'together'")
    faults = WorkFaults(
        twice=deliver_twice, lost_answers=lose_answers, lost_turns=lose_turns, lease=lease
    )
    options = Options(
        port=port,
        enforce_keys=enforce_keys,
        keys=Keys.given(host_key),
        faults=faults,
        clock=HubClock(clock_speed),
    )
    if os.environ.get("EMULATED_TELEMETRY_FILE"):
        from emulator.telemetry import record  # noqa: PLC0415 # the SDK of telemetry takes its time

        record(Path(os.environ["EMULATED_TELEMETRY_FILE"]))
    try:
        asyncio.run(_serve(FunctionsHost(app_dir, options), ready_json))
    except AppDoesNotLoad as error:
        _fail(f"Worker failed to load the app: {error}")
    except OSError as error:
        _fail(f"Port {port} is unavailable: {error.strerror}")
    _end_within(_PATIENCE, 0)


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
    _say(f"Worker process started and initialized. Listening on {host.url}")
    if ready_json:
        ready = {"ready": True, "url": host.url, "pid": os.getpid(), "keys": asdict(host.keys)}
        _say(json.dumps(ready))


def _fail(reason: str) -> None:
    _say(reason)
    _end_within(_PATIENCE, 1)
    raise typer.Exit(1)


def _end_within(seconds: float, code: int) -> None:
    """Do not wait for ever for threads that the app blocks."""
    watch = threading.Timer(seconds, os._exit, (code,))
    watch.daemon = True
    watch.start()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    typer.run(main)
