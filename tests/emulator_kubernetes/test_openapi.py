"""The documents that ``kubectl explain`` and ``kubectl apply`` read."""

from typing import Any

import pytest

from tests.emulator_kubernetes.asking import ask
from tests.emulator_kubernetes.running import Cluster

SCHEMAS = "#/components/schemas/"
POD = "io.k8s.api.core.v1.Pod"


def document(cluster: Cluster, place: str) -> Any:
    """The document of a place, by the address that the index names."""
    paths = ask(cluster, "GET", "/openapi/v3").json["paths"]
    return ask(cluster, "GET", paths[place]["serverRelativeURL"]).json


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("api/v1", POD),
        ("apis/apps/v1", "io.k8s.api.apps.v1.Deployment"),
        ("apis/batch/v1", "io.k8s.api.batch.v1.Job"),
    ],
)
def test_each_group_describes_its_kinds(cluster: Cluster, place: str, kind: str) -> None:
    """Every kind says what it is, and every reference leads somewhere."""
    said = document(cluster, place)

    schemas = said["components"]["schemas"]
    group = place.removeprefix("apis/").rpartition("/")[0] if place != "api/v1" else ""
    named = {"group": group, "version": "v1", "kind": kind.rpartition(".")[2]}
    assert schemas[kind]["x-kubernetes-group-version-kind"] == [named]
    assert schemas[kind]["type"] == "object"
    assert {r.removeprefix(SCHEMAS) for r in references(said)} <= schemas.keys()


def references(item: Any) -> set[str]:
    """All references inside a document."""
    if isinstance(item, list):
        return {r for inner in item for r in references(inner)}  # pyright: ignore[reportUnknownVariableType] # JSON
    if not isinstance(item, dict):
        return set()
    found = {item["$ref"]} if isinstance(item.get("$ref"), str) else set[str]()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] # JSON
    return found | {r for inner in item.values() for r in references(inner)}  # pyright: ignore[reportUnknownVariableType] # JSON


def test_fields_are_described_alike(cluster: Cluster) -> None:
    """Type, description and what a field refers to."""
    schemas = document(cluster, "api/v1")["components"]["schemas"]

    spec, container = schemas["io.k8s.api.core.v1.PodSpec"], schemas["io.k8s.api.core.v1.Container"]
    assert spec["required"] == ["containers"]
    assert spec["properties"]["nodeName"]["type"] == "string"
    assert spec["properties"]["nodeName"]["description"].startswith("NodeName indicates in which")
    assert spec["properties"]["containers"]["type"] == "array"
    assert spec["properties"]["containers"]["x-kubernetes-patch-merge-key"] == "name"
    assert container["properties"]["resources"]["allOf"] == [
        {"$ref": f"{SCHEMAS}io.k8s.api.core.v1.ResourceRequirements"}
    ]


def test_an_address_is_described_with_what_a_patch_may_ask_for(cluster: Cluster) -> None:
    """Kubectl looks there before it leaves validation to the server."""
    paths = document(cluster, "apis/apps/v1")["paths"]

    patch = paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert patch["x-kubernetes-action"] == "patch"
    assert {p["name"] for p in patch["parameters"]} >= {"dryRun", "fieldValidation", "force"}
    listing = paths["/apis/apps/v1/deployments"]["get"]
    assert listing["x-kubernetes-group-version-kind"]["kind"] == "Deployment"


def test_what_is_not_served_is_not_described(cluster: Cluster) -> None:
    """404, as for any other address."""
    assert ask(cluster, "GET", "/openapi/v3/apis/nothing/v1").status == 404
