"""A command of an Installation Plan, made a request by the page's table, asks Azure for the same.

``az_aks_create`` holds command lines with the bodies that Azure CLI 2.91 sent for them, and its
options; what the page does not support is left out of the comparison by its own tables.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest

from model.cluster_body import cluster_body
from model.plan import GroupSpec, Ownership
from model.request import InstallRequest, parse_request, request_schema
from tests.model.samples import sample

HERE = Path(__file__).parent / "az_aks_create"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "installation-plan.md"
CASES: list[dict[str, Any]] = json.loads((HERE / "bodies.json").read_text())
OPTIONS: list[dict[str, Any]] = json.loads((HERE / "options.json").read_text())

LOGIN = ("--service-principal", "--client-secret")
"""Most of the recorded commands have one, for want of a directory; no other body shows it."""
NO_WAY_OUT = "none"
"""The one value of a supported option that is not: see the page."""
IDENTITY = "/subscriptions/x/resourceGroups/rg/providers/Microsoft.ManagedIdentity/y/uai"

type Leaves = dict[str, Any]


def rows() -> Iterator[tuple[list[str], str]]:
    """Options, each perhaps with a value, and the second cell, of every table row of the page."""
    for line in PAGE.read_text().splitlines():
        if line.startswith("| `--"):
            _, options, told, _ = line.split("|")
            yield re.findall(r"`(--[^`]+)`", options), told.strip()


@cache
def places() -> dict[str, list[tuple[str, Any]]]:
    """Where each supported option goes: pointers, each with a fixed value or None for its own."""
    return {
        options[0]: [
            (pointer, json.loads(value) if value else None)
            for pointer, value in re.findall(r"`(/[^`]+)`(?: = `([^`]+)`)?", told)
        ]
        for options, told in rows()
        if told.startswith("`/")
    }


@cache
def long_names() -> dict[str, str]:
    """Every spelling of every option, with its long name."""
    found: dict[str, str] = {}
    for option in OPTIONS:
        long = next(name for name in option["options"] if name.startswith("--"))
        found.update(dict.fromkeys(option["options"], long))
    return found


def given(argv: list[str]) -> dict[str, list[str]]:
    """The options of a command line with their values."""
    names, found, last = long_names(), dict[str, list[str]](), ""
    for word in argv[3:]:
        if word in names:
            last = names[word]
            found[last] = []
        else:
            found[last].append(word)
    return found


def supported() -> list[dict[str, Any]]:
    """The recorded commands that consist of what the page puts into a request, or leaves out."""
    known = {option.split()[0] for option in places()}
    known |= {o for options, told in rows() if told and _left_out(options) for o in options}
    return [
        case
        for case in CASES
        if given(case["argv"]).keys() <= known | set(LOGIN)
        and NO_WAY_OUT not in given(case["argv"]).get("--outbound-type", [])
    ]


@cache
def _sections() -> dict[str, str]:
    parts = re.split(r"^## (.+)$", PAGE.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _left_out(options: list[str]) -> bool:
    return f"`{options[0]}`" in _sections()["Left out"]


def schema_at(pointer: str) -> dict[str, Any]:
    """The JSON Schema of a place in a request.

    Raises:
        KeyError: There is no such place.
    """
    whole = _schema()
    here: dict[str, Any] = whole
    for step in pointer.strip("/").split("/"):
        here = _plain(whole, here)["properties"][step]
    return _plain(whole, here)


@cache
def _schema() -> dict[str, Any]:
    return request_schema()


def _plain(whole: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without reference, and without the null that stands for absence."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    if kinds:
        return _plain(whole, kinds[0])
    if "$ref" in schema:
        return whole["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def spelled(pointer: str, words: list[str]) -> Any:
    """An option's words as the JSON value that belongs at a place."""
    schema = schema_at(pointer)
    if schema.get("type") == "object":
        return dict(word.split("=", 1) for word in words)
    if schema.get("type") == "array":
        return [item for word in words for item in word.split(",")]
    [word] = words
    if schema.get("type") == "integer":
        return int(word)
    return {str(each).lower(): each for each in schema.get("enum", ())}.get(word.lower(), word)


