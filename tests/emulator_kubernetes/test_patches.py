"""Laws of patches and field sets."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emulator.kubernetes.field_sets import drop, fields_of, overlap, union, without
from emulator.kubernetes.patches import merge, strategic
from emulator.kubernetes.quantities import format_quantity, parse_quantity

scalars = st.integers() | st.text(max_size=3) | st.booleans()
names = st.sampled_from(["a", "b", "c", "spec"])
documents = st.recursive(
    st.dictionaries(names, scalars, max_size=3),
    lambda inner: st.dictionaries(names, inner | scalars, max_size=3),
    max_leaves=8,
)


@given(documents, documents)
def test_a_merge_patch_applied_twice_changes_nothing_more(
    target: dict[str, Any], patch: dict[str, Any]
) -> None:
    """Merge patches are idempotent."""
    once = merge(target, patch)

    assert merge(once, patch) == once


@given(documents, documents)
def test_without_lists_a_strategic_patch_is_a_merge_patch(
    target: dict[str, Any], patch: dict[str, Any]
) -> None:
    """They differ in lists alone."""
    assert strategic(target, patch) == merge(target, patch)


@given(documents, documents)
def test_a_set_without_another_shares_nothing_with_it(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    """What is left of one field set after another is taken away never conflicts with that."""
    mine, theirs = fields_of(one), fields_of(other)

    assert overlap(without(mine, theirs), theirs) == []
    assert without(mine, union(mine, theirs)) == {}


@given(documents)
def test_dropping_all_fields_leaves_no_scalar(document: dict[str, Any]) -> None:
    """A document without its own fields is empty."""
    assert drop(document, fields_of(document)) == {}


def test_containers_are_merged_by_name() -> None:
    """A strategic patch of one container leaves others alone; ``$patch: delete`` removes one."""
    spec = {"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]}
    patch = {"containers": [{"name": "b", "image": "2"}, {"name": "a", "$patch": "delete"}]}

    assert strategic(spec, patch) == {"containers": [{"name": "b", "image": "2"}]}


@given(st.integers(min_value=0, max_value=10**18))
def test_quantities_survive_being_written(number: int) -> None:
    """Parsing what was formatted gives the same number."""
    quantity = parse_quantity(number)

    assert parse_quantity(format_quantity(quantity)) == quantity
