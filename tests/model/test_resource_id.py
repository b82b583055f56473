"""ARM resource ids."""

import pytest

from model.resource_id import parse

SUBNET = (
    "/subscriptions/s/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/v/subnets/aks"
)


def test_an_id_is_taken_apart_into_type_and_names() -> None:
    """The names keep their case; the type is compared without."""
    found = parse(SUBNET)

    assert (found.subscription, found.group) == ("s", "G")
    assert found.kind == "microsoft.network/virtualnetworks/subnets"
    assert found.names == ("v", "aks")
    assert found.name == "aks"


def test_fixed_words_may_have_any_case() -> None:
    """Azure itself answers with resourcegroups and resourceGroups."""
    assert parse(SUBNET.replace("resourceGroups", "RESOURCEGROUPS")) == parse(SUBNET)


@pytest.mark.parametrize(
    "text",
    ["", "/", "/subscriptions/s", f"{SUBNET}/x", SUBNET.replace("/v/", "//"), f"/x{SUBNET}"],
)
def test_anything_else_is_no_id(text: str) -> None:
    """The error quotes what was given."""
    with pytest.raises(ValueError, match="is not the id of a resource"):
        parse(text)
