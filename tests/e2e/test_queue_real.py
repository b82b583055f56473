"""Installations that are asked for by queue message, through a true queue service."""

import asyncio
import base64
import json
import secrets
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from emulator.functions_host.queue_storage import Account, Message, Queues
from tests.e2e.driver import Driver
from tests.real.azurite import azurite

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]

QUEUE = "installations"
POISON = "installations-poison"
_TRIES = 5
"""``maxDequeueCount`` of host.json; between two tries are its ten seconds."""


@dataclass(frozen=True)
class Queue:
    """The storage account of an app, as somebody who sends messages sees it."""

    driver: Driver
    connection: str = field(repr=False)

    def send(self, text: str) -> None:
        """Send one message as the Storage extension expects it: base64."""

        async def send(queues: Queues) -> None:
            await queues.create(QUEUE)
            await queues.put(QUEUE, base64.b64encode(text.encode()).decode())

        self._do(send)

    def poisoned(self) -> list[str]:
        """Texts in the poison queue, which keeps them."""

        async def look(queues: Queues) -> list[Message]:
            await queues.create(POISON)
            return await queues.receive(POISON, 32, timedelta(seconds=1))

        return [base64.b64decode(message.text).decode() for message in self._do(look)]

    def log(self) -> str:
        """What host and app printed so far."""
        return (self.driver.world.cloud.folder / "host.log").read_text()

    def until_logged(self, *words: str, times: int = 1, seconds: float = 90) -> None:
        """Wait for as many lines with all the words."""

        def logged() -> bool:
            lines = self.log().splitlines()
            return sum(all(word in line for word in words) for line in lines) >= times

        until(logged, f"{times} lines with {words}", seconds)

    def _do[T](self, work: Callable[[Queues], Coroutine[Any, Any, T]]) -> T:
        async def run() -> T:
            async with aiohttp.ClientSession() as session:
                return await work(Queues(Account.parse(self.connection), session))

        return asyncio.run(run())


def until(reached: Callable[[], bool], what: str, seconds: float) -> None:
    """Wait for something to come true."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, what
        time.sleep(0.1)


@pytest.fixture(scope="module")
def queue() -> Iterator[Queue]:
    """A world whose app has its storage in a fresh Azurite."""
    with azurite() as connection:
        with pytest.MonkeyPatch.context() as settings:
            settings.setenv("AzureWebJobsStorage", connection)
            driver = Driver(speed=600)
        yield Queue(driver, connection)
        driver.close()


def runs(queue: Queue, name: str) -> int:
    """How often the log tells that a run of the installation was started by a message."""
    return queue.log().count(f"installation {name} started")


def test_a_good_message_is_an_installation(queue: Queue) -> None:
    """Its status is under its name, and it succeeds."""
    request = queue.driver.request("queue-good")

    queue.send(json.dumps(request))
    queue.until_logged("installation queue-good started")

    status = queue.driver.ended("queue-good", 120)
    assert status["state"] == "Succeeded", status.get("failure")
    assert json.dumps(request) not in queue.poisoned()


def test_a_bad_message_is_poison_and_its_errors_are_in_the_log(queue: Queue) -> None:
    """After five tries it is kept aside; what is wrong is told, no value of it is."""
    canary = secrets.token_urlsafe(16)
    request = queue.driver.request("queue-bad")
    del request["cluster"]
    request["secrets"]["administratorPassword"] = canary
    bad = json.dumps(request)

    queue.send(bad)
    until(lambda: bad in queue.poisoned(), "the poison", 120)

    queue.until_logged("asks for nothing we can do", "/cluster", times=_TRIES, seconds=5)
    assert canary not in queue.log()
    assert queue.connection.split("AccountKey=")[1].partition(";")[0] not in queue.log()
    assert queue.driver.ask("GET", "installations/queue-bad").status == 404


def test_a_message_that_is_no_json_is_poison_without_being_quoted(queue: Queue) -> None:
    """The log says that it is none, and nothing else of it."""
    canary = secrets.token_urlsafe(16)
    bad = f'{{"secrets": {canary}'

    queue.send(bad)
    until(lambda: bad in queue.poisoned(), "the poison", 120)

    assert "is not JSON" in queue.log()
    assert canary not in queue.log()


def test_the_same_message_twice_is_one_installation(queue: Queue) -> None:
    """Queues deliver at least once; the second finds the first running or finished."""
    message = json.dumps(queue.driver.request("queue-twice"))

    queue.send(message)
    queue.send(message)
    queue.until_logged("message", "installation queue-twice", times=2)

    status = queue.driver.ended("queue-twice", 120)
    assert status["state"] == "Succeeded", status.get("failure")
    assert runs(queue, "queue-twice") == 1
    assert message not in queue.poisoned()


def test_a_message_that_names_a_running_installation_is_no_error(queue: Queue) -> None:
    """However the installation was asked for first; the message is done with."""
    request = queue.driver.request("queue-running")
    assert queue.driver.post(request).status == 202

    queue.send(json.dumps(request))
    queue.until_logged("installation queue-running running")

    assert queue.driver.ended("queue-running", 120)["state"] == "Succeeded"
    assert json.dumps(request) not in queue.poisoned()
