"""Rights: what a plan needs, what grants it, and which role to suggest."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.actions import (
    CHECKS,
    DNS_RECORDS,
    DNS_SEARCH,
    JOIN,
    MINIMUM,
    NETWORK,
    READ_PERMISSIONS,
    ROLES,
    SUBNET,
    SUBNET_GRANT,
    RoleDefinition,
    address_actions,
    grant_actions,
    grant_command,
    granted,
    group_actions,
    identity_actions,
    missing,
    record_actions,
    removal_actions,
    role_with,
    subnet_actions,
    subscription_actions,
)

PUBLISHED = Path(__file__).resolve().parents[2] / "infra" / "roles"
WRITE = "Microsoft.Network/dnsZones/A/write"
_WORD = st.text("abcXYZ", min_size=1, max_size=5)
_ACTION = st.lists(_WORD, min_size=2, max_size=4).map("/".join)


@pytest.mark.parametrize(
    ("actions", "not_actions", "held"),
    [
        pytest.param([WRITE], [], True, id="by-name"),
        pytest.param([WRITE.upper()], [], True, id="without-case"),
        pytest.param(["*"], [], True, id="owner"),
        pytest.param(["Microsoft.Network/*"], [], True, id="whole-provider"),
        pytest.param(["*/write"], [], True, id="every-write"),
        pytest.param(["Microsoft.Network/*/write"], [], True, id="in-the-middle"),
        pytest.param(["*/read"], [], False, id="reader"),
        pytest.param(["Microsoft.Network/dnsZones"], [], False, id="a-beginning-is-not-enough"),
        pytest.param(["MicrosoftXNetwork/dnsZones/A/write"], [], False, id="a-dot-is-a-dot"),
        pytest.param(["*"], ["Microsoft.Network/*"], False, id="taken-away"),
        pytest.param(["*"], ["Microsoft.Compute/*"], True, id="something-else-taken-away"),
        pytest.param([], [], False, id="nothing"),
    ],
)
def test_wildcards_and_not_actions_are_read_as_azure_does(
    actions: list[str], not_actions: list[str], *, held: bool
) -> None:
    """A role grants its actions minus its own notActions."""
    assert granted(WRITE, actions, not_actions) is held


def test_what_one_role_takes_away_another_may_give() -> None:
    """NotActions are no denial: Contributor and a small role together are enough."""
    contributor = (["*"], ["Microsoft.Network/*"])

    assert missing([WRITE], [contributor]) == (WRITE,)
    assert missing([WRITE], [contributor, ([WRITE], [])]) == ()


@given(action=_ACTION, others=st.lists(_ACTION))
def test_an_action_grants_itself_and_nothing_that_it_does_not_name(
    action: str, others: list[str]
) -> None:
    """Without wildcards, names are equal or not."""
    assert granted(action, [action], [])
    assert granted(action, others, []) == (action.lower() in {o.lower() for o in others})


@pytest.mark.parametrize("own_network", [True, False], ids=["own-network", "azures-network"])
@pytest.mark.parametrize("system_identity", [True, False], ids=["system", "user"])
def test_the_published_roles_cover_every_plan(*, own_network: bool, system_identity: bool) -> None:
    """No plan needs an action that no role of ours has."""
    needed = everything(own_network=own_network, system_identity=system_identity)

    assert missing(needed, [(role.actions, ()) for role in ROLES]) == ()
    assert all(action in role_with(action, "").actions for action in needed)


def test_the_published_roles_hold_nothing_that_no_plan_needs() -> None:
    """Each action is what some plan asks for; secrets are no matter of ARM's."""
    needed = everything(own_network=True, system_identity=True)

    assert {a for role in ROLES for a in role.actions} == set(needed)
    assert [role.file for role in ROLES if role.data_actions] == ["vault-secrets"]


def everything(*, own_network: bool, system_identity: bool) -> tuple[str, ...]:
    return (
        *group_actions(own_network=own_network, system_identity=system_identity),
        *removal_actions(own_group=True, own_network=own_network),
        *removal_actions(own_group=False, own_network=own_network),
        *subscription_actions(azure_dns=True),
        *subnet_actions(),
        *address_actions("/x/providers/Microsoft.Network/publicIPAddresses/y"),
        *address_actions("/x/providers/Microsoft.Network/publicIPPrefixes/y"),
        *grant_actions(),
        *identity_actions(),
        *record_actions(overwrite=True),
    )


