"""``/api/health`` tells who the app is, and nothing that would help to be it."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from model.settings import Settings
from triggers._health import health
from triggers._installations import Installations

CERTIFICATE = {
    "AZURE_IDENTITY": "certificate",
    "AZURE_CLIENT_ID": "me",
    "AZURE_TENANT_ID": "here",
    "AZURE_CLIENT_CERTIFICATE_PATH": "/secret/place.pem",
}


def told(settings: dict[str, str], *, rpc: str = "http://127.0.0.1:1") -> tuple[int, Any]:
    """Status and document for an app with these settings."""
    client = cast("Any", SimpleNamespace(rpcBaseUrl=rpc, taskHubName="Hub"))
    answer = health(Installations(client, Settings.read(settings)))
    return answer.status_code, json.loads(answer.get_body())


def test_the_identity_is_shown_by_kind_and_client_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the tenant nor where the certificate lies."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1/msi")

    assert told({})[1]["identity"] == {"kind": "managed-system", "clientId": ""}
    assert told({"AZURE_CLIENT_ID": "me"})[1]["identity"] == {
        "kind": "managed-user",
        "clientId": "me",
    }
    assert told(CERTIFICATE) == (
        200,
        {
            "status": "ok",
            "taskHub": "Hub",
            "identity": {"kind": "certificate", "clientId": "me"},
        },
    )


def test_an_identity_that_cannot_be_is_no_health() -> None:
    """The contradiction is named, so that nobody has to start an installation to learn it."""
    status, problem = told({**CERTIFICATE, "AZURE_TENANT_ID": ""})

    assert status == 503
    assert "AZURE_TENANT_ID" in problem["detail"]


def test_without_the_hosts_endpoint_nothing_durable_works() -> None:
    """Whatever the identity."""
    status, problem = told({}, rpc="")

    assert status == 503
    assert "extension bundle" in problem["detail"]
