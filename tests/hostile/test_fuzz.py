"""Fuzzed requests over real HTTP: no 5xx, no hang, nothing echoed, every error a problem."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from model.openapi import openapi
from tests.e2e.api_promises import PROMISES, SCHEMA
from tests.e2e.driver import Driver
from tests.hostile import fuzz
from tests.hostile.fuzz_answers import SLOWEST, Answer, Tally, fault_of, send_all
from tests.hostile.fuzz_requests import WEIGHTS, requests
from tests.hostile.mutation import CANARY
from tests.hostile.promises import PROBLEM
from tests.trust.reliability import write_section

FEW, MANY, SEED = 250, 10_000, 20_271
EXAMPLES = 100
"""Requests that schemathesis draws for each operation."""


@dataclass(slots=True)
class Figures:
    """What the long suites did."""

    drawn: int = 0
    mutated: Tally | None = None
    took: float = 0.0


@pytest.fixture(scope="module")
def figures() -> Iterator[Figures]:
    """Written down when both long suites ran."""
    found = Figures()
    yield found
    if found.mutated is not None and found.drawn:
        write_section("Hostile input", _told(found, found.mutated))


def _told(found: Figures, tally: Tally) -> str:
    refused = tally.of_class(4)
    return f"""{tally.total:,} requests over real HTTP to the app on the emulated host (seed {SEED}:
valid requests with parts, bytes, headers, names and encodings made wrong), and
{found.drawn:,} that schemathesis drew from the app's own OpenAPI document
(`tests/hostile/test_fuzz.py`, `make test-trust`).

| of the {tally.total:,} | |
|---|---|
| answered 2xx | {tally.of_class(2):,} |
| answered 4xx, each a problem+json as documented (401: the host's, empty) | {refused:,} |
| answered 5xx | {tally.of_class(5)} |
| without an answer | {tally.of_class(0)} |
| answers or log lines that hold a submitted value | 0 |
| slowest answer, on a shared machine of two cores | {max(tally.seconds):.1f} s |
| 99 of 100 answers within | {tally.slower_than_all_but(0.01):.2f} s |
| all of them | {found.took:.0f} s |"""


@pytest.mark.timeout(180)
def test_a_few_hundred_hostile_requests_break_no_promise(driver: Driver) -> None:
    """The beginning of the long run below."""
    tally = fuzz.run(driver, FEW, SEED)

    assert tally.failures == []
    assert tally.total == FEW


@pytest.mark.trust
@pytest.mark.timeout(1200)
def test_ten_thousand_hostile_requests_break_no_promise(driver: Driver, figures: Figures) -> None:
    """Every operation is reached with accepted and with refused requests."""
    begun = time.monotonic()
    tally = fuzz.run(driver, MANY, SEED)
    figures.took, figures.mutated = time.monotonic() - begun, tally

    assert tally.failures == []
    assert tally.total == MANY
    assert {operation for operation, status in tally.answers if status < 300} == set(WEIGHTS)
    assert {400, 401, 404, 409, 413} <= {status for _, status in tally.answers}
    assert tally.of_class(4) > MANY / 2


@pytest.mark.trust
@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore")
@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_what_the_openapi_document_allows_and_forbids(
    case: Any, driver: Driver, figures: Figures
) -> None:
    """A hundred of each operation, by a tool that knows nothing of us but the document."""
    headers = {"x-functions-key": driver.world.host.key}
    answer = case.call(base_url=f"{driver.world.host.url}/api", headers=headers, timeout=SLOWEST)
    figures.drawn += 1

    case.validate_response(answer, checks=PROMISES)


_PROBLEM = json.dumps({"title": "No", "status": 400, "detail": "No.", "errors": []}).encode()


@pytest.mark.parametrize(
    ("answer", "seconds", "fault"),
    [
        (Answer(400, "", PROBLEM, _PROBLEM), 0.1, ""),
        (Answer(401, "", "", b""), 0.1, ""),
        (Answer(500, "", PROBLEM, b""), 0.1, "server error"),
        (Answer(503, "", PROBLEM, b""), 0.1, "server error"),
        (Answer(400, "", PROBLEM, _PROBLEM), SLOWEST + 1, "took"),
        (Answer(400, "", PROBLEM, CANARY.encode()), 0.1, "submitted value"),
        (Answer(202, f"Location: {CANARY}", "", b""), 0.1, "submitted value"),
        (Answer(401, "", "", b"no"), 0.1, "has a body"),
        (Answer(400, "", "text/plain", b"no"), 0.1, "text/plain"),
        (Answer(404, "", "", b""), 0.1, "an error of type"),
        (Answer(400, "", PROBLEM, b"no"), 0.1, "not JSON"),
        (Answer(400, "", PROBLEM, _PROBLEM.replace(b"400", b"404")), 0.1, "another status"),
        (Answer(418, "", PROBLEM, _PROBLEM), 0.1, "not documented"),
        (Answer(202, "", "application/json", b"{}"), 0.1, "breaks its schema"),
    ],
)
def test_the_judge_can_say_no(answer: Answer, seconds: float, fault: str) -> None:
    """Each promise, broken on purpose."""
    found = fault_of("post_installation", answer, seconds)

    assert fault in found if fault else found == ""


class _Echo(BaseHTTPRequestHandler):
    """An app that quotes what it does not like, and hangs up on events."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "/events/" in self.path:
            self.close_connection = True
            return
        self.send_response(400)
        self.send_header("Content-Type", PROBLEM)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # its name there
        """Say nothing."""


def test_a_bad_app_is_found_out() -> None:
    """The same stream against a server that breaks promises: echoes and silence are counted."""
    stream = (r for r in requests(SEED, 4000, "k") if r.method == "POST" and not r.chunked)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        tally = send_all(f"http://127.0.0.1:{server.server_port}", islice(stream, 300))
        server.shutdown()

    told = " ".join(tally.failures)
    assert "a submitted value stands in the answer" in told
    assert "no answer" in told
    assert tally.total == 300


def test_a_seed_repeats_its_requests() -> None:
    """What was found once can be sent again; another seed sends others."""
    first, again = (list(requests(7, 200, "k")) for _ in range(2))

    assert first == again
    assert first != list(requests(8, 200, "k"))


def test_every_operation_is_fuzzed() -> None:
    """A new route is in the table of weights, or this fails."""
    told = {
        operation["operationId"]
        for methods in openapi()["paths"].values()
        for operation in methods.values()
    }

    assert told == set(WEIGHTS)
