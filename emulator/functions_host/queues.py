"""Queue triggers and queue outputs, as the Storage extension serves them.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger
"""

import asyncio
import base64
import json
import logging
import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, cast

import aiohttp

from emulator.functions_host.app_settings import QueueSettings, resolve_setting
from emulator.functions_host.messages import TypedData
from emulator.functions_host.queue_storage import Account, Message, Queues, StorageError
from emulator.functions_host.worker import Answer, Function

_log = logging.getLogger("Host.Triggers.Queue")

_HIDDEN = timedelta(minutes=10)
"""How long a message that is being worked on stays hidden."""
_SHORTEST_PAUSE = 0.1
_LOOK_AGAIN = 5.0
"""Real seconds between two tries to reach a storage account that is not there."""

type Run = Callable[[Function, TypedData, dict[str, TypedData]], Awaitable[Answer]]


def account_of(connection: str) -> Account:
    """The account that a binding's ``connection`` setting names.

    Raises:
        StorageError: No such setting, or one without a key.
    """
    name = connection or "AzureWebJobsStorage"
    text = os.environ.get(name) or os.environ.get(f"AzureWebJobs{name}", "")
    if not text:
        raise StorageError(f"the app setting '{name}' is not set")
    return Account.parse(text)


class QueueTrigger:
    """Feeds the messages of one queue to one function."""

    def __init__(
        self, function: Function, run: Run, settings: QueueSettings, session: aiohttp.ClientSession
    ) -> None:
        self._function = function
        self._run = run
        self._settings = settings
        self._session = session
        self._name = resolve_setting(str(function.trigger["queueName"])).lower()
        self._working: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Poll as long as the host runs; an account that is not there is mentioned once."""
        mentioned = False
        while True:
            try:
                account = account_of(str(self._function.trigger.get("connection") or ""))
                queues = Queues(account, self._session)
                await queues.create(self._name)
                await self._poll(queues)
            except StorageError as error:
                if not mentioned:
                    _log.warning(
                        "Queue trigger '%s' waits for its storage: %s", self._function.name, error
                    )
                mentioned = True
                await asyncio.sleep(_LOOK_AGAIN)

    async def _poll(self, queues: Queues) -> None:
        pause = _SHORTEST_PAUSE
        longest = self._settings.max_polling_interval.total_seconds()
        while True:
            if len(self._working) > self._settings.new_batch_threshold:
                await asyncio.wait(self._working, return_when=asyncio.FIRST_COMPLETED)
                continue
            found = await queues.receive(self._name, self._settings.batch_size, _HIDDEN)
            for message in found:
                task = asyncio.create_task(self._work(queues, message))
                self._working.add(task)
                task.add_done_callback(self._working.discard)
            pause = _SHORTEST_PAUSE if found else min(pause * 2, longest)
            await asyncio.sleep(0 if found else pause)

    async def _work(self, queues: Queues, message: Message) -> None:
        try:
            answer = await self._try(message)
            if answer.ok:
                await queues.delete(self._name, message)
                return
            if message.dequeue_count >= self._settings.max_dequeue_count:
                await self._poison(queues, message)
            else:
                await queues.release(self._name, message, self._settings.visibility_timeout)
        except StorageError as error:
            _log.warning("A message of queue '%s' will come again: %s", self._name, error)

    async def _try(self, message: Message) -> Answer:
        try:
            body = decode(message.text, base64_encoded=self._settings.base64)
        except ValueError as error:
            return Answer(False, message=f"FormatException: {error}")
        return await self._run(self._function, body, _metadata(message, body))

    async def _poison(self, queues: Queues, message: Message) -> None:
        poison = f"{self._name}-poison"
        await queues.create(poison)
        await queues.put(poison, message.text)
        await queues.delete(self._name, message)
        _log.warning(
            "Message has reached MaxDequeueCount of %d. Moving message to queue '%s'.",
            self._settings.max_dequeue_count,
            poison,
        )


def decode(text: str, *, base64_encoded: bool) -> TypedData:
    """The body of a message: text when it is UTF-8, else bytes.

    Raises:
        ValueError: It should be base64 and is not.
    """
    raw = base64.b64decode(text, validate=True) if base64_encoded else text.encode()
    try:
        return TypedData(string=raw.decode())
    except UnicodeDecodeError:
        return TypedData(bytes=raw)


def encode(value: Any, *, base64_encoded: bool) -> str:
    """The text of an outgoing message."""
    raw = value if isinstance(value, bytes) else str(value).encode()
    return base64.b64encode(raw).decode() if base64_encoded else raw.decode()


async def put_outputs(
    function: Function, answer: Answer, settings: QueueSettings, session: aiohttp.ClientSession
) -> None:
    """Send what a function put into its queue output bindings.

    Raises:
        StorageError: A queue could not be reached.
    """
    for binding in function.bindings:
        if str(binding["type"]).lower() != "queue":
            continue
        name = str(binding["name"])
        value = answer.returned if name == "$return" else answer.outputs.get(name)
        if value is None or value.kind is None:
            continue
        queue = resolve_setting(str(binding["queueName"])).lower()
        queues = Queues(account_of(str(binding.get("connection") or "")), session)
        await queues.create(queue)
        for item in _items(value):
            await queues.put(queue, encode(item, base64_encoded=settings.base64))


def _items(value: TypedData) -> list[Any]:
    """A list is several messages; a message object is its body."""
    if value.kind != "json":
        return [value.value]
    read: Any = json.loads(value.value)
    items: list[Any] = cast("list[Any]", read) if isinstance(read, list) else [read]
    return [_body(item) for item in items]


def _body(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    fields = cast("dict[str, Any]", item)
    return fields.get("body", json.dumps(fields))


def _metadata(message: Message, body: TypedData) -> dict[str, TypedData]:
    def moment(value: datetime) -> TypedData:
        return TypedData(json=json.dumps(value.isoformat()))

    return {
        "QueueTrigger": body,
        "Id": TypedData(string=message.id),
        "PopReceipt": TypedData(string=message.pop_receipt),
        "DequeueCount": TypedData(json=str(message.dequeue_count)),
        "InsertionTime": moment(message.inserted),
        "ExpirationTime": moment(message.expires),
        "NextVisibleTime": moment(message.visible),
    }
