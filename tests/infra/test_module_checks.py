"""The checks of modules find what is planted for them."""

import pytest

from tests.infra.bicep_source import BICEP, parse
from tests.infra.module_check import FORBIDDEN, miscalled, undescribed, unread_outputs

PLANTED = """
metadata name = 'Planted'

@description('A name.')
param name string

@description('Required. Not so.')
param size int = 1

type boxType = {
  width: int
}

output id string = name
"""


def test_what_is_not_described_is_found() -> None:
    """Each of six planted omissions."""
    assert undescribed(parse(PLANTED)) == [
        "output id",
        "metadata description",
        "param name",
        "param size",
        "type boxType.",
        "type boxType.width",
    ]


def test_a_wrong_call_is_found() -> None:
    """A missing and an unknown parameter, a missing scope, a missing file, an unknown output."""
    text = """
targetScope = 'subscription'

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: {
    name: 'kv'
    colour: 'red'
  }
}

module gone 'modules/gone.bicep' = {
  name: 'gone'
}
"""
    module = parse(text, BICEP / "planted.bicep")

    assert miscalled(module) == [
        "vault: unknown colour",
        "vault: lacks location",
        "vault: no scope",
        "gone: no modules/gone.bicep",
    ]
    reading = parse(
        text.replace("module gone 'modules/gone.bicep' = {\n  name: 'gone'\n}", "")
        + "\noutput id string = vault!.outputs.identifier\n",
        BICEP / "planted.bicep",
    )
    assert unread_outputs(reading) == ["vault.outputs.identifier"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("var key = storage.listKeys().keys[0].value", id="key"),
        pytest.param("  location: 'eastus'", id="location"),
        pytest.param("module m 'br/public:avm/res/web/site:0.1.0' = {", id="registry"),
        pytest.param("type t = resourceInput<'A/b@2024-01-01'>", id="experiment"),
    ],
)
def test_what_is_forbidden_is_found(text: str) -> None:
    """One line of each kind."""
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] != []
