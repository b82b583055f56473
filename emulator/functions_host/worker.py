"""The published worker library on a thread of its own: loads the app and runs its functions.

Its own event loop keeps the host answering while a coroutine of the app blocks, as two processes
would. The library keeps process-global state: one worker per process.
"""

import asyncio
import importlib
import json
import os
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator.functions_host.logs import Running
from emulator.functions_host.messages import (
    PROTOS,
    Message,
    ParameterBinding,
    StatusResult,
    TypedData,
    envelope,
)
from emulator.functions_host.packages import find_packages
from emulator.functions_host.thread_end import end_thread_of

_library: Any = importlib.import_module("azure_functions_runtime")


class AppDoesNotLoad(Exception):
    """The app folder holds no app that the worker can index; the message says why."""


@dataclass(frozen=True, slots=True)
class Function:
    """One indexed function.

    Attributes:
        bindings: As in function.json, the trigger among them.
        trigger: The binding whose type ends in ``Trigger``.
    """

    id: str
    name: str
    trigger: dict[str, Any]
    bindings: tuple[dict[str, Any], ...]

    @property
    def kind(self) -> str:
        """Trigger type in lower case, such as ``httptrigger``."""
        return str(self.trigger["type"]).lower()

    @property
    def durable_name(self) -> str:
        """The name under which orchestrations know this orchestrator, activity or entity."""
        for key in ("orchestration", "activity", "entityName", "entity_name"):
            if self.trigger.get(key):
                return str(self.trigger[key])
        return self.name


@dataclass(frozen=True, slots=True)
class Answer:
    """What one invocation gave.

    Attributes:
        ok: False when the function raised.
        message: ``Type: text`` of the exception, as the worker words it; empty when ok.
        outputs: Values of output bindings by name.
    """

    ok: bool
    returned: TypedData | None = None
    outputs: dict[str, TypedData] = field(default_factory=dict[str, TypedData])
    message: str = ""
    stack: str = ""


class Worker:
    """Loads one app folder and runs its functions."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="functions-worker", daemon=True)

    def load(self, app_dir: Path) -> tuple[Function, ...]:
        """Import and index the app, with its folder as current folder and first on the path.

        Raises:
            AppDoesNotLoad: Import failed, indexing failed, or there is no function.
        """
        os.chdir(app_dir)
        find_packages(app_dir)
        self._thread.start()
        return self._submit(self._index(app_dir)).result()

    async def invoke(
        self,
        function: Function,
        data: dict[str, TypedData],
        metadata: dict[str, TypedData],
        invocation_id: str,
    ) -> Answer:
        """Run ``function`` once, with a value per input binding; cancelled, it is killed."""
        request = Message(
            invocation_id=invocation_id,
            function_id=function.id,
            input_data=[ParameterBinding(name=name, data=value) for name, value in data.items()],
            trigger_metadata=metadata,
            trace_context=Message(trace_parent="", trace_state="", attributes={}),
            retry_context=Message(retry_count=0, max_retry_count=0, exception=None),
        )

        async def run() -> Any:
            with Running(function.name, invocation_id):
                return await _library.invocation_request(envelope(invocation_request=request))

        try:
            return _answer(await asyncio.wrap_future(self._submit(run())))
        except asyncio.CancelledError:
            end_thread_of(invocation_id)
            raise

    def stop(self) -> None:
        """End the loop; functions that still run on threads are abandoned, as a killed worker's."""
        executor = _library.get_threadpool_executor()
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=2)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _submit(self, asked: Any) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(asked, self._loop)

    async def _index(self, app_dir: Path) -> tuple[Function, ...]:
        _library.start_threadpool_executor()
        asked = Message(capabilities={}, function_app_directory=str(app_dir))
        answer = await _library.worker_init_request(envelope(worker_init_request=asked))
        if answer.result.status != StatusResult.Success:
            failure = answer.result.exception
            raise AppDoesNotLoad(f"{failure.message}\n{failure.stack_trace}")
        if answer.capabilities.get("HttpUri"):
            raise AppDoesNotLoad(
                "HTTP streams (azurefunctions.extensions.http) are not hosted here."
            )
        listed = await _library.functions_metadata_request(
            envelope(functions_metadata_request=Message())
        )
        functions = tuple(_function(found) for found in listed.function_metadata_results or ())
        if not functions:
            raise AppDoesNotLoad(
                f"No functions found: {app_dir} holds no function_app.py with an app in it."
            )
        return functions


def _function(found: Any) -> Function:
    bindings = tuple(json.loads(raw) for raw in found.raw_bindings)
    trigger = next(b for b in bindings if str(b["type"]).lower().endswith("trigger"))
    return Function(found.function_id, found.name, trigger, bindings)


def _answer(response: Any) -> Answer:
    if response.result.status == PROTOS.StatusResult.Success:
        outputs = {bound.name: bound.data for bound in response.output_data}
        return Answer(True, response.return_value, outputs)
    failure = response.result.exception
    return Answer(False, message=failure.message, stack=failure.stack_trace)
