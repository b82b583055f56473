"""Sends hostile requests over real sockets and judges what comes back."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.hostile.fuzz_requests import Request
from tests.hostile.mutation import CANARY
from tests.hostile.promises import PROBLEM, broken

SLOWEST = 20.0
"""Real seconds within which an answer is due, on a machine that does much else besides."""
_CLIENTS = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``status`` 0 when nothing did."""

    status: int
    headers: str
    content_type: str
    body: bytes


@dataclass(slots=True)
class Tally:
    """What came back of all requests."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    failures: list[str] = field(default_factory=list[str])
    seconds: list[float] = field(default_factory=list[float])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def total(self) -> int:
        """Requests that were sent."""
        return sum(self.answers.values())

    def of_class(self, hundreds: int) -> int:
        """Answers with a status of ``hundreds``: 4 for 400 to 499."""
        return sum(
            number for (_, status), number in self.answers.items() if status // 100 == hundreds
        )

    def slower_than_all_but(self, share: float) -> float:
        """Seconds within which all but a share of the answers came."""
        return sorted(self.seconds)[-1 - int(len(self.seconds) * share)]

    def add(self, sent: Request, status: int, seconds: float, fault: str) -> None:
        """Count one answer."""
        with self._lock:
            self.answers[sent.operation, status] += 1
            self.seconds.append(seconds)
            if fault:
                told = f"{sent.method} {sent.target[:120]} -> {status}: {fault}"
                self.failures.append(f"{told}; body {(sent.body or b'')[:300]!r}")


def send_all(url: str, stream: Iterator[Request]) -> Tally:
    """Send every request to the app at ``url``, from a few clients at once."""
    tally, lock = Tally(), threading.Lock()

    def work() -> None:
        connection = _connect(url)
        while True:
            with lock:
                sent = next(stream, None)
            if sent is None:
                connection.close()
                return
            begun = time.monotonic()
            try:
                answer = _send(connection, sent)
            except (OSError, http.client.HTTPException) as error:
                tally.add(sent, 0, time.monotonic() - begun, f"no answer: {type(error).__name__}")
                connection.close()
                connection = _connect(url)
                continue
            took = time.monotonic() - begun
            tally.add(sent, answer.status, took, fault_of(sent.operation, answer, took))

    with ThreadPoolExecutor(_CLIENTS) as clients:
        for client in [clients.submit(work) for _ in range(_CLIENTS)]:
            client.result()
    return tally


def fault_of(operation: str, answer: Answer, seconds: float) -> str:
    """What is wrong with an answer, in a few words; empty when nothing is."""
    if answer.status >= 500:
        return "a server error"
    if seconds > SLOWEST:
        return f"took {seconds:.1f} s"
    if CANARY.encode() in answer.body or CANARY in answer.headers:
        return "a submitted value stands in the answer"
    if answer.status == 401:  # the host's own, before the app sees anything
        return "the host's refusal has a body" if answer.body else ""
    if answer.status >= 400 and answer.content_type.partition(";")[0] != PROBLEM:
        return f"an error of type {answer.content_type!r}"
    return broken(operation, answer.status, answer.content_type, answer.body)


def _connect(url: str) -> http.client.HTTPConnection:
    where = urlsplit(url)
    return http.client.HTTPConnection(where.hostname or "", where.port, timeout=2 * SLOWEST)


def _send(connection: http.client.HTTPConnection, sent: Request) -> Answer:
    body: Any = sent.body
    if sent.chunked and sent.body is not None:
        body = iter([sent.body[at : at + 1000] for at in range(0, len(sent.body), 1000)])
    connection.request(
        sent.method, sent.target, body=body, headers=sent.headers, encode_chunked=sent.chunked
    )
    got = connection.getresponse()
    return Answer(got.status, str(got.headers), got.headers.get("Content-Type", ""), got.read())
