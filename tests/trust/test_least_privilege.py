"""The published roles are enough, and nothing in them is too much: action by action.

What each way to install makes use of is measured first, by the decisions of the emulated Azure.
Then every action is taken out of the roles: before the installation, where the preflight must name
it; and at the gate between preflight and creation, where the installation must fail and name it.
"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from emulator.azure.rbac import Evaluation
from model.error_codes import CODES
from tests.e2e.driver import ENDED, Driver
from tests.trust.reliability import write_section
from tests.trust.rights import (
    ROLES,
    SUBSCRIPTION_SCOPE,
    WAYS,
    Scopes,
    Way,
    denied,
    grant,
    published,
    take,
    used,
)

WAITING = "WaitingForApproval"
ACTIONS = sorted({action for way in WAYS for action in way.actions})
NO_RIGHT = ("permission-missing", "secret-forbidden")
ASKED_FOR_EARLY = ("ensure_application", "ensure_component:cert-manager")
"""Stages at which group, network and cluster are there, so that a removal has to take them all."""


@dataclass(frozen=True)
class Use:
    """Actions that one way asked for, by when."""

    before: set[str]
    after: set[str]
    removal: set[str]

    @property
    def all(self) -> set[str]:
        """Whenever."""
        return self.before | self.after | self.removal


@dataclass
class Figures:
    """What was measured, for the page."""

    refused: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    ended: dict[str, str] = field(default_factory=dict[str, str])


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    """A world of its own: its Azure enforces roles."""
    driver = Driver(speed=1200)
    yield driver
    driver.close()


@pytest.fixture(scope="module")
def uses(driver: Driver) -> dict[str, Use]:
    """Each way with exactly its published roles: once to the end, once cancelled and removed."""
    return {way.name: _measured(driver, way) for way in WAYS}


@pytest.fixture(scope="module")
def figures(uses: dict[str, Use]) -> Iterator[Figures]:
    """Filled by the tests in any order; the page is written when all of them were there."""
    figures = Figures()
    yield figures
    if set(figures.ended) == set(figures.refused) == set(ACTIONS):
        write_section("Least privilege", _table(uses, figures))


def _measured(driver: Driver, way: Way) -> Use:
    installed, gate = _run(driver, way, f"ok-{way.name}")
    assert denied(driver, installed) == set()
    removed = _removal(driver, way, f"rm-{way.name}")
    assert denied(driver, removed) == set()
    return Use(
        used(driver, installed[:gate]), used(driver, installed[gate:]), used(driver, removed)
    )


def _run(driver: Driver, way: Way, name: str) -> tuple[list[Evaluation], int]:
    """A whole installation; every decision, and how many were made before the gate."""
    request, scopes = way.prepare(driver, name)
    rbac = grant(driver, way.roles, scopes)
    status = _at_gate(driver, request)
    assert status["state"] == WAITING, status["findings"]
    gate = len(rbac.evaluations)
    ended = _approved(driver, status)
    assert ended["state"] == "Succeeded", ended.get("failure")
    return rbac.evaluations, gate


def _removal(driver: Driver, way: Way, name: str) -> list[Evaluation]:
    """A removal with everything in place: its decisions alone."""
    rbac = grant(driver, way.roles, _until_removable(driver, way, name))
    ended = _cancelled(driver, name)
    assert ended["state"] == "Cancelled", ended
    assert ended.get("leftovers", {}).get("resources", []) in ([], ()), ended
    return rbac.evaluations


def _until_removable(driver: Driver, way: Way, name: str) -> Scopes:
    request, scopes = way.prepare(driver, name)
    grant(driver, way.roles, scopes)
    assert driver.post(request).status == 202
    driver.until(
        name, lambda s: any(one["stage"] in ASKED_FOR_EARLY for one in s.get("stages", []))
    )
    return scopes


def _cancelled(driver: Driver, name: str) -> dict[str, Any]:
    assert driver.ask("POST", f"installations/{name}/cancel", {"clean": True}).status == 202
    return driver.ended(name)


def _at_gate(driver: Driver, request: dict[str, Any]) -> dict[str, Any]:
    """The status when the preflight is over, one way or the other."""
    request["approval"] = "beforeCreate"
    assert driver.post(request).status == 202
    return driver.until(request["name"], lambda status: status["state"] in (WAITING, *ENDED))


def _approved(driver: Driver, status: dict[str, Any]) -> dict[str, Any]:
    told = {"planHash": status["planHash"], "by": "ada"}
    assert driver.ask("POST", f"installations/{status['name']}/events/approve", told).status == 202
    return driver.ended(status["name"])


@pytest.mark.timeout(240)
def test_everything_that_is_used_is_published_and_everything_published_is_used(
    uses: dict[str, Use],
) -> None:
    """Both directions, over all ways to install and to remove."""
    files = {path.stem for path in ROLES.glob("*.json")} - {"seed-minimum"}
    roles = [published(file) for file in files]
    allowed = {a for role in roles for a in (*role.actions, *role.data_actions)}

    assert {file for way in WAYS for file in way.roles} == files
    assert set[str]().union(*(use.all for use in uses.values())) == allowed


@pytest.mark.timeout(240)  # whichever comes first prepares the ways
@pytest.mark.parametrize(
    ("way", "action"),
    [pytest.param(way, a, id=f"{way.name}-{a}") for way in WAYS for a in way.actions],
)
def test_a_missing_action_is_named_before_anything_is_created(
    driver: Driver, uses: dict[str, Use], figures: Figures, way: Way, action: str
) -> None:
    """With one command that grants it; an action that this way does not use is not asked for."""
    name = f"no-{way.name}-{way.actions.index(action)}"
    request, scopes = way.prepare(driver, name)
    grant(driver, way.roles, scopes, without=action)
    before = driver.journal_length

    status = _at_gate(driver, request)

    if action not in uses[way.name].all:
        assert status["state"] == WAITING, status["findings"]
        driver.ask("POST", f"installations/{name}/cancel")
        return
    assert status["state"] == "Failed"
    assert status["failure"]["code"] in NO_RIGHT
    naming = [f for f in status["findings"] if f["severity"] == "error" and action in f["found"]]
    assert naming
    command = shlex.split(naming[0]["remedy"])
    assert command[:4] == ["az", "role", "assignment", "create"]
    role = command[command.index("--role") + 1]
    granting = [published(path.stem) for path in ROLES.glob("*.json")]
    assert any(role == one.name and action in (*one.actions, *one.data_actions) for one in granting)
    assert driver.writes(before) == []
    figures.refused.setdefault(action, set()).add(way.name)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_that_is_taken_away_later_is_named_by_the_failure(
    driver: Driver, uses: dict[str, Use], figures: Figures, action: str
) -> None:
    """Never silence: a documented code and the action; one that only checks use is not missed."""
    number = ACTIONS.index(action)
    way = next((way for way in WAYS if action in uses[way.name].after), None)
    if way is None and action not in _removing(uses):
        assert any(action in use.before for use in uses.values())
        figures.ended[action] = "only the preflight uses it"
        return
    if way is None:
        told = _removal_without(driver, uses, action, f"keep-{number}")
        figures.ended[action] = "the clean-up's stage names it"
        assert action in told
        return
    name = f"late-{number}"
    request, scopes = way.prepare(driver, name)
    grant(driver, way.roles, scopes)
    status = _at_gate(driver, request)
    assert status["state"] == WAITING, status["findings"]
    take(driver, action)

    ended = _approved(driver, status)

    assert ended["state"] == "Failed"
    assert ended["failure"]["code"] in NO_RIGHT
    assert ended["failure"]["code"] in CODES
    assert action in ended["failure"]["reason"]
    figures.ended[action] = f"`{ended['failure']['code']}` at `{ended['failure']['stage']}`"


def _removing(uses: dict[str, Use]) -> set[str]:
    return set[str]().union(*(use.removal for use in uses.values()))


def _removal_without(driver: Driver, uses: dict[str, Use], action: str, name: str) -> str:
    """What the status of a cancelled installation tells when its removal may not do something."""
    way = next(way for way in WAYS if action in uses[way.name].removal)
    _until_removable(driver, way, name)
    take(driver, action)
    return str(_cancelled(driver, name))


@pytest.mark.timeout(240)  # whichever comes first prepares the ways
def test_the_vendors_role_installs_only_where_that_was_accepted(driver: Driver) -> None:
    """Its warnings name what it cannot see; without ``minimumRole`` nothing is created."""
    scopes = {"seed-minimum": (SUBSCRIPTION_SCOPE,)}
    grant(driver, ("seed-minimum", "vault-secrets"), scopes)
    before = driver.journal_length
    refused = driver.install(driver.request("seed-no", "manual-dns"))
    assert refused["failure"]["code"] == "permission-missing"
    assert driver.writes(before) == []

    request = driver.request("seed-yes", "manual-dns", azure__minimumRole=True)
    request["limits"] = {"apply": ["quota"]}
    assert driver.post(request).status == 202
    driver.until("seed-yes", lambda status: "dnsRecords" in status or status["state"] in ENDED)
    driver.ask("POST", "installations/seed-yes/events/dns-ready")
    status = driver.ended("seed-yes")

    assert status["state"] == "Succeeded", status.get("failure")
    warned = " ".join(f["found"] for f in status["findings"] if f["severity"] == "warning")
    for action in published("checks").actions:
        assert action in warned


def _table(uses: dict[str, Use], figures: Figures) -> str:
    ways = {action: ", ".join(sorted(figures.refused[action])) for action in ACTIONS}
    rows = [f"| `{action}` | {ways[action]} | {figures.ended[action]} |" for action in ACTIONS]
    count = sum(len(named) for named in figures.refused.values())
    return "\n".join(
        [
            (
                f"The {len(list(ROLES.glob('*.json'))) - 1} roles of `infra/roles` hold all"
                f" {len(ACTIONS)} actions that {len(uses)} ways to install, and their removal, make"
            ),
            "use of, and no other: measured by the emulated Azure's own decisions. The ways:",
            "`made` (the app makes the group, searches the zone), `prepared` (the customer's",
            "group, our network, records overwritten), `theirs` (the customer's group, subnet,",
            "identity of the cluster). Without an action the preflight named it, with the command",
            f"that grants it, and nothing was created: {count} of {count} runs. Taken away after",
            "the preflight, it ended as the last column tells.",
            "",
            "| action | refused beforehand in | taken away later |",
            "|---|---|---|",
            *rows,
        ]
    )
