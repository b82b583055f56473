"""Resource groups."""

import uuid

from tests.clients.programs import AzureCli


def test_a_group_lives_from_create_to_delete(az: AzureCli) -> None:
    """Each step shows in what the next command answers."""
    name = f"rg-{uuid.uuid4().hex[:8]}"
    made = az.ask(f"group create --name {name} --location 'West Europe' --tags stage=test")
    assert made["location"] == "westeurope"
    assert made["properties"]["provisioningState"] == "Succeeded"

    assert az.ask(f"group show --name {name}")["tags"] == {"stage": "test"}
    assert name in [g["name"] for g in az.ask("group list")]
    assert az.ask("group list --tag stage=test --query [].name") == [name]
    az(f"group update --name {name} --set tags.owner=me")
    assert az.ask(f"group show --name {name}")["tags"] == {"stage": "test", "owner": "me"}

    az(f"group delete --name {name} --yes")
    assert az.ask(f"group exists --name {name}") is False


def test_a_missing_group_is_told(az: AzureCli) -> None:
    """Code and message are ARM's; az ends with 3, its code for what is not there."""
    ended = az.run("group show --name nowhere")

    assert ended.code == 3
    assert "(ResourceGroupNotFound) Resource group 'nowhere' could not be found." in ended.said
    assert "Code: ResourceGroupNotFound" in ended.said


def test_an_unknown_region_is_refused(az: AzureCli) -> None:
    """ARM lists where it is."""
    said = az.refused("group create --name rg-moon --location moonbase")

    assert "(LocationNotAvailableForResourceGroup)" in said
    assert "'moonbase'" in said


def test_a_group_is_not_moved_by_create(az: AzureCli, group: str) -> None:
    """The location of a group is fixed."""
    said = az.refused(f"group create --name {group} --location westeurope")

    assert "(InvalidResourceGroupLocation)" in said
    assert az.ask(f"group show --name {group}")["location"] == "eastus"


def test_resources_of_a_group_are_listed(az: AzureCli, group: str) -> None:
    """By group, by type and by id."""
    az(f"identity create --resource-group {group} --name mine")

    rows = az.ask(f"resource list --resource-group {group}")
    by_id = az.ask(f"resource show --ids {rows[0]['id']}")

    assert [(r["name"], r["type"]) for r in rows] == [
        ("mine", "Microsoft.ManagedIdentity/userAssignedIdentities")
    ]
    assert by_id["properties"]["principalId"]
    az(f"identity delete --resource-group {group} --name mine")
    assert az.ask(f"resource list --resource-group {group}") == []
