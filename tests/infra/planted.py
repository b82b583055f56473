"""A Bicep text, its type table, and the errors that are planted into it."""

from dataclasses import dataclass

from tests.infra.bicep_source import Resource
from tests.infra.body_check import NoTable
from tests.infra.type_tables import Field, Shape

GOOD = """
param location string

resource shop 'Made.Up/shops@2026-01-01' = {
  name: 'corner'
  location: location
  kind: 'Bakery'
  properties: union(
    {
      opensAt: 7
      licensed: true
    },
    empty(location) ? {} : { shelves: [{ goods: 'bread' }] },
    {
      operator: 'Miller'
      guests: map([location], guest => {
        seat: 'Window'
      })
    }
  )
}

resource till 'Made.Up/shops/tills@2026-01-01' = [
  for name in ['left', 'right']: {
    parent: shop
    name: 'hours'
    mode: 'cash'
  }
]
"""
"""A shop needs name, location and properties; a till's fields depend on its name."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One error.

    Attributes:
        old: What stands in ``GOOD``.
        new: What replaces it.
        told: What the check says, all of it, after file and line.
    """

    name: str
    old: str
    new: str
    told: str


ERRORS = (
    Planted(
        "unknown-property", "licensed: true", "licenced: true", ".properties.licenced: unknown"
    ),
    Planted("casing", "opensAt: 7", "opensat: 7", ".properties.opensat: is written opensAt"),
    Planted("read-only", "opensAt: 7", "state: 'Open'", ".properties.state: read-only"),
    Planted("missing", "  location: location\n", "", ".location: required, and missing"),
    Planted("enum", "'Bakery'", "'Butcher'", ".kind: Butcher is none of Bakery, Grocer"),
    Planted("enum-casing", "'Bakery'", "'bakery'", ".kind: bakery is written Bakery"),
    Planted(
        "version",
        "'Made.Up/shops@2026-01-01'",
        "'Made.Up/shops@2026-01-02'",
        ": no such type or version: Made.Up/shops@2026-01-02",
    ),
    Planted(
        "type",
        "'Made.Up/shops@2026-01-01'",
        "'Made.Up/shop@2026-01-01'",
        ": no such type or version: Made.Up/shop@2026-01-01",
    ),
    Planted("kind", "opensAt: 7", "opensAt: '7'", ".properties.opensAt: string given, int wanted"),
    Planted(
        "in-an-array", "goods: 'bread'", "good: 'bread'", ".properties.shelves[0].good: unknown"
    ),
    Planted(
        "in-a-map",
        "seat: 'Window'",
        "seat: 'Roof'",
        ".properties.guests[0].seat: Roof is none of Door, Window",
    ),
    Planted(
        "named-like-an-expression",
        "operator: 'Miller'",
        "operator: 7",
        ".properties.operator: int given, string wanted",
    ),
    Planted("in-a-loop", "mode: 'cash'", "mode: 'barter'", ".mode: barter is none of card, cash"),
    Planted("choice", "'hours'", "'minutes'", ".name: minutes is none of hours"),
)

_TEXT = Shape(kind="string")


def _object(**fields: Field) -> Shape:
    return Shape(kind="object", fields=fields)


def _known(*values: str) -> Field:
    return Field(shape=lambda: Shape(kind="string", values=frozenset(values)))


def _shelf() -> Shape:
    return _object(goods=Field(shape=lambda: _TEXT))


def _guest() -> Shape:
    return _object(seat=_known("Door", "Window"))


def _properties() -> Shape:
    return _object(
        opensAt=Field(shape=lambda: Shape(kind="int")),
        licensed=Field(shape=lambda: Shape(kind="bool")),
        shelves=Field(shape=lambda: Shape(kind="array", items=_shelf)),
        operator=Field(shape=lambda: _TEXT),
        guests=Field(shape=lambda: Shape(kind="array", items=_guest)),
        state=Field(shape=lambda: _TEXT, read_only=True),
    )


_SHOP = _object(
    name=Field(shape=lambda: _TEXT, required=True),
    location=Field(shape=lambda: _TEXT, required=True),
    kind=_known("Bakery", "Grocer"),
    properties=Field(shape=_properties, required=True),
)
_NAME = Field(shape=lambda: _TEXT, required=True)
_TILL = Shape(
    kind="object",
    fields={"name": _NAME},
    chooser="name",
    choices={"hours": lambda: _object(name=_NAME, mode=_known("card", "cash"))},
)
_TABLE = {"Made.Up/shops@2026-01-01": _SHOP, "Made.Up/shops/tills@2026-01-01": _TILL}


def shape_of(resource: Resource) -> Shape:
    """The shape from the table of these shops.

    Raises:
        NoTable: It is not in the table.
    """
    name = f"{resource.type}@{resource.api_version}"
    if name not in _TABLE:
        raise NoTable(f"no such type or version: {name}")
    return _TABLE[name]
