"""The API against requests that nobody would send on purpose, drawn from its own OpenAPI."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from model.openapi import openapi
from tests.e2e.api_promises import PROMISES, SCHEMA
from tests.e2e.driver import Driver

EXAMPLES = 4
"""Requests per operation and run; the seeds differ from run to run."""


@pytest.mark.filterwarnings("ignore")
@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_the_api_keeps_its_promises_whatever_is_sent(case: Any, driver: Driver) -> None:
    """No 5xx, only declared statuses and content types, answers as their schemas say."""
    headers = {"x-functions-key": driver.world.host.key}
    answer = case.call(base_url=f"{driver.world.host.url}/api", headers=headers)

    case.validate_response(answer, checks=PROMISES)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a": NaN}',
        b'{"name": "' + b"x" * 70_000 + b'"}',
        json.dumps([1, 2, 3]).encode(),
        b"null",
    ],
    ids=["empty", "cut", "not-utf-8", "deep", "nan", "large", "list", "null"],
)
def test_a_broken_body_is_told_so(driver: Driver, body: bytes) -> None:
    """Never a 5xx, never a hang; problem+json with the reason."""
    url = f"{driver.world.host.url}/api/installations"
    headers = {"x-functions-key": driver.world.host.key}
    request = urllib.request.Request(url, body, headers, method="POST")

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)

    refused.value.close()
    assert refused.value.code in (400, 413)
    assert refused.value.headers["Content-Type"].startswith("application/problem+json")


def test_the_published_document_is_the_one_that_was_fuzzed(driver: Driver) -> None:
    """What ``/api/openapi.json`` serves, without a key, is what the tests above read."""
    with urllib.request.urlopen(f"{driver.world.host.url}/api/openapi.json", timeout=20) as answer:
        assert json.load(answer) == openapi()
