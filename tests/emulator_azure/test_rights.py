"""Tokens, identities and roles."""

import secrets
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
)

from emulator.azure import DNS_ZONE_CONTRIBUTOR, OWNER, READER, Rbac, Role
from tests.emulator_azure.conftest import World

INSTALLER = Role(
    name="install-dash-enterprise",
    actions=(
        "Microsoft.Resources/subscriptions/resourceGroups/*",
        "Microsoft.ContainerService/managedClusters/*",
    ),
    not_actions=("Microsoft.ContainerService/managedClusters/delete",),
)


def test_everyone_is_owner_without_rbac(world: World) -> None:
    """The permissions list says so."""
    world.azure.state.add_group("install")

    (permission,) = world.rights.permissions.list_for_resource_group("install")

    assert permission.actions == ["*"]


def test_a_route_needs_its_action_at_its_scope(world: World) -> None:
    """Wildcards give, notActions take, a group's role does not reach its neighbour."""
    state, app = world.azure.state, world.azure.directory.app.object_id
    group = state.add_group("install")
    state.add_cluster("de", "install")
    state.add_cluster("other", "else")
    rbac = world.azure.rbac = Rbac()
    rbac.grant(app, INSTALLER, group.resource_id)
    clusters = world.clusters.managed_clusters

    assert clusters.get("install", "de").name == "de"
    for attempt in (
        lambda: clusters.begin_delete("install", "de"),
        lambda: clusters.get("else", "other"),
        lambda: list(world.compute.usage.list("eastus")),
    ):
        with pytest.raises(HttpResponseError) as refused:
            attempt()
        assert refused.value.status_code == 403
        assert refused.value.error is not None
        assert refused.value.error.code == "AuthorizationFailed"
        assert f"with object id '{app}'" in str(refused.value)


def test_the_permissions_list_is_true(world: World) -> None:
    """It names the roles that count at the scope, inherited ones included."""
    app = world.azure.directory.app.object_id
    group = world.azure.state.add_group("install")
    rbac = world.azure.rbac = Rbac()
    rbac.grant(app, READER, f"/subscriptions/{world.subscription_id}")
    rbac.grant(app, INSTALLER, group.resource_id)

    permissions = list(world.rights.permissions.list_for_resource_group("install"))

    assert [p.actions for p in permissions] == [["*/read"], list(INSTALLER.actions)]
    assert permissions[1].not_actions == list(INSTALLER.not_actions)


def test_a_subnet_of_ones_own_needs_the_right_to_join(world: World) -> None:
    """A linked scope is checked besides the cluster's own."""
    state, app = world.azure.state, world.azure.directory.app.object_id
    group = state.add_group("install")
    net = state.add_vnet("net", "network", subnets={"nodes": "10.224.0.0/16"})
    rbac = world.azure.rbac = Rbac()
    rbac.grant(app, INSTALLER, group.resource_id)
    subnet = f"{net.resource_id}/subnets/nodes"
    pool = {"name": "a", "mode": "System", "count": 1, "vnetSubnetID": subnet}
    body = {"location": "eastus", "properties": {"dnsPrefix": "de", "agentPoolProfiles": [pool]}}
    clusters = world.clusters.managed_clusters

    with pytest.raises(HttpResponseError) as refused:
        clusters.begin_create_or_update("install", "de", body)
    join = Role(name="join", actions=("Microsoft.Network/virtualNetworks/subnets/join/action",))
    rbac.grant(app, join, subnet)

    assert refused.value.error is not None
    assert refused.value.error.code == "LinkedAuthorizationFailed"
    assert clusters.begin_create_or_update("install", "de", body, polling=False)


def test_a_role_given_through_arm_counts(world: World) -> None:
    """Assignments that a client writes are the ones that routes enforce."""
    state, app = world.azure.state, world.azure.directory.app.object_id
    zone = state.add_zone("example.com", "dns")
    other = world.azure.directory.add_principal("other", secret="x")
    rbac = world.azure.rbac = Rbac()
    rbac.grant(app, OWNER, f"/subscriptions/{world.subscription_id}")
    definition = (
        f"/providers/Microsoft.Authorization/roleDefinitions/{DNS_ZONE_CONTRIBUTOR.role_id}"
    )
    body = {
        "properties": {
            "principalId": other.object_id,
            "roleDefinitionId": f"/subscriptions/{world.subscription_id}{definition}",
        }
    }
    assignments = world.rights.role_assignments

    assignments.create(zone.resource_id, str(uuid.uuid4()), body)
    with pytest.raises(HttpResponseError) as twice:
        assignments.create(zone.resource_id, str(uuid.uuid4()), body)

    assert twice.value.status_code == 409
    mine = list(assignments.list_for_scope(zone.resource_id, filter="atScope()"))
    assert [a.principal_id for a in mine] == [other.object_id]
    assert rbac.allows(other.object_id, "Microsoft.Network/dnsZones/A/write", zone.resource_id)