@pytest.mark.parametrize("role", [*ROLES, MINIMUM], ids=lambda role: role.file)
def test_a_role_is_published_as_it_stands_here(role: RoleDefinition) -> None:
    """What the preflight suggests is what the files define, with a sentence on its purpose."""
    published = json.loads((PUBLISHED / f"{role.file}.json").read_text())

    assert published["name"] == role.name
    assert published["scope"] == role.scope
    assert published["actions"] == list(role.actions)
    assert published["dataActions"] == list(role.data_actions)
    assert published["notActions"] == published["notDataActions"] == []
    assert published["description"].endswith(".")


def test_no_other_role_is_published_and_none_holds_a_wildcard() -> None:
    """One file for each role, and every action by its name."""
    files = {path.stem for path in PUBLISHED.glob("*.json")}

    assert files == {role.file for role in (*ROLES, MINIMUM)}
    assert not [a for role in ROLES for a in (*role.actions, *role.data_actions) if "*" in a]


def test_the_vendors_own_role_installs_where_aks_makes_the_network() -> None:
    """Eight actions are enough for the installation itself."""
    needed = group_actions(own_network=False, system_identity=True)

    assert len(MINIMUM.actions) == 8
    assert missing(needed, [(MINIMUM.actions, ())]) == ()


def test_a_plan_asks_for_no_more_than_it_does() -> None:
    """The right to assign roles, and rights on networks, only where they are used."""
    azures = group_actions(own_network=False, system_identity=True)
    users = group_actions(own_network=True, system_identity=False)

    assert not [action for action in azures if "Network" in action]
    assert not [action for action in (*azures, *users) if "Authorization" in action]
    assert subscription_actions(azure_dns=False) == CHECKS.actions


def test_records_are_deleted_only_where_others_may_be_overwritten() -> None:
    """To replace a record by one of another type, the first must go."""
    careful, bold = record_actions(overwrite=False), record_actions(overwrite=True)

    assert not [action for action in careful if action.endswith("/delete")]
    assert set(bold) - set(careful) == {a for a in DNS_RECORDS.actions if a.endswith("/delete")}


@pytest.mark.parametrize(
    ("action", "scope", "role"),
    [
        pytest.param(WRITE, "dnsZone", DNS_RECORDS, id="records"),
        pytest.param("Microsoft.Network/dnsZones/read", "subscription", DNS_SEARCH, id="search"),
        pytest.param("Microsoft.Network/dnsZones/read", "dnsZone", DNS_RECORDS, id="one-zone"),
        pytest.param("microsoft.compute/skus/READ", "subscription", CHECKS, id="checks"),
        pytest.param(JOIN, "subnet", SUBNET, id="their-subnet"),
        pytest.param(JOIN, "resourceGroup", NETWORK, id="our-subnet"),
        pytest.param(
            "Microsoft.Authorization/roleAssignments/write", "subnet", SUBNET_GRANT, id="roles"
        ),
        pytest.param(READ_PERMISSIONS, "keyVault", CHECKS, id="of-another-scope"),
    ],
)
def test_a_missing_action_suggests_the_role_of_that_scope(
    action: str, scope: str, role: RoleDefinition
) -> None:
    """Whatever the case of the name; one of another scope when there is no better."""
    assert role_with(action, scope) is role


def test_an_action_of_no_role_is_a_mistake_of_ours() -> None:
    """It cannot come from a plan."""
    with pytest.raises(KeyError):
        role_with("Microsoft.Compute/virtualMachines/write", "subscription")


@pytest.mark.parametrize(
    ("who", "shown"),
    [pytest.param("42", "42", id="known"), pytest.param("", "<object id", id="unknown")],
)
def test_the_command_that_grants_a_role_names_everything_it_needs(who: str, shown: str) -> None:
    """Only an unknown object id is left for a person to fill in."""
    command = grant_command(CHECKS.name, "/subscriptions/s", who)

    assert command.startswith(f"az role assignment create --assignee-object-id {shown}")
    assert command.endswith('--role "Dash Enterprise Installer Checks" --scope /subscriptions/s')
