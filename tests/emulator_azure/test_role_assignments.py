"""Where roles are assigned, and which roles there are."""

import uuid

import pytest

from emulator.azure.rbac import BUILT_IN, READER
from tests.emulator_azure.conftest import World

_VERSION = "2022-04-01"
_ROLES = "providers/Microsoft.Authorization"


def _assign(world: World, where: str) -> tuple[int, str]:
    body = {
        "properties": {
            "principalId": world.azure.directory.app.object_id,
            "roleDefinitionId": f"/{_ROLES}/roleDefinitions/{READER.role_id}",
        }
    }
    path = f"{where}/{_ROLES}/roleAssignments/{uuid.uuid4()}"
    status, answer = world.send("PUT", path, _VERSION, body)
    return status, answer.get("error", {}).get("code", "")


def _scopes(world: World) -> list[str]:
    _, answer = world.send("GET", f"{_ROLES}/roleAssignments", _VERSION)
    return [row["properties"]["scope"].rpartition("/")[2] for row in answer["value"]]


def test_a_role_cannot_be_given_in_a_group_that_is_not_there(world: World) -> None:
    """As with every write into a missing group."""
    assert _assign(world, "resourceGroups/nowhere") == (404, "ResourceGroupNotFound")


def test_assignments_go_with_their_scope(world: World) -> None:
    """Those of a group and of what is in it; others stay."""
    for name in ("gone", "kept"):
        world.azure.state.add_cluster("c", name)
    below = "providers/Microsoft.ContainerService/managedClusters/c"
    for where in ("resourceGroups/gone", f"resourceGroups/gone/{below}", "resourceGroups/kept"):
        assert _assign(world, where) == (201, "")

    world.groups.resource_groups.begin_delete("gone").result()

    assert _scopes(world) == ["kept"]


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("User Access Administrator", "Microsoft.Authorization/roleAssignments/write"),
        (
            "Managed Identity Operator",
            "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
        ),
        ("Private DNS Zone Contributor", "Microsoft.Network/privateDnsZones/write"),
        (
            "Azure Kubernetes Service Cluster Admin Role",
            "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",
        ),
        (
            "Azure Kubernetes Service Contributor Role",
            "Microsoft.ContainerService/managedClusters/write",
        ),
        (
            "Azure Kubernetes Service RBAC Cluster Admin",
            "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
        ),
        ("AcrPull", "Microsoft.ContainerRegistry/registries/pull/read"),
    ],
)
def test_a_built_in_role_allows_what_it_is_for(name: str, action: str) -> None:
    """And nobody deletes groups by these."""
    (role,) = (r for r in BUILT_IN if r.name == name)

    assert role.allows(action)
    assert not role.allows("Microsoft.Resources/subscriptions/resourceGroups/delete")
