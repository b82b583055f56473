"""Secrets made at run time are searched wherever something is written down, whatever went wrong.

One world: a success, every refusal of the preflight, failures in the middle in which the other side
quotes the secret in its error, and bodies with secrets in wrong places; everything logs all it can.
"""

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.world import VAULT
from model.ownership import MANAGED_BY
from tests.e2e.driver import Driver
from tests.e2e.test_refusals import REFUSALS
from tests.trust.canaries import canaries, forms, secret_objects, tokens
from tests.trust.places import Jobs, listening, record_calls, written
from tests.trust.reliability import write_section

type Fault = dict[str, Any]


def _of_vault(driver: Driver, name: str) -> str:
    return driver.world.cloud.azure.state.vaults[VAULT].find(name).value


def quoting_vault(driver: Driver) -> Fault:
    """A vault that breaks and shows what it holds."""
    message = f"cannot decrypt {_of_vault(driver, 'administrator-password')}"
    body = {"error": {"code": "InternalServerError", "message": message}}
    return {"server": "vault", "path": "administrator-password", "status": 500, "body": body}


def quoting_api_server(driver: Driver) -> Fault:
    """An API server that refuses a Secret and quotes it, in the form in which it was sent."""
    coded = base64.b64encode(_of_vault(driver, "kots-password").encode()).decode()
    message = f'Secret "install" is invalid: data: Invalid value: "{coded}": too long'
    body = {"kind": "Status", "status": "Failure", "code": 422, "reason": "Invalid"}
    return {
        "server": "kubernetes",
        "path": "/namespaces/dash-enterprise-installer/secrets",
        "status": 422,
        "body": {**body, "message": message},
    }


def quoting_keycloak(driver: Driver) -> Fault:
    """A Keycloak whose password policy quotes the password."""
    password = _of_vault(driver, "administrator-password")
    body = {"error": "invalidPassword", "error_description": f"{password} is too weak"}
    return {"server": "keycloak", "method": "POST", "path": "/users$", "status": 400, "body": body}


def quoting_login(driver: Driver) -> Fault:
    """A Keycloak that lets nobody in, and quotes the vault's password instead of its own."""
    password = _of_vault(driver, "administrator-password")
    body = {"error": "invalid_grant", "error_description": f"password={password} is wrong"}
    return {"server": "keycloak", "path": "/token", "status": 401, "body": body}


def quoting_arm(driver: Driver) -> Fault:
    """A Resource Manager that refuses the cluster and quotes the caller's token."""
    message = f"bad token Bearer {driver.world.cloud.azure.token()}"
    body = {"error": {"code": "BadRequest", "message": message}}
    return {
        "server": "arm",
        "method": "PUT",
        "path": "managedClusters",
        "status": 400,
        "body": body,
    }


QUOTING: list[Callable[[Driver], Fault]] = [
    quoting_vault,
    quoting_api_server,
    quoting_keycloak,
    quoting_login,
    quoting_arm,
]
MISPLACED = ("/secrets/license", "/name", "/cluster/name", "/kots/channel", "/administrator/email")
"""Where somebody may put a value instead of a name."""


