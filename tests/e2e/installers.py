"""Two function apps, each with its own name and task hub, in one emulated world."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.hosting import AppProcess
from tests.e2e.driver import ENDED, Driver


@dataclass(frozen=True)
class Installer:
    """One app, as a person with curl sees it."""

    url: str
    key: str

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of one request."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"x-functions-key": self.key, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def ended(self, name: str, seconds: float = 60) -> dict[str, Any]:
        """The status once the installation has ended."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            code, status = self.ask("GET", f"installations/{name}")
            if code == 200 and status["state"] in ENDED:  # OK
                return status
            threading.Event().wait(0.05)
        raise AssertionError(f"{name} never ended")


@contextmanager
def two_installers() -> Generator[tuple[Driver, Installer, Installer]]:
    """A world whose own app is ``app-a``, with ``app-b`` beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSTALLER_ID", "app-a")
        driver = Driver()
    cloud = driver.world.cloud
    settings = {**cloud.environment(), "INSTALLER_ID": "app-b"}
    second = AppProcess(settings, cloud.folder / "second.log")
    try:
        driver.do(second.__aenter__())
        host = driver.world.host
        yield driver, Installer(host.url, host.key), Installer(second.url, second.key)
    finally:
        driver.do(second.__aexit__())
        driver.close()


def at_once[T](*works: Callable[[], T]) -> list[T]:
    """What each of several works answers, all begun at the same instant."""
    start = threading.Barrier(len(works))
    answers: dict[int, T] = {}

    def run(number: int) -> None:
        start.wait(10)
        answers[number] = works[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [answers[number] for number in range(len(works))]
