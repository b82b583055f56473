"""Bodies and messages that are broken, huge, lying or absurd: told so at once, never a 5xx."""

import asyncio
import gzip
import http.client
import json
import logging
import math
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast
from urllib.parse import urlsplit

import azure.durable_functions as df
import azure.functions as func
import pytest

from model.request import parse_request
from model.request_text import DEPTH_LIMIT
from model.settings import Settings
from tests.e2e.driver import Driver
from tests.hostile.places import changed
from tests.hostile.promises import PROBLEM, broken
from tests.model.samples import sample
from triggers import queue
from triggers._json import NotJson, read_json

CANARY = f"Canary!{secrets.token_hex(8)}"
PATIENCE = 10.0
"""Real seconds within which every body must be judged."""

BROKEN: dict[str, bytes] = {
    "empty": b"",
    "blank": b"  \n",
    "cut": b'{"name": "a',
    "two-documents": b"{} {}",
    "invalid-utf-8": b'{"name": "\xff\xfe"}',
    "utf-16": '{"name": "a"}'.encode("utf-16"),
    "overlong-utf-8": b'{"name": "\xc0\xaf"}',
    "surrogate-bytes": b'{"name": "\xed\xa0\x80"}',
    "byte-order-mark": b"\xef\xbb\xbf{}",
    "nul": b"\0",
    "control-character": b'{"name": "a\x01"}',
    "nan": b'{"limits": {"headroom": NaN}}',
    "infinity": b'{"limits": {"headroom": -Infinity}}',
    "ten-thousand-lists": b"[" * 10_000 + b"]" * 10_000,
    "ten-thousand-objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "many-digits": b'{"cluster": {"nodeCount": ' + b"9" * 50_000 + b"}}",
    "gzip": gzip.compress(b"{}"),
    "form": b"name=a&offering=standard",
    "xml": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "yaml": b"a: &a [*a]",
    "duplicate-key": b'{"name": "a", "name": "b"}',
    "duplicate-inner-key": b'{"azure": {"zone": "1", "zone": "' + CANARY.encode() + b'"}}',
}  # fmt: skip # a table
"""Bodies that are no JSON document by our rules."""

ABSURD: dict[str, tuple[bytes, str]] = {
    "null": (b"null", ""),
    "list": (b"[1, 2]", ""),
    "number": (b"1e400", ""),
    "text": (b'"x"', ""),
    "lone-surrogate": (b'{"name": "\\ud800"}', "/name"),
    "surrogate-key": (b'{"\\udfff": 1}', ""),
    "nul-escape": (b'{"name": "a\\u0000"}', "/name"),
    "huge-float": (b'{"limits": {"headroom": 1e999}}', "/limits/headroom"),
    "huge-whole-number": (b'{"cluster": {"maxPods": ' + b"9" * 4000 + b"}}", "/cluster/maxPods"),
    "long-key": (b'{"' + b"k" * 60_000 + b'": 1}', ""),
    "deep": (b'{"a":' * 40 + b"1" + b"}" * 40, "/a" * DEPTH_LIMIT),
    "direction-override": ('{"name": "a\u202eb"}'.encode(), "/name"),
}  # fmt: skip # a table
"""JSON documents that are no requests, and the pointer that says where."""


def post(driver: Driver, path: str, body: bytes, **headers: str) -> tuple[int, str, bytes]:
    """One POST; the answer's status, content type and body."""
    where = urlsplit(driver.world.host.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=PATIENCE)
    told = {"x-functions-key": driver.world.host.key} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    try:
        connection.request("POST", f"/api/{path}", body, told)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Type", ""), answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["installations", "preflights"])
@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_body_that_is_no_document_is_told_so(driver: Driver, path: str, body: bytes) -> None:
    """400 as promised, with nothing of the body in it."""
    status, kind, told = post(driver, path, body)

    operation = "post_installation" if path == "installations" else "post_preflight"
    assert (status, kind) == (400, PROBLEM)
    assert broken(operation, status, kind, told) == ""
    assert CANARY.encode() not in told


@pytest.mark.parametrize(("body", "pointer"), ABSURD.values(), ids=ABSURD)
def test_a_document_that_is_no_request_is_told_where(
    driver: Driver, body: bytes, pointer: str
) -> None:
    """400 with the pointer to the place, in an answer of bounded size."""
    status, kind, told = post(driver, "installations", body)

    assert broken("post_installation", status, kind, told) == ""
    assert status == 400
    assert [error["pointer"] for error in json.loads(told)["errors"]] == [pointer]
    assert len(told) < 2000


def test_an_oversized_body_is_refused_by_its_size(driver: Driver) -> None:
    """413 above 64 KiB, whatever it holds."""
    for body in (b" " * 65_537, json.dumps(sample()).encode() + b" " * 65_537, b"\xff" * 2_000_000):
        status, kind, _ = post(driver, "installations", body)
        assert (status, kind) == (413, PROBLEM)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Type": "multipart/form-data; boundary=x"},
        {"Content_Type": "application/json; charset=utf-16"},
        {"Content_Type": "\u00e9"},
        {"Transfer_Encoding": "chunked"},
        {"Content_Language": "x" * 7000},
    ],
    ids=["text", "form", "multipart", "utf-16", "latin-1", "chunked", "long-header"],
)
def test_headers_do_not_change_what_a_body_is(driver: Driver, headers: dict[str, str]) -> None:
    """The body alone decides; a wrong request is the same wrong request under any header."""
    body = json.dumps(sample(azure__location="NOWHERE!")).encode()
    if "Transfer_Encoding" in headers:
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)

    status, kind, told = post(driver, "installations", body, **headers)

    assert (status, kind) == (400, PROBLEM)
    assert [error["pointer"] for error in json.loads(told)["errors"]] == ["/azure/location"]


