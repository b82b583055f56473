"""Bodies and connections that never end: refused by the host, while others are served."""

import http.client
import select
import socket
import time
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import pytest

from emulator.functions_host.bodies import GRACE
from tests.e2e.driver import Driver

_PATIENCE = 20.0
"""Real seconds that a busy machine may add to the host's own."""
_HOST_LIMIT = 100 * 2**20


def opened(driver: Driver, framing: str) -> socket.socket:
    """A connection with the head of a POST that carries a key, and nothing of its body."""
    where = urlsplit(driver.world.host.url)
    connection = socket.create_connection(("127.0.0.1", where.port or 0), timeout=_PATIENCE)
    connection.sendall(
        f"POST /api/installations HTTP/1.1\r\nHost: x\r\n{framing}\r\n"
        f"x-functions-key: {driver.world.host.key}\r\n\r\n".encode()
    )
    return connection


def answered(connection: socket.socket) -> int:
    """The status of the answer."""
    reply = http.client.HTTPResponse(connection)
    reply.begin()
    reply.read()
    return reply.status


def invocations(driver: Driver) -> int:
    """How often the app's function was run so far."""
    log = (driver.world.cloud.folder / "host.log").read_text(errors="replace")
    return log.count("Executing 'Functions.post_installation'")


ENDLESS = (
    ("Transfer-Encoding: chunked", b'8\r\n{"name":\r\n'),
    ("Transfer-Encoding: chunked", b""),
    ("Transfer-Encoding: chunked", b"ffff\r\nx"),
    ("Content-Length: 60000", b'{"name":'),
)
"""How a body is announced, and all that ever comes of it."""


def test_a_body_that_never_ends_is_given_up(driver: Driver) -> None:
    """408 after the host's patience; the app never sees it, and others are served meanwhile."""
    before = invocations(driver)
    with ExitStack() as held:
        connections = [held.enter_context(closing(opened(driver, how))) for how, _ in ENDLESS]
        for connection, (_, begun) in zip(connections, ENDLESS, strict=True):
            connection.sendall(begun)
        asked = time.monotonic()
        assert driver.ask("GET", "health").status == 200
        assert driver.ask("POST", "installations", {}).status == 400
        statuses = [answered(connection) for connection in connections]

    assert statuses == [408] * len(ENDLESS)
    assert time.monotonic() - asked < GRACE + _PATIENCE
    assert invocations(driver) == before + 1


def test_a_body_that_drips_is_given_up(driver: Driver) -> None:
    """A byte now and then buys no time: the rate counts, not the last sign of life."""
    before = invocations(driver)
    with closing(opened(driver, "Transfer-Encoding: chunked")) as connection:
        connection.settimeout(0.2)
        end = time.monotonic() + GRACE + _PATIENCE
        status = 0
        while not status and time.monotonic() < end:
            try:
                connection.sendall(b"1\r\nx\r\n")
                status = answered(connection)
            except TimeoutError:
                continue

    assert status == 408
    assert invocations(driver) == before


@pytest.mark.trust
def test_a_body_that_comes_fast_and_never_ends_is_refused(driver: Driver) -> None:
    """413 at the host's limit; the app never sees it."""
    before = invocations(driver)
    piece = b"%x\r\n%s\r\n" % (2**20, b"x" * 2**20)
    sent = 0
    with closing(opened(driver, "Transfer-Encoding: chunked")) as connection:
        while not select.select([connection], [], [], 0)[0] and sent < 3 * _HOST_LIMIT:
            connection.sendall(piece)
            sent += 2**20
        assert answered(connection) == 413

    assert sent >= _HOST_LIMIT
    assert invocations(driver) == before
    assert driver.ask("GET", "health").status == 200


@pytest.mark.parametrize("key", ["", "x-functions-key: wrong\r\n"], ids=["none", "wrong"])
def test_nobody_without_a_key_is_listened_to(driver: Driver, key: str) -> None:
    """401 before a single byte of the body is read."""
    where = urlsplit(driver.world.host.url)
    with closing(socket.create_connection(("127.0.0.1", where.port or 0), _PATIENCE)) as connection:
        connection.sendall(
            b"POST /api/installations HTTP/1.1\r\nHost: x\r\n"
            b"Transfer-Encoding: chunked\r\n" + key.encode() + b"\r\n"
        )
        assert answered(connection) == 401


@pytest.mark.parametrize(
    "broken",
    [
        b"POST /api/installations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /api/installations HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/installations HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"POST /a HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"POST /api/installations HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\0" * 100,
        b"GET /api/health HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
    ids=["chunk", "negative", "two-lengths", "smuggled", "version", "tls", "nul", "long-header"],
)
def test_what_is_no_http_is_refused_and_the_host_goes_on(driver: Driver, broken: bytes) -> None:
    """A client error or a closed connection, at once; nothing is run."""
    before = invocations(driver)
    where = urlsplit(driver.world.host.url)
    with closing(socket.create_connection(("127.0.0.1", where.port or 0), _PATIENCE)) as connection:
        connection.sendall(broken)
        connection.shutdown(socket.SHUT_WR)
        told = connection.recv(100)

    assert told == b"" or told.split(b" ")[1].startswith(b"4"), told
    assert invocations(driver) == before
    assert driver.ask("GET", "health").status == 200
