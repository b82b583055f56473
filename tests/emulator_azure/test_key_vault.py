"""Secrets: challenge, versions, rights."""

import secrets

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from emulator.azure import KEY_VAULT_SECRETS_USER, Rbac
from tests.emulator_azure.conftest import World


def test_a_secret_is_read_after_the_challenge(world: World) -> None:
    """The first request has no token and is told where to get one."""
    value = secrets.token_urlsafe()
    world.azure.state.add_vault("kv").set_secret("license", value, "application/x-pem-file")

    secret = world.vault("kv").get_secret("license")

    assert (secret.value, secret.properties.content_type) == (value, "application/x-pem-file")
    assert [e.status for e in world.journal.of("vault")] == [401, 200]


def test_a_new_version_is_current_and_the_old_one_stays(world: World) -> None:
    """Versions are read by name and id."""
    vault = world.azure.state.add_vault("kv")
    old = vault.set_secret("key", "one")
    vault.set_secret("key", "two")
    client = world.vault("kv")

    assert client.get_secret("KEY").value == "two"
    assert client.get_secret("key", old.version).value == "one"
    assert len(list(client.list_properties_of_secret_versions("key"))) == 2


def test_what_the_client_sets_it_reads(world: World) -> None:
    """PUT and DELETE work as for any client."""
    world.azure.state.add_vault("kv")
    client = world.vault("kv")

    client.set_secret("key", "one", content_type="text/plain", tags={"a": "b"})
    read = client.get_secret("key")
    client.begin_delete_secret("key")

    assert (read.value, read.properties.tags) == ("one", {"a": "b"})
    with pytest.raises(ResourceNotFoundError):
        client.get_secret("key")


def test_a_missing_secret_and_a_disabled_one(world: World) -> None:
    """404 SecretNotFound, and 403 without the value."""
    vault = world.azure.state.add_vault("kv")
    vault.set_secret("off", "hush", enabled=False)
    client = world.vault("kv")

    with pytest.raises(ResourceNotFoundError) as missing:
        client.get_secret("none")
    with pytest.raises(HttpResponseError) as disabled:
        client.get_secret("off")

    assert "SecretNotFound" in str(missing.value)
    assert disabled.value.status_code == 403
    assert "hush" not in str(disabled.value)


def test_vaults_keep_apart_and_may_come_late(world: World) -> None:
    """Each has its own port; one that is added to a running emulator answers too."""
    world.azure.state.add_vault("one").set_secret("key", "1")
    world.azure.state.add_vault("two").set_secret("key", "2")

    assert [world.vault(n).get_secret("key").value for n in ("one", "two")] == ["1", "2"]


def test_data_actions_are_needed_where_rbac_is_on(world: World) -> None:
    """A role on the vault, or on one secret, opens it; an owner's control plane rights do not."""
    vault = world.azure.state.add_vault("kv")
    vault.set_secret("mine", "1")
    vault.set_secret("other", "2")
    rbac = world.azure.rbac = Rbac()
    app = world.azure.directory.app.object_id
    client = world.vault("kv")

    with pytest.raises(HttpResponseError) as refused:
        client.get_secret("mine")
    rbac.grant(app, KEY_VAULT_SECRETS_USER, f"{vault.resource_id}/secrets/mine")

    assert refused.value.status_code == 403
    assert "getSecret/action" in str(refused.value)
    assert client.get_secret("mine").value == "1"
    with pytest.raises(HttpResponseError):
        client.get_secret("other")


def test_access_policies_are_needed_where_they_rule(world: World) -> None:
    """Without a policy nobody reads; deny wins over everything."""
    vault = world.azure.state.add_vault("kv")
    vault.set_secret("key", "1")
    vault.use_access_policies()
    app = world.azure.directory.app.object_id
    client = world.vault("kv")

    with pytest.raises(HttpResponseError):
        client.get_secret("key")
    vault.grant(app)
    assert client.get_secret("key").value == "1"
    vault.deny(app)
    with pytest.raises(HttpResponseError):
        client.get_secret("key")
