"""One running host: the app's worker, its task hub, its HTTP server and its other triggers."""

import asyncio
import contextlib
import logging
import os
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp
from aiohttp import web

from emulator.functions_host import http_triggers, logs
from emulator.functions_host.app_settings import (
    HostSettings,
    load_local_settings,
    read_host_settings,
)
from emulator.functions_host.dispatch import Dispatcher
from emulator.functions_host.durable_client import client_configuration
from emulator.functions_host.engine import Engine
from emulator.functions_host.faults import WorkFaults
from emulator.functions_host.hub_clock import HubClock
from emulator.functions_host.keys import Keys
from emulator.functions_host.management import Management
from emulator.functions_host.management_entities import EntityManagement
from emulator.functions_host.messages import TypedData
from emulator.functions_host.queue_storage import StorageError
from emulator.functions_host.queues import QueueTrigger, put_outputs
from emulator.functions_host.timers import TimerTrigger
from emulator.functions_host.tracing import tracing_for
from emulator.functions_host.worker import Answer, Function, Worker

_LARGEST_BODY = 100 * 1024 * 1024
"""The host's own limit: https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How an app is hosted.

    Attributes:
        port: Loopback port; 0 for a free one.
        enforce_keys: Whether HTTP functions ask for keys; ``func start`` does not.
        keys: The host's keys; made up when the caller gives none.
        faults: What goes wrong on purpose between task hub and worker.
        clock: The time that orchestrations see.
    """

    port: int = 0
    enforce_keys: bool = False
    keys: Keys = field(default_factory=Keys.given)
    faults: WorkFaults = field(default_factory=WorkFaults)
    clock: HubClock = field(default_factory=HubClock)


_SERVED = {"httptrigger", "orchestrationtrigger", "activitytrigger", "entitytrigger"}
_log = logging.getLogger("Host.Startup")