def request_for(argv: list[str]) -> InstallRequest:
    """The request that the page's table makes of a command line."""
    payload = sample(cluster={"name": "n"})
    options = given(argv)
    for key, targets in places().items():
        option, _, value = key.partition(" ")
        words = options.get(option)
        if words is None or (value and value not in words):
            continue
        for pointer, fixed in targets:
            told = spelled(pointer, words) if fixed is None else fixed
            *parents, last = pointer.strip("/").split("/")
            here: dict[str, Any] = payload
            for step in parents:
                here = here.setdefault(step, {})
            here[last] = told
    if "--azure-keyvault-kms-key-id" in options:
        payload["cluster"]["identity"] = {"type": "userAssigned", "resourceId": IDENTITY}
    request = parse_request(payload)
    assert isinstance(request, InstallRequest), request
    return request


def leaves(body: Any, path: str = "") -> Leaves:
    """Every value of a body by its path, without what says nothing."""
    if isinstance(body, dict):
        items = cast("dict[str, Any]", body).items()
        return {k: v for key, each in items for k, v in leaves(each, f"{path}/{key}").items()}
    if isinstance(body, list) and body and isinstance(body[0], dict):
        listed = enumerate(cast("list[Any]", body))
        return {k: v for n, each in listed for k, v in leaves(each, f"{path}/{n}").items()}
    if body in (None, "", False) or body == []:
        return {}
    return {path: body.strip().lower() if isinstance(body, str) else body}


def ours(argv: list[str]) -> Leaves:
    """What the product asks Azure for."""
    request = request_for(argv)
    group = GroupSpec(
        subscription_id=request.azure.subscription_id,
        resource_group=request.azure.resource_group,
        location=request.azure.location,
        owner=Ownership(installation=request.name, plan_hash="", tags=request.azure.tags),
    )
    nodes = request.cluster.node_count or 4
    body = cluster_body(request, group, request.cluster.network.subnet_id, nodes)
    return leaves({**body, "tags": request.azure.tags, "location": request.azure.location})


def added(found: Leaves, base: Leaves) -> Leaves:
    """What one body says beyond another; the prefix holds the cluster's name."""
    return {
        path: value
        for path, value in found.items()
        if base.get(path) != value and not path.endswith("/dnsPrefix")
    }


def plain(argv: list[str]) -> dict[str, Any]:
    """The recorded command without options of its own, logged in as ``argv`` is."""
    bare = {"--name", "--resource-group", "--location", "--no-ssh-key"}
    wanted = bare | (set(LOGIN) & given(argv).keys())
    return next(case for case in CASES if given(case["argv"]).keys() == wanted)


def test_every_option_of_the_cli_has_its_row() -> None:
    """Each once; one that takes several add-ons has a row for each."""
    told = [option.split()[0] for options, _ in rows() for option in options]

    assert set(told) == set(long_names().values())
    assert {option for option in told if told.count(option) > 1} == {"--enable-addons"}


def test_every_place_is_in_the_schema() -> None:
    """A fixed value is one that the place takes."""
    for targets in places().values():
        for pointer, fixed in targets:
            kind = schema_at(pointer).get("type")
            types = {bool: "boolean", int: "integer", dict: "object", str: "string"}
            assert fixed is None or kind == types[type(fixed)], pointer


def test_enough_recorded_commands_are_compared() -> None:
    """What is not supported is four of them; the page tells the number."""
    assert len(supported()) == len(CASES) - 4
    assert f"translates {len(supported())} command lines" in PAGE.read_text()


@pytest.mark.parametrize("case", supported(), ids=lambda case: case["case"])
def test_a_translated_command_asks_azure_for_the_same(case: dict[str, Any]) -> None:
    """All that the CLI says because of an option, and nothing more."""
    argv = [word.replace("AAAA-PLACEHOLDER", "A" * 32) for word in case["argv"]]
    told = json.loads(json.dumps(case["body"]).replace("AAAA-PLACEHOLDER", "A" * 32))
    theirs, base = leaves(told), leaves(plain(argv)["body"])
    mine = ours(argv)

    wanted = added(theirs, base)
    assert {path: mine.get(path) for path in wanted} == wanted
    unasked = added(mine, ours(plain(argv)["argv"]))
    identity = {path for path in unasked if path.startswith("/identity/")}
    assert {path: theirs.get(path) for path in unasked if path not in identity} == {
        path: value for path, value in unasked.items() if path not in identity
    }
