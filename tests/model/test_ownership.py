"""Whose a resource is."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from model.ownership import TAG_INSTALLATION, TAG_PLAN, owned_by, role_assignment_name, tags

WORDS = st.text(max_size=20)


@given(WORDS, WORDS, st.dictionaries(WORDS, WORDS))
def test_what_we_tag_is_ours_whatever_the_customer_tags(
    name: str, plan: str, own: dict[str, str]
) -> None:
    """Our two tags win; every other one of the customer's stays."""
    given_tags = tags(name, plan, own | {TAG_INSTALLATION: "somebody else's"})

    assert owned_by(name, given_tags)
    assert given_tags[TAG_PLAN] == plan
    assert all(given_tags[key] == own[key] for key in own.keys() - {TAG_INSTALLATION, TAG_PLAN})


def test_what_carries_no_tag_or_another_name_is_not_ours() -> None:
    """A cluster is never adopted silently."""
    assert not owned_by("acme", None)
    assert not owned_by("acme", {})
    assert not owned_by("acme", {TAG_INSTALLATION: "other"})


@given(WORDS, WORDS)
def test_a_role_assignment_has_one_name_for_one_scope_and_principal(
    scope: str, principal: str
) -> None:
    """A repeat finds the first one; Azure compares without case."""
    name = role_assignment_name(scope, principal)

    assert str(uuid.UUID(name)) == name
    assert name == role_assignment_name(scope.lower(), principal.lower())
    assert name != role_assignment_name(f"{scope}x", principal)
