"""Every resource's body is one that Azure accepts, as far as its type tells."""

import re
from functools import partial
from pathlib import Path

import pytest

from tests.infra import planted, type_tables
from tests.infra.bicep_source import files, label, parse, read
from tests.infra.body_check import NoTable, problems, shape_of
from tests.infra.planted import ERRORS, GOOD, Planted

TABLES = type_tables.folder()
NO_TABLES = "no type tables: BICEP_TYPES names a clone of github.com/Azure/bicep-types-az"

REAL_ERRORS = (
    Planted(
        "unknown-property",
        "allowSharedKeyAccess",
        "allowSharedKeys",
        ".properties.allowSharedKeys: unknown",
    ),
    Planted(
        "casing",
        "allowSharedKeyAccess",
        "allowSharedkeyAccess",
        ".properties.allowSharedkeyAccess: is written allowSharedKeyAccess",
    ),
    Planted(
        "read-only",
        "accessTier: 'Hot'",
        "provisioningState: 'Succeeded'",
        ".properties.provisioningState: read-only",
    ),
    Planted("missing", "  kind: 'StorageV2'\n", "", ".kind: required, and missing"),
    Planted("enum", "'StorageV2'", "'StorageV3'", ".kind: StorageV3 is none of "),
    Planted(
        "version",
        "storageAccounts@2023-05-01",
        "storageAccounts@2023-05-99",
        ": no such type or version: Microsoft.Storage/storageAccounts@2023-05-99",
    ),
)
"""Planted into modules/storage.bicep, for Microsoft's own tables to find."""


@pytest.mark.parametrize("path", files(), ids=label)
@pytest.mark.skipif(TABLES is None, reason=NO_TABLES)
def test_every_body_fits_microsofts_tables(path: Path) -> None:
    """No unknown, misspelt, read-only or missing property, no wrong value, no wrong version."""
    assert problems(read(path), partial(shape_of, where=TABLES)) == []


@pytest.mark.parametrize("path", files(), ids=label)
def test_every_body_fits_our_own_tables(path: Path) -> None:
    """The same for network, events and groups, wherever the tests run."""
    assert problems(read(path), partial(shape_of, where=None), skip=NoTable) == []


def test_our_own_tables_are_all_used_and_name_their_source() -> None:
    """A table that no file needs is one that nobody keeps true."""
    used = {
        f"{resource.type}@{resource.api_version}"
        for path in files()
        for resource in read(path).resources
    }

    assert set(type_tables.own()) <= used
    sources = re.findall(r'"source": "([^"]+)"', type_tables.OWN.read_text())
    assert len(sources) == len(type_tables.own())
    assert all(
        source.startswith("https://learn.microsoft.com/azure/templates/") for source in sources
    )


def test_a_good_body_is_not_blamed() -> None:
    """Loops, conditions, unions, parents and symbols are no errors."""
    assert problems(parse(GOOD), planted.shape_of) == []


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.name)
def test_each_kind_of_error_is_found(error: Planted) -> None:
    """One error is planted, and exactly that one is told, with its place."""
    assert GOOD.count(error.old) >= 1
    text = GOOD.replace(error.old, error.new, 1)

    found = problems(parse(text), planted.shape_of)

    assert len(found) == 1
    assert found[0].endswith(error.told)


@pytest.mark.parametrize("error", REAL_ERRORS, ids=lambda error: error.name)
@pytest.mark.skipif(TABLES is None, reason=NO_TABLES)
def test_microsofts_tables_find_each_kind_of_error(error: Planted) -> None:
    """The same kinds, in a real module: the tables are read as they are meant."""
    path = next(path for path in files() if path.stem == "storage")
    text = path.read_text()
    assert error.old in text

    found = problems(
        parse(text.replace(error.old, error.new, 1), path), partial(shape_of, where=TABLES)
    )

    assert len(found) == 1
    assert error.told in found[0]
