"""Which zone a record belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.dns_zone_choice import Choice, choose
from model.domain_names import names

PARENT, CHILD, OTHER = ("example.com", "P"), ("de.example.com", "C"), ("example.org", "O")
_LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
_LABELS = st.lists(_LABEL, min_size=1, max_size=4)


def test_a_base_domain_below_its_zone_puts_all_seven_names_into_it() -> None:
    """The usual case: one zone, seven relative names."""
    choices = {name: choose(name, [OTHER, PARENT]) for name in names("de.example.com")}

    assert {choice.zones for choice in choices.values()} == {("P",)}
    assert choices["de.example.com"].relative_name == "de"
    assert choices["api-de.example.com"].relative_name == "api-de"


def test_each_record_goes_to_the_longest_zone_that_holds_it() -> None:
    """With the child zone at hand the base domain is its apex; its siblings stay in the parent."""
    zones = [PARENT, CHILD]

    assert choose("de.example.com", zones) == Choice(("C",), "@")
    assert choose("auth-de.example.com", zones) == Choice(("P",), "auth-de")
    assert choose("a.de.example.com", zones) == Choice(("C",), "a")


def test_a_suffix_counts_on_label_borders_only() -> None:
    """``badexample.com`` is not in ``example.com``."""
    assert choose("badexample.com", [PARENT]) == Choice((), "")


def test_two_zones_of_one_name_are_both_told() -> None:
    """Nobody but a person knows which of them the world is delegated to."""
    assert choose("a.example.com", [PARENT, ("Example.com", "Q")]).zones == ("P", "Q")


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        pytest.param("A.Example.COM", "example.com", id="capitals-in-the-name"),
        pytest.param("a.example.com", "EXAMPLE.com", id="capitals-in-the-zone"),
        pytest.param("a.example.com.", "example.com", id="last-dot-of-the-name"),
        pytest.param("a.example.com", "example.com.", id="last-dot-of-the-zone"),
    ],
)
def test_capitals_and_the_last_dot_make_no_difference(name: str, zone: str) -> None:
    """As in DNS."""
    assert choose(name, [(zone, "Z")]) == Choice(("Z",), "a")


def test_an_apex_as_base_domain_lacks_the_parent_zone() -> None:
    """All siblings of ``de.example.com`` belong into ``example.com``, which is not there."""
    base, *siblings = names("de.example.com")

    assert choose(base, [CHILD]).zones == ("C",)
    assert {choose(name, [CHILD]).zones for name in siblings} == {()}


@given(labels=_LABELS, zones=st.lists(_LABELS, max_size=6))
def test_a_name_is_its_relative_name_and_its_zone(
    labels: list[str], zones: list[list[str]]
) -> None:
    """Whatever is chosen, the two parts make the name again."""
    name = ".".join(labels)
    listed = [(".".join(zone), ".".join(zone)) for zone in zones]
    choice = choose(name, listed)

    if not choice.zones:
        assert not any(f".{name}".endswith(f".{zone}") for zone, _ in listed)
        return
    zone = choice.zones[0]
    whole = zone if choice.relative_name == "@" else f"{choice.relative_name}.{zone}"
    assert whole == name