class FunctionsHost:
    """Hosts one app folder; one per process, because the worker library is.

    Use as ``async with FunctionsHost(app_dir) as host:``; entering waits until it answers.

    Attributes:
        url: ``http://127.0.0.1:port``, once entered.
        keys: The keys in force.
        functions: The app's functions, once entered.
        engine: The task hub, once entered.
    """

    url: str
    functions: tuple[Function, ...]
    engine: Engine
    settings: HostSettings
    endpoints: tuple[http_triggers.Endpoint, ...]

    def __init__(self, app_dir: Path, options: Options | None = None) -> None:
        self._options = options or Options()
        self.app_dir = app_dir.resolve()
        self.keys = self._options.keys
        self._worker = Worker()
        self._running = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Load the app and serve it.

        Raises:
            AppDoesNotLoad: The app cannot be imported or indexed.
            OSError: The port is taken.
        """
        try:
            await self._start()
        except BaseException:
            await self._running.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()

    async def _start(self) -> None:
        load_local_settings(self.app_dir)
        os.environ.setdefault("FUNCTIONS_WORKER_RUNTIME", "python")
        os.environ.setdefault("AZURE_FUNCTIONS_ENVIRONMENT", "Development")
        self.settings = read_host_settings(self.app_dir)
        logs.install(self.settings.log_levels)
        self.functions = await asyncio.to_thread(self._worker.load, self.app_dir)
        self._running.callback(self._worker.stop)
        self._session = await self._running.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        )
        self.endpoints = http_triggers.endpoints(self.functions, self.settings.route_prefix)
        dispatcher = Dispatcher(
            self.invoke,
            self.functions,
            self._options.faults,
            activities=self.settings.activities,
            turns=self.settings.turns,
        )
        self.engine = Engine(
            dispatcher.ring,
            versions=self.settings.versions,
            tracing=tracing_for(open_telemetry=self.settings.open_telemetry),
            replace_any=self.settings.replace_any,
            clock=self._options.clock,
        )
        self._rpc = self.engine.start()
        self._running.callback(self.engine.stop)
        self._running.push_async_callback(dispatcher.stop)
        await self._listen(dispatcher)
        await self._watch()
        dispatcher.attach(self.engine)

    async def _listen(self, dispatcher: Dispatcher) -> None:
        triggers = http_triggers.HttpTriggers(
            self.endpoints, self.invoke, self.keys, enforce=self._options.enforce_keys
        )
        app = web.Application(client_max_size=_LARGEST_BODY)
        app.router.add_route("*", "/admin/host/status", self._status)
        Management(self.engine, dispatcher, self.settings, self.keys).add_to(app)
        EntityManagement(self.engine, dispatcher, self.keys).add_to(app)
        if not any(endpoint.route.match("") is not None for endpoint in self.endpoints):
            app.router.add_get("/", self._home)
        app.router.add_route("*", r"/{path:[\s\S]*}", triggers.handle)  # line ends, too
        runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=1,
            auto_decompress=False,  # bodies reach functions as they were sent
        )
        await runner.setup()
        self._running.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", self._options.port)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def _watch(self) -> None:
        """Serve the queue and timer triggers until the end."""
        tasks: list[asyncio.Task[None]] = []
        for function in self.functions:
            if function.kind == "timertrigger":
                timer = TimerTrigger(function, self.invoke)
                tasks.append(asyncio.create_task(timer.serve()))
            elif function.kind == "queuetrigger":
                trigger = QueueTrigger(function, self.invoke, self.settings.queues, self._session)
                tasks.append(asyncio.create_task(trigger.serve()))
            elif function.kind not in _SERVED:
                _log.warning("'%s' never runs here: %s", function.name, function.trigger["type"])
        self._running.push_async_callback(_cancel, tasks)

    async def invoke(
        self,
        function: Function,
        trigger: TypedData,
        metadata: dict[str, TypedData] | None = None,
    ) -> Answer:
        """Run ``function`` once, its durable clients bound."""
        data = {str(function.trigger["name"]): trigger}
        for binding in function.bindings:
            if str(binding["type"]).lower() == "durableclient":
                data[str(binding["name"])] = TypedData(string=self._client(binding))
        answer = await self._run(function, data, metadata or {})
        if not answer.ok:
            return answer
        try:
            await put_outputs(function, answer, self.settings.queues, self._session)
        except StorageError as error:
            return Answer(False, message=f"StorageException: {error}")
        return answer

    async def _run(
        self, function: Function, data: dict[str, TypedData], metadata: dict[str, TypedData]
    ) -> Answer:
        """Invoke and log as the host does."""
        log = logging.getLogger(f"Function.{function.name}")
        began, invocation = time.monotonic(), str(uuid.uuid4())
        log.info("Executing 'Functions.%s' (Id=%s)", function.name, invocation)
        answer = await self._worker.invoke(function, data, metadata, invocation)
        took = round((time.monotonic() - began) * 1000)
        how, level = ("Succeeded", logging.INFO) if answer.ok else ("Failed", logging.ERROR)
        text = "Executed 'Functions.%s' (%s, Id=%s, Duration=%dms)"
        log.log(level, text, function.name, how, invocation, took)
        if not answer.ok:
            log.error(
                "System.Private.CoreLib: Exception while executing function: Functions.%s. %s\n%s",
                function.name,
                answer.message,
                answer.stack,
            )
        return answer

    def _client(self, binding: dict[str, Any]) -> str:
        return client_configuration(
            self.settings, binding, url=self.url, rpc=self._rpc, key=self.keys.durable
        )

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response(
            {"id": self.app_dir.name, "state": "Running", "version": "4.0.0", "processUptime": 0}
        )

    async def _home(self, request: web.Request) -> web.StreamResponse:
        """The host's own page, unless the app has taken the root."""
        del request
        return web.Response(
            text="<h1>Your functions host is up and running</h1>", content_type="text/html"
        )


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
