"""What holds for every noun of the model."""

import importlib
import pkgutil
from dataclasses import fields, is_dataclass
from typing import Any, cast

import pytest

import model
from model.cluster_state import Capacity
from model.endpoint import Endpoint
from model.identity import LoginResult, LoginStatus

MODULES = [
    module.name
    for module in pkgutil.walk_packages(model.__path__, "model.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_every_dataclass_is_frozen(name: str) -> None:
    """A value that crosses a border never changes behind the reader's back."""
    module: Any = importlib.import_module(name)
    thawed = [
        found.__name__
        for found in cast("dict[str, Any]", vars(module)).values()
        if isinstance(found, type)
        and found.__module__ == name
        and is_dataclass(found)
        and not found.__dataclass_params__.frozen  # type: ignore[attr-defined] # set by dataclass
    ]

    assert thawed == []


def test_a_login_tells_its_outcome_and_hides_its_token() -> None:
    """The token is for the next call, not for logs."""
    login = LoginResult(status=LoginStatus.VERIFIED, token="canary")  # pyright: ignore[reportCallIssue] # a plain text
    refused = LoginResult(status=LoginStatus.DISABLED)

    assert login.verified
    assert not refused.verified
    assert "canary" not in repr(login)


def test_an_endpoint_is_https_at_its_usual_port_with_the_systems_trust() -> None:
    """Unless a setting says otherwise."""
    endpoint = Endpoint(host="auth-dash.example.com", address="20.0.0.1")

    assert (endpoint.port, endpoint.ca_file) == (443, "")
    assert [field.name for field in fields(Capacity)] == [
        "nodes",
        "pods",
        "volumes",
        "pods_running",
    ]