@pytest.mark.parametrize("claim", ["gzip", "deflate", "br"])
def test_a_claimed_compression_that_is_none_is_a_client_error(driver: Driver, claim: str) -> None:
    """Never a 5xx and never a hang; the host or the app says no."""
    status, _, _ = post(driver, "installations", b"{}", Content_Encoding=claim)

    assert 400 <= status < 500


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"x"', b"{", b'{"by":1,"by":2}'])
def test_an_event_takes_an_object_or_nothing(driver: Driver, body: bytes) -> None:
    """What is sent to a gate of a running installation is judged, too."""
    request = driver.request("hostile-gate", approval="beforeCreate")
    reply = driver.post(request)
    assert reply.status in (202, 409)

    status, kind, told = post(driver, "installations/hostile-gate/cancel", body)

    assert (status, kind) == (400, PROBLEM)
    assert broken("cancel_installation", status, kind, told) == ""


@pytest.mark.parametrize(
    "asked",
    cast(
        "list[dict[str, Any]]",
        [
            {**sample(), **{f"k{n}": 1 for n in range(6000)}},
            {**sample(), "components": [{} for _ in range(20_000)]},
            {**sample(), "components": [{"name": "a", "after": ["x"] * 20_000}]},
            sample(kots__allowedPreflightWarnings=["x"] * 20_000),
            sample(cluster__nodeLabels={f"k{n}": "v" for n in range(6000)}),
            sample(azure__tags={f"k{n}": "v" * 300 for n in range(150)}),
        ],
    ),
    ids=["keys", "components", "after", "warnings", "labels", "tags"],
)
def test_thousands_of_faults_are_told_within_a_second_or_two(asked: dict[str, Any]) -> None:
    """The work and the answer are bounded, not in proportion to the number of faults."""
    begun = time.thread_time()
    found = parse_request(asked)

    assert time.thread_time() - begun < 2.5
    assert isinstance(found, tuple)
    assert 0 < len(found) <= 100


@pytest.mark.parametrize("levels", [DEPTH_LIMIT, 100, 200, 900, 5000])
def test_depth_is_counted_and_never_recursed_into(levels: int) -> None:
    """Every level that JSON's own reader lets through."""
    deep: Any = 1
    for _ in range(levels):
        deep = [deep]
    for place in (("components",), ("azure", "tags"), ("kots", "configValues", "spec"), ("name",)):
        found = parse_request(changed(sample(), place, deep))
        assert isinstance(found, tuple)


def test_numbers_beyond_json_are_refused_wherever_they_stand() -> None:
    """Not even free documents hold what a YAML reader would take for text."""
    for number in (math.inf, -math.inf, math.nan, 2**63, 10**400):
        found = parse_request(sample(kots__configValues__metadata={"x": [number]}))
        assert isinstance(found, tuple)
        assert found[0].pointer == "/kots/configValues/metadata/x/0"


Take = Callable[[func.QueueMessage, Any], Awaitable[None]]


@pytest.fixture(scope="module")
def take() -> Take:
    """The queue function's own body; these messages never come to its durable client."""
    app = df.DFApp()
    queue.register(app, Settings)
    built = {f.get_function_name(): f.get_user_function() for f in app.get_functions()}
    return cast("Take", cast("Any", built["take_installation"]).client_function)


@pytest.mark.parametrize("name", [*BROKEN, *ABSURD])
def test_a_bad_message_is_refused_and_not_quoted(
    take: Take, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It raises, so that the host poisons it; the log names places, one line, and no values."""
    body = BROKEN[name] if name in BROKEN else ABSURD[name][0]
    with caplog.at_level(logging.INFO), pytest.raises(queue.BadMessage) as refused:
        asyncio.run(cast("Any", take(func.QueueMessage(id="m", body=body), None)))

    for text in (caplog.text.strip(), str(refused.value)):
        assert CANARY not in text
        assert "\n" not in text
        assert text.isascii() or text.isprintable()


def test_the_reader_takes_every_document_that_json_has() -> None:
    """Strictness costs no valid document."""
    document: Any = {"a": [1, 2.5, None, True, "\u2028ä😀"], "b": {"a": {}}}

    assert read_json(json.dumps(document).encode()) == document
    with pytest.raises(NotJson):
        read_json(b'{"a": {"b": 1, "b": 1}}')


@pytest.mark.parametrize("name", BROKEN)
def test_the_reader_itself_takes_nothing_broken(name: str) -> None:
    """No rule of requests is needed to refuse these, and none is there for a person's own text."""
    with pytest.raises(NotJson) as refused:
        read_json(BROKEN[name])

    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    "raw", [b'{"a": "\xff"}', b'{"a": "\xc0\xaf"}', b'{"a": [NaN]}', b"[1e5, Infinity]"]
)
def test_nothing_is_put_in_place_of_what_is_broken(raw: bytes) -> None:
    """No replacement character and no number that JSON does not have."""
    with pytest.raises(NotJson):
        read_json(raw)
