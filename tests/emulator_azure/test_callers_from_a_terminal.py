"""What the Azure CLI asks for and the SDKs of the application do not."""

import base64
import uuid
from datetime import timedelta
from typing import Any

import pytest
import yaml
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from tests.emulator_azure.conftest import World

_CLI = {"User-Agent": "AZURECLI/2.91.0 (PIP)"}


def test_the_cli_is_told_to_come_back_soon(world: World) -> None:
    """Without a header it would wait half a minute; the SDKs set their own interval."""
    group = "resourceGroups/rg"
    world.azure.state.add_group("rg")

    cli = world.request("DELETE", group, "2025-04-01", headers=_CLI)
    sdk = world.request("DELETE", group, "2025-04-01")

    assert (cli.status_code, cli.headers["Retry-After"]) == (202, "1")
    assert "Retry-After" not in sdk.headers
    assert "Retry-After" not in world.headers("resourceGroups/no", "2025-04-01", _CLI)


def test_a_deleted_secret_keeps_its_name(world: World) -> None:
    """Until it is recovered or purged."""
    world.azure.state.add_vault("mine").set_secret("s", "x")
    vault = world.vault("mine")
    vault.begin_delete_secret("s").result()

    with pytest.raises(ResourceExistsError, match="currently in a deleted but recoverable state"):
        vault.set_secret("s", "y")
    assert [row.name for row in vault.list_deleted_secrets()] == ["s"]

    vault.begin_recover_deleted_secret("s").result()
    assert vault.get_secret("s").value == "x"

    vault.begin_delete_secret("s").result()
    vault.purge_deleted_secret("s")
    with pytest.raises(ResourceNotFoundError):
        vault.get_deleted_secret("s")
    assert vault.set_secret("s", "z").value == "z"


def test_attributes_of_a_secret_are_changed(world: World) -> None:
    """Silent members stay."""
    world.azure.state.add_vault("mine").set_secret("s", "x", tags={"a": "b"})
    vault = world.vault("mine")

    changed = vault.update_secret_properties("s", content_type="text/plain", enabled=False)

    assert (changed.content_type, changed.enabled, changed.tags) == (
        "text/plain",
        False,
        {"a": "b"},
    )
    with pytest.raises(HttpResponseError):
        vault.get_secret("s")


def test_a_change_of_attributes_is_dated(world: World) -> None:
    """``updated`` moves, ``created`` stays."""
    vault = world.azure.state.add_vault("mine")
    vault.set_secret("s", "x").created -= timedelta(days=1)
    client = world.vault("mine")
    before = client.get_secret("s").properties

    client.update_secret_properties("s", content_type="text/plain")
    after = client.get_secret("s").properties

    assert after.created_on == before.created_on == before.updated_on
    assert after.updated_on is not None
    assert before.updated_on is not None
    assert after.updated_on > before.updated_on


def test_a_secret_holds_25_kilobytes(world: World) -> None:
    """One byte more is refused."""
    world.azure.state.add_vault("mine")
    vault = world.vault("mine")

    assert vault.set_secret("fits", "x" * 25_600).value
    with pytest.raises(HttpResponseError) as refused:
        vault.set_secret("not", "x" * 25_601)
    assert refused.value.error is not None
    assert (refused.value.status_code, refused.value.error.code) == (400, "BadParameter")


def test_a_principal_is_found_in_the_directory(world: World) -> None:
    """By client id and by object id; nobody else is."""
    principal = world.azure.directory.add_principal("somebody")

    found = _graph(world, "GET", f"servicePrincipals?$filter=appId eq '{principal.client_id}'")
    by_id = _graph(world, "POST", "directoryObjects/getByIds", {"ids": [principal.object_id]})
    nobody = _graph(world, "GET", f"servicePrincipals/{uuid.uuid4()}")
    odd = _graph(world, "GET", "servicePrincipals?$filter=colour eq 'red'")

    assert [row["id"] for row in found["value"]] == [principal.object_id]
    assert [row["displayName"] for row in by_id["value"]] == ["somebody"]
    assert nobody["error"]["code"] == "Request_ResourceNotFound"
    assert odd["error"]["code"] == "Request_UnsupportedQuery"


