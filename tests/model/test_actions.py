"""Rights: what a plan needs, what grants it, and which role to suggest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.actions import (
    CHECKS,
    DNS,
    INSTALLER,
    MINIMUM,
    NETWORK,
    ROLES,
    grant_actions,
    granted,
    group_actions,
    missing,
    record_actions,
    removal_actions,
    role_with,
    subnet_actions,
    subscription_actions,
)

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
    needed = (
        *group_actions(own_network=own_network, system_identity=system_identity),
        *removal_actions(own_group=True, own_network=own_network),
        *removal_actions(own_group=False, own_network=own_network),
        *subscription_actions(azure_dns=True),
        *subnet_actions(),
        *grant_actions(),
        *record_actions(overwrite=True),
    )

    assert missing(needed, [(role.actions, ()) for role in ROLES]) == ()
    assert all(role_with(action) for action in needed)


def test_the_vendors_own_role_installs_where_aks_makes_the_network() -> None:
    """Eight actions are enough for the installation itself."""
    needed = group_actions(own_network=False, system_identity=True)

    assert len(MINIMUM.actions) == 8
    assert missing(needed, [(MINIMUM.actions, ())]) == ()
    assert set(MINIMUM.actions) < set(INSTALLER.actions)


def test_a_plan_asks_for_no_more_than_it_does() -> None:
    """The right to assign roles, and rights on networks, only where they are used."""
    azures = group_actions(own_network=False, system_identity=True)
    users = group_actions(own_network=True, system_identity=False)

    assert not [action for action in azures if "Network" in action]
    assert not [action for action in (*azures, *users) if "Authorization" in action]


def test_records_are_deleted_only_where_others_may_be_overwritten() -> None:
    """To replace a record by one of another type, the first must go."""
    careful, bold = record_actions(overwrite=False), record_actions(overwrite=True)

    assert not [action for action in careful if action.endswith("/delete")]
    assert set(bold) - set(careful) == {a for a in DNS.actions if a.endswith("/delete")}


@pytest.mark.parametrize(
    ("action", "role"),
    [
        pytest.param(WRITE, DNS, id="records"),
        pytest.param("microsoft.compute/skus/READ", CHECKS, id="checks"),
        pytest.param("Microsoft.Authorization/roleAssignments/write", NETWORK, id="roles"),
        pytest.param("Microsoft.Compute/virtualMachines/write", None, id="nobody"),
    ],
)
def test_a_missing_action_suggests_a_role(action: str, role: object) -> None:
    """One that has it, whatever the case of the name."""
    assert role_with(action) is role
