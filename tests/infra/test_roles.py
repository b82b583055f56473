"""The published roles are deployed whole, and each is assigned where its steps need it."""

import json
import re

import pytest

from model.actions import MINIMUM, ROLES
from tests.infra.bicep_source import BICEP, ROOT, key, literal, read

DEFINITIONS = BICEP / "modules" / "role-definitions.bicep"
RIGHTS = BICEP / "rights.bicep"
FOLDER = ROOT / "infra" / "roles"
FILES = sorted(path.stem for path in FOLDER.glob("*.json"))

_CHOSEN = re.compile(r"roleIds(?:\.(\w+)|\['([\w-]+)'\])")
_VARIABLE = re.compile(r"^var (\w+) = (.+?)(?=^(?:var|module|//)|\Z)", re.MULTILINE | re.DOTALL)
_ASSIGNED = re.compile(
    r"^module (\w+) 'modules/assign/.+?assignments: (.+?)$", re.MULTILINE | re.DOTALL
)

PLACES = {
    "onSubscription": {"subscription", "resourceGroup", "subnetOrResourceGroup"},
    "onGroup": {"subscription", "resourceGroup", "subnetOrResourceGroup"},
    "onVault": {"keyVault"},
    "onSubnet": {"subnet", "subnetOrResourceGroup"},
    "onAddressGroup": {"resourceGroup"},
    "onClusterIdentity": {"userAssignedIdentity"},
    "onDnsZone": {"dnsZone"},
}
"""Scopes, in the words of infra/roles, of the roles that each module call may assign. The vendor's
minimum says subscription and fits a group as well; without prepared groups, those of a group are
assigned on the subscription."""


def assigned() -> dict[str, set[str]]:
    """The roles that each module call of rights.bicep may assign."""
    text = RIGHTS.read_text()
    variables: dict[str, str] = dict(_VARIABLE.findall(text))

    def roles(expression: str) -> set[str]:
        found = {a or b for a, b in _CHOSEN.findall(expression)}
        rest = re.sub(r"'[^']*'", "", _CHOSEN.sub("", expression))
        words = set(re.findall(r"(?<![.?\w])\w+", rest))
        return found.union(*(roles(variables[word]) for word in words if word in variables))

    return {name: roles(expression) for name, expression in _ASSIGNED.findall(text)}


def test_every_published_role_is_deployed() -> None:
    """One definition per file, under the file's name."""
    deployed = {key(name) for name in read(DEFINITIONS).variables["roles"] if name[:2] != "__"}
    loaded = re.findall(
        r"loadJsonContent\('\.\./\.\./roles/([\w-]+)\.json'\)", DEFINITIONS.read_text()
    )

    assert sorted(deployed) == FILES
    assert sorted(loaded) == FILES


def test_the_published_roles_are_those_that_the_app_needs() -> None:
    """No role without a step, and no step without its role."""
    assert sorted(role.file for role in (*ROLES, MINIMUM)) == FILES


def test_a_definition_takes_all_four_lists() -> None:
    """A list that is forgotten grants less, or more, than the file says."""
    body = read(DEFINITIONS).resources[0].body
    permissions = body["properties"]["permissions"][0]
    lists = {"actions", "notActions", "dataActions", "notDataActions"}

    assert {name for name in permissions if name[:2] != "__"} == lists
    for path in FOLDER.glob("*.json"):
        assert lists <= set(json.loads(path.read_text())), path.name


def test_every_role_is_assigned_where_its_file_says() -> None:
    """The scope in the file is that of the module that assigns it."""
    places = assigned()
    scopes = {f: json.loads((FOLDER / f"{f}.json").read_text())["scope"] for f in FILES}

    assert set(places) == set(PLACES)
    wrong = {
        (place, role)
        for place, roles in places.items()
        for role in roles
        if scopes[role] not in PLACES[place]
    }
    assert wrong == set()
    assert set[str]().union(*places.values()) == set(FILES)


@pytest.mark.parametrize("place", ["onGroup", "onVault", "onSubnet", "onDnsZone"])
def test_nothing_of_the_whole_subscription_is_assigned_below_it(place: str) -> None:
    """Checks and the search for zones read the subscription and are assigned there alone."""
    assert assigned()[place] & {"checks", "dns-search"} == set()


def test_each_assignment_has_a_name_of_its_own() -> None:
    """Two assignments with one name would replace each other."""
    for path in sorted((BICEP / "modules" / "assign").glob("*.bicep")):
        resource = next(r for r in read(path).resources if not r.existing)
        name = resource.body["name"]["function"]
        assert name["type"] == "guid"
        assert "principalId" in name["parameters"].values() or "principalId" in str(name)
        assert literal(resource.body["properties"]["principalType"]) == "ServicePrincipal"