def test_a_custom_role_is_defined_through_arm(world: World) -> None:
    """A definition that a client writes may be assigned."""
    scope = f"/subscriptions/{world.subscription_id}"
    role_id = str(uuid.uuid4())
    body = {
        "properties": {
            "roleName": "looker",
            "permissions": [{"actions": ["*/read"], "notActions": []}],
            "assignableScopes": [scope],
        }
    }

    status, made = world.send(
        "PUT", f"providers/Microsoft.Authorization/roleDefinitions/{role_id}", "2022-04-01", body
    )

    assert status == 201
    assert made["properties"]["type"] == "CustomRole"
    found = world.rights.role_definitions.list(scope, filter="roleName eq 'looker'")
    assert [d.name for d in found] == [role_id]


@pytest.mark.parametrize(
    ("audience", "lifetime", "code"),
    [
        pytest.param(
            "https://vault.azure.net",
            timedelta(hours=1),
            "InvalidAuthenticationTokenAudience",
            id="other-audience",
        ),
        pytest.param(
            "https://management.azure.com",
            timedelta(seconds=-1),
            "ExpiredAuthenticationToken",
            id="expired",
        ),
    ],
)
def test_a_wrong_token_is_unauthorized(
    world: World, audience: str, lifetime: timedelta, code: str
) -> None:
    """401 says what is wrong, in the body and in the challenge."""
    directory = world.azure.directory
    token = directory.token(directory.app, audience, lifetime=lifetime)

    answer = world.request(
        "GET", "resourceGroups", "2025-04-01", headers={"Authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == code
    assert "Bearer authorization_uri=" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        pytest.param("", "AuthenticationFailed", id="none"),
        pytest.param("Bearer rubbish", "InvalidAuthenticationToken", id="rubbish"),
    ],
)
def test_a_missing_token_is_unauthorized(world: World, header: str, code: str) -> None:
    """Nothing is answered without a token."""
    answer = world.request("GET", "resourceGroups", "2025-04-01", headers={"Authorization": header})

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)


def test_a_client_secret_is_checked(world: World) -> None:
    """A registered application needs its own secret."""
    secret = secrets.token_urlsafe()
    principal = world.azure.directory.add_principal("cli", secret=secret)

    def credential(given: str) -> ClientSecretCredential:
        return ClientSecretCredential(
            world.azure.directory.tenant_id,
            principal.client_id,
            given,
            authority=world.azure.url,
            disable_instance_discovery=True,
            connection_verify=str(world.ca_file),
        )

    with credential(secret) as right, credential("wrong") as wrong:
        world.client(type(world.groups), right).resource_groups.check_existence("x")
        with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
            wrong.get_token("https://management.azure.com/.default")
    assert world.journal.of("arm")[-1].caller == principal.object_id


def test_a_client_certificate_is_checked(
    world: World, authority: trustme.CA, tmp_path: Path
) -> None:
    """The assertion must be signed with the registered certificate's key."""
    mine, other = (
        authority.issue_cert(name, key_type=trustme.KeyType.RSA) for name in ("mine", "other")
    )
    principal = world.azure.directory.add_principal(
        "installer", certificate=mine.cert_chain_pems[0].bytes()
    )

    def credential(leaf: trustme.LeafCert) -> CertificateCredential:
        path = tmp_path / f"{id(leaf)}.pem"
        path.write_bytes(leaf.private_key_and_cert_chain_pem.bytes())
        return CertificateCredential(
            world.azure.directory.tenant_id,
            principal.client_id,
            str(path),
            authority=world.azure.url,
            disable_instance_discovery=True,
            connection_verify=str(world.ca_file),
        )

    with credential(mine) as right, credential(other) as wrong:
        assert right.get_token("https://management.azure.com/.default").token
        with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
            wrong.get_token("https://management.azure.com/.default")


def test_a_user_assigned_identity_is_asked_for_by_client_id(world: World) -> None:
    """The identity endpoint knows the identities that ARM made, and no others."""
    world.azure.state.add_group("install")
    path = "resourceGroups/install/providers/Microsoft.ManagedIdentity/userAssignedIdentities/me"
    _, made = world.send("PUT", path, "2024-11-30", {"location": "eastus"})
    client_id = made["properties"]["clientId"]

    with ManagedIdentityCredential(client_id=client_id) as mine:
        world.client(type(world.groups), mine).resource_groups.check_existence("x")
    assert world.journal.of("arm")[-1].caller == made["properties"]["principalId"]
    with (
        ManagedIdentityCredential(client_id=str(uuid.uuid4())) as nobody,
        pytest.raises(ClientAuthenticationError),
    ):
        nobody.get_token("https://management.azure.com/.default")
