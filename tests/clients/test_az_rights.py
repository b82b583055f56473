"""Roles: definitions and assignments."""

import json
import uuid
from pathlib import Path

from emulator.world import SUBSCRIPTION, Cloud
from tests.clients.programs import AzureCli

_WHOLE = f"/subscriptions/{SUBSCRIPTION.subscription_id}"


def test_a_role_is_assigned_and_taken_away(az: AzureCli, group: str) -> None:
    """By the role's name, at the scope of a group."""
    somebody = str(uuid.uuid4())
    scope = f"{_WHOLE}/resourceGroups/{group}"
    made = az.ask(
        f"role assignment create --assignee-object-id {somebody} "
        f"--assignee-principal-type ServicePrincipal --role Reader --scope {scope}"
    )
    assert made["principalId"] == somebody

    (listed,) = az.ask(f"role assignment list --resource-group {group}")
    assert listed["roleDefinitionName"] == "Reader"
    assert listed["id"] == made["id"]

    az(f"role assignment delete --ids {made['id']}")
    assert az.ask(f"role assignment list --resource-group {group}") == []


def test_a_principal_is_found_by_its_client_id(az: AzureCli, cloud: Cloud, group: str) -> None:
    """``--assignee`` takes what a person has at hand; az asks Microsoft Graph for the rest."""
    client = cloud.service_principal["clientId"]

    made = az.ask(
        f"role assignment create --assignee {client} --role Contributor "
        f"--scope {_WHOLE}/resourceGroups/{group}"
    )
    mine = az.ask(f"role assignment list --assignee {client} --resource-group {group}")
    shown = az.ask(f"ad sp show --id {client}")

    assert made["principalId"] == shown["id"]
    assert [row["principalName"] for row in mine] == [client]
    assert shown["displayName"] == "operator"


def test_built_in_roles_are_listed(az: AzureCli) -> None:
    """Under their published ids."""
    (role,) = az.ask("role definition list --name 'DNS Zone Contributor'")

    assert role["name"] == "befefa01-2a29-4197-83a8-272ff33ce314"
    assert role["roleType"] == "BuiltInRole"


def test_a_custom_role_is_created(az: AzureCli, tmp_path: Path) -> None:
    """From a file, as documentation tells people to."""
    file = tmp_path / "role.json"
    role = {
        "Name": "Cluster Looker",
        "Description": "Looks at clusters.",
        "Actions": ["Microsoft.ContainerService/managedClusters/read"],
        "NotActions": [],
        "AssignableScopes": [_WHOLE],
    }
    file.write_text(json.dumps(role))

    made = az.ask(f"role definition create --role-definition @{file}")
    listed = az.ask("role definition list --custom-role-only true")

    assert made["roleName"] == "Cluster Looker"
    assert [r["permissions"][0]["actions"] for r in listed] == [role["Actions"]]
