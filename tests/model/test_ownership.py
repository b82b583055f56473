"""Whose a resource is."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ownership import (
    TAG_INSTALLATION,
    TAG_INSTALLER,
    TAG_PLAN,
    marks,
    owned_by,
    role_assignment_name,
    shown,
    tags,
)
from model.plan import Ownership

WORDS = st.text(max_size=20)
OURS = (TAG_INSTALLATION, TAG_PLAN, TAG_INSTALLER)


def owner(installation: str = "acme", installer: str = "", **tags: str) -> Ownership:
    return Ownership(installation=installation, plan_hash="hash", tags=tags, installer=installer)


@given(WORDS, WORDS, st.dictionaries(WORDS, WORDS))
def test_what_we_tag_is_ours_whatever_the_customer_tags(
    name: str, installer: str, own: dict[str, str]
) -> None:
    """Our tags win; every other one of the customer's stays."""
    us = Ownership(
        installation=name,
        plan_hash="hash",
        tags=own | {TAG_INSTALLATION: "somebody else's"},
        installer=installer,
    )
    given_tags = tags(us)

    assert owned_by(us, given_tags)
    assert given_tags[TAG_PLAN] == "hash"
    assert all(given_tags[key] == own[key] for key in own.keys() - set(OURS))


@pytest.mark.parametrize(
    ("maker", "asker", "ours"),
    [("a", "a", True), ("a", "b", False), ("", "b", True), ("a", "", True), ("", "", True)],
)
def test_another_app_is_not_the_owner_though_the_names_are_equal(
    maker: str, asker: str, ours: bool
) -> None:
    """Two apps may have an installation of one name; one without a name is not told apart."""
    assert owned_by(owner(installer=asker), marks(owner(installer=maker))) is ours
    assert not owned_by(owner("other", asker), marks(owner(installer=maker)))


def test_people_read_which_installation_and_which_app() -> None:
    """The second only where it is known."""
    assert shown(marks(owner())) == "installation acme"
    assert shown(marks(owner(installer="app-1"))) == "installation acme of installer app-1"


def test_what_carries_no_tag_or_another_name_is_not_ours() -> None:
    """A cluster is never adopted silently."""
    assert not owned_by(owner(), None)
    assert not owned_by(owner(), {})
    assert not owned_by(owner(), {TAG_INSTALLATION: "other"})


@given(WORDS, WORDS)
def test_a_role_assignment_has_one_name_for_one_scope_and_principal(
    scope: str, principal: str
) -> None:
    """A repeat finds the first one; Azure compares without case."""
    name = role_assignment_name(scope, principal)

    assert str(uuid.UUID(name)) == name
    assert name == role_assignment_name(scope.lower(), principal.lower())
    assert name != role_assignment_name(f"{scope}x", principal)