def _graph(world: World, method: str, path: str, body: Any = None) -> Any:
    return world.request(method, f"../../v1.0/{path}", "", body).json()


def test_a_provider_says_that_it_was_unregistered(world: World) -> None:
    """``NotRegistered`` is for those who never were registered."""
    path = "providers/Microsoft.ManagedIdentity"
    _, answer = world.send("POST", f"{path}/unregister", "2025-04-01")
    assert answer["registrationState"] == "Unregistered"

    _, answer = world.send("POST", f"{path}/register", "2025-04-01")
    assert answer["registrationState"] == "Registered"


@pytest.mark.parametrize("name", ["Microsoft.Storage", "Microsoft.Web", "Microsoft.Insights"])
def test_other_providers_are_registered_too(world: World, name: str) -> None:
    """A guide's list of registrations goes through, whether this world serves them or not."""
    _, before = world.send("GET", f"providers/{name}", "2025-04-01")
    _, after = world.send("POST", f"providers/{name}/register", "2025-04-01")

    assert [p["registrationState"] for p in (before, after)] == ["NotRegistered", "Registered"]


def test_arms_own_providers_need_no_registration(world: World) -> None:
    """They say so; all others ask for it."""
    names = ("Microsoft.Authorization", "Microsoft.Resources", "Microsoft.Network")
    told = [world.send("GET", f"providers/{name}", "2025-04-01")[1] for name in names]

    assert [p["registrationPolicy"].removeprefix("Registration") for p in told] == [
        "Free",
        "Free",
        "Required",
    ]


def test_identities_of_all_groups_are_listed(world: World) -> None:
    """Without a group, those of the subscription."""
    for group in ("a", "b"):
        world.azure.state.add_identity(f"of-{group}", group)

    _, answer = world.send(
        "GET", "providers/Microsoft.ManagedIdentity/userAssignedIdentities", "2024-11-30"
    )

    assert [row["name"] for row in answer["value"]] == ["of-a", "of-b"]


def test_a_vault_that_went_with_its_group_is_listed(world: World) -> None:
    """It could be recovered for 90 days, and its name is not free meanwhile."""
    world.azure.state.add_vault("mine", "rg")
    path = "providers/Microsoft.KeyVault/deletedVaults"
    _, before = world.send("GET", path, "2025-05-01")

    world.groups.resource_groups.begin_delete("rg").result()
    _, after = world.send("GET", path, "2025-05-01")

    assert before["value"] == []
    assert [row["name"] for row in after["value"]] == ["mine"]


def test_a_kubeconfig_names_its_user_as_aks_does(world: World) -> None:
    """The CLI tells an administrator's file by that name."""
    world.azure.state.add_cluster("c", "rg")
    path = "resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c"

    names = {
        role: yaml.safe_load(base64.b64decode(row["value"]))["users"][0]["name"]
        for role in ("User", "Admin")
        for row in _credentials(world, f"{path}/listCluster{role}Credential")
    }

    assert names == {"User": "clusterUser_rg_c", "Admin": "clusterAdmin_rg_c"}


def _credentials(world: World, path: str) -> Any:
    return world.send("POST", path, "2026-08-01")[1]["kubeconfigs"]


def test_children_are_missed_in_their_service_s_words(world: World) -> None:
    """Subnets and pools are no resources of ARM's own."""
    world.azure.state.add_vnet("net", "rg")
    world.azure.state.add_cluster("c", "rg")
    providers = "resourceGroups/rg/providers"

    subnet = world.send(
        "GET", f"{providers}/Microsoft.Network/virtualNetworks/net/subnets/x", "2026-01-01"
    )[1]
    pool = world.send(
        "GET",
        f"{providers}/Microsoft.ContainerService/managedClusters/c/agentPools/x",
        "2026-08-01",
    )[1]

    assert subnet["error"]["code"] == "NotFound"
    assert subnet["error"]["message"].endswith("/virtualNetworks/net/subnets/x not found.")
    assert (pool["code"], pool["message"]) == ("NotFound", "Could not find the agentpool")