@dataclass(frozen=True)
class World:
    """What was written down in the whole run, and what should not have been."""

    driver: Driver
    places: dict[str, str]
    secrets: dict[str, str]
    codes: dict[str, str]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Everything happens once; the tests only search."""
    jobs = Jobs()
    with pytest.MonkeyPatch.context() as patch, listening(jobs):
        patch.setenv("AzureFunctionsJobHost__logging__logLevel__default", "Trace")
        driver = Driver(speed=1200)
        try:
            calls = record_calls(driver)
            codes = _everything(driver)
            bodies, misplaced = _bad_bodies(driver)
            places = {**written(driver, jobs, calls), "bodies of problems": bodies}
            yield World(driver, places, {**canaries(driver), **misplaced}, codes)
        finally:
            driver.close()


def _everything(driver: Driver) -> dict[str, str]:
    """The code of each ending, by what was done."""
    codes: dict[str, str] = {}
    for expected, trouble in REFUSALS:
        name = f"no-{trouble.__name__.replace('_', '-')}"[:38]
        request = driver.request(name)
        trouble(driver, request)
        codes[trouble.__name__] = driver.install(request)["failure"]["code"]
        assert expected in str(driver.status(name)["findings"])
    faults = driver.world.circumstances.faults
    for quoting in QUOTING:
        faults.add(**quoting(driver), agent=MANAGED_BY, times=None)
        ended = driver.install(driver.request(quoting.__name__.replace("_", "-")), seconds=120)
        faults.clear()
        codes[quoting.__name__] = ended.get("failure", {}).get("code", ended["state"])
    ended = driver.install(driver.request("well"))
    codes["nothing wrong"] = ended["state"]
    return codes


def _bad_bodies(driver: Driver) -> tuple[str, dict[str, str]]:
    """Answers to requests that carry a value where a name belongs, and the values."""
    values = {f"misplaced at {place}": f"{secrets.token_urlsafe(24)} !" for place in MISPLACED}
    said: list[str] = []
    for place, value in zip(MISPLACED, values.values(), strict=True):
        request = driver.request("misplaced")
        *parents, last = place.strip("/").split("/")
        here = request
        for parent in parents:
            here = here[parent]
        here[last] = value
        for path in ("installations", "preflights"):
            reply = driver.ask("POST", path, request)
            assert reply.status == 400, reply
            said.append(json.dumps(reply.body))
    return "\n".join(said), values


PLACES = (
    "task hub histories",
    "statuses",
    "log of host and worker",
    "addresses that were asked",
    "command lines of Jobs",
    "logs of Jobs",
    "objects in clusters, but Secrets",
    "Azure's documents",
    "bodies of problems",
)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("place", PLACES)
def test_no_secret_is_written_down(world: World, place: str) -> None:
    """Neither as it is nor in base64, in JSON or in an address; and no token of anybody's."""
    text = world.places[place]

    found = {
        kind: text[max(0, text.index(form) - 200) :][:200]
        for kind, value in world.secrets.items()
        for form in forms(value)
        if form in text
    }

    assert len(text) > 100
    assert found == {}
    assert tokens(text) == []


@pytest.mark.timeout(400)
def test_the_search_finds_what_is_there(world: World) -> None:
    """The vault and the clusters' Secrets hold them: what finds nothing elsewhere works."""
    held = json.dumps([item for _, item in secret_objects(world.driver)])
    found = {kind for kind, value in world.secrets.items() if any(f in held for f in forms(value))}

    assert any("kots-password" in kind for kind in world.secrets)
    assert any("keycloak" in kind for kind in found)
    value = world.secrets["administrator-password.0 value"]
    for hidden in (
        value,
        base64.b64encode(f"x{value}yz".encode()).decode(),
        base64.b64encode(base64.b64encode(f"{{{value}".encode())).decode(),
    ):
        assert any(form in hidden for form in forms(value))


@pytest.mark.timeout(400)
def test_everything_that_should_go_wrong_did(world: World) -> None:
    """Else nothing would have been there to be quoted."""
    fine = [what for what, code in world.codes.items() if code == "Succeeded"]

    assert fine == ["nothing wrong"], world.codes
    assert len(world.places["log of host and worker"]) > 1_000_000
    write_section("Secrets", _table(world))


def _table(world: World) -> str:
    rows = [f"| {place} | {len(world.places[place]) // 1024} KiB | none |" for place in PLACES]
    return "\n".join(
        [
            f"{len(world.secrets)} secrets made at run time (license, keys, passwords, tokens of",
            "host, platform and clusters) went through",
            f"{len(world.codes)} installations: one that succeeded, {len(REFUSALS)} that the",
            f"preflight refused, {len(QUOTING)} that failed on a server which quotes a secret in",
            "its error; with every logger at its lowest level.",
            "Searched as they are, in base64 (once and twice, at any place), in JSON and in",
            "addresses; the same search finds what stands in the clusters' Secrets. Elsewhere:",
            "",
            "| place | text searched | found |",
            "|---|---|---|",
            *rows,
        ]
    )
