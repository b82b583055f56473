"""The Bicep reads like a published module: described, typed, called rightly, without a key."""

import re
from pathlib import Path
from typing import cast

import pytest

from tests.infra.bicep_source import (
    BICEP,
    Tree,
    assigned,
    files,
    key,
    label,
    literal,
    parameter_files,
    read,
    walk,
)
from tests.infra.module_check import FORBIDDEN, miscalled, undescribed, unread_outputs

ENTRIES = (BICEP / "main.bicep", BICEP / "rights.bicep")
_BUILT_IN = {"string", "int", "bool", "object", "array", "string[]", "int[]", "object[]"}
_SECRET = re.compile(
    r"password|pwd|secret|accountkey|acctkey|apikey|connectionstring", re.IGNORECASE
)
"""Bicep's own rule secure-secrets-in-params looks for such words in names."""


@pytest.mark.parametrize("path", files(), ids=label)
def test_everything_is_described(path: Path) -> None:
    """Parameters and properties begin with Required. or Optional., and it is true."""
    assert undescribed(read(path)) == []


@pytest.mark.parametrize("path", files(), ids=label)
def test_modules_are_called_with_what_they_take(path: Path) -> None:
    """No unknown and no missing parameter, no missing scope, no unknown output."""
    module = read(path)

    assert miscalled(module) == []
    assert unread_outputs(module) == []


@pytest.mark.parametrize("path", files(), ids=label)
def test_nothing_forbidden_is_written(path: Path) -> None:
    """No key is asked for, no region and no experiment stands in a file."""
    text = path.read_text()

    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", files(), ids=label)
def test_every_type_that_is_named_exists(path: Path) -> None:
    """A parameter's type is built in, or imported from types.bicep, and no import is idle."""
    module = read(path)
    imported = set(re.findall(r"(\w+)(?=[,\s}])", _imports(module.text)))
    named = {p.type.removesuffix("[]") for p in module.parameters.values()}

    assert named - _BUILT_IN - set(module.types) == imported
    assert imported <= set(read(BICEP / "types.bicep").types)


def _imports(text: str) -> str:
    return " ".join(
        re.findall(r"^import \{(.+)\} from '(?:\.\./)*types\.bicep'$", text, re.MULTILINE)
    )


@pytest.mark.parametrize("path", files(), ids=label)
def test_every_parameter_and_variable_is_used(path: Path) -> None:
    """What nobody reads misleads who sets it."""
    module = read(path)
    idle = [
        name
        for name in (*module.parameters, *module.variables)
        if len(re.findall(rf"\b{name}\b", _without_comments(module.text))) < 2
    ]

    assert idle == []


def _without_comments(text: str) -> str:
    return re.sub(r"^\s*(//|@description).*$", "", text, flags=re.MULTILINE)


def test_every_module_is_called() -> None:
    """A module that nothing calls is never deployed, so never true."""
    called = {(path.parent / call.path).resolve() for path in files() for call in read(path).calls}
    modules = {path for path in files() if path.parent.name in ("modules", "assign")}

    assert modules - called == set()


def test_no_output_and_no_plain_parameter_holds_a_secret() -> None:
    """Outputs stay readable in the deployment's history; a secret parameter is secure."""
    shown = [
        f"{path.stem}: {name}"
        for path in files()
        for name in (*read(path).outputs, *read(path).parameters)
        if _SECRET.search(name)
    ]

    assert shown == []


@pytest.mark.parametrize("path", parameter_files(), ids=label)
def test_parameter_files_give_what_their_file_takes(path: Path) -> None:
    """Every required parameter, no unknown one; and objects have the properties of their type."""
    target, given = assigned(path)
    wanted = read(target).parameters
    known = read(BICEP / "types.bicep").types
    unknown = [
        f"{name}.{property_name}"
        for name, value in given.items()
        if name in wanted and wanted[name].type in known
        for property_name in map(key, cast("Tree", value))
        if property_name not in known[wanted[name].type]
    ]

    assert set(given) <= set(wanted)
    assert {name for name, p in wanted.items() if not p.optional} <= set(given)
    assert unknown == []


def test_azd_deploys_nothing_into_a_group_that_it_did_not_make() -> None:
    """Azd down deletes every group that its deployment touched: github.com/Azure/azure-dev/2916."""
    target, given = assigned(BICEP / "main.bicepparam")

    assert target == BICEP / "main.bicep"
    assert "rights" not in given
    scopes = re.findall(r"^  scope: (.+)$", target.read_text(), re.MULTILINE)
    assert set(scopes) == {"group"}


def test_subscription_deployments_of_two_regions_do_not_meet() -> None:
    """A deployment at the subscription's scope keeps its region: its name has to tell it."""
    for path in ENTRIES:
        for call in read(path).calls:
            if not call.scoped:
                assert "${deployment().location}" in str(literal(call.name)), call.symbol


def test_who_may_assign_roles_may_assign_one_role_only() -> None:
    """The right to assign roles goes nowhere without its condition."""
    rights = BICEP / "rights.bicep"
    lines = [line for line in rights.read_text().splitlines() if "['subnet-grant']" in line]
    condition = (BICEP / "conditions" / "grant-network-contributor-only.txt").read_text()

    assert len(lines) == 1
    assert "condition: grantCondition" in lines[0]
    assert condition.count("GuidEquals {") == 1
    assert condition.count("(") == condition.count(")")


def test_a_private_network_leaves_no_public_door() -> None:
    """With a network, storage and the vault that is made answer at private endpoints only."""
    calls = {call.symbol: call for call in read(ENTRIES[0]).calls}
    closed = {"operator": {"type": "not", "operands": {"bool_value": "private"}}}

    assert calls["storage"].parameters["publicAccess"] == closed
    assert calls["vault"].parameters["publicAccess"] == closed
    text = ENTRIES[0].read_text()
    assert all(f"{part}: storage.outputs.resourceId" in text for part in ("blob", "queue", "table"))
    assert "dependsOn: [privateData]" in text


def test_the_trees_hold_no_literal_key() -> None:
    """No string looks like a storage key, a signature or a password of 40 and more characters."""
    suspicious = [
        text
        for path in files()
        for resource in read(path).resources
        for text in walk(resource.body)
        if isinstance(text, str) and re.search(r"[A-Za-z0-9+/]{60,}={0,2}$|sig=", text)
    ]

    assert suspicious == []
