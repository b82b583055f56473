"""Every way to be somebody to Azure, against a login server that checks the proof."""

import base64
import json
import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
import trustme
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    NoEncryption,
    load_pem_private_key,
    pkcs12,
)

from emulator.azure.directory import Principal
from gateways import Gateways
from gateways._principal import object_id
from model.errors import Refusal
from model.settings import Settings
from tests.gateways.azure_world import Emulated, emulated

AUTHORITY = trustme.CA()


@pytest.fixture
def world() -> Iterator[Emulated]:
    """A tenant and a subscription."""
    with emulated() as up:
        yield up


def connected(world: Emulated, **identity: str) -> Gateways:
    """Gateways of an app with these settings."""
    known = world.gateways.settings
    return Gateways(
        Settings(
            arm_endpoint=known.arm_endpoint,
            arm_ca_file=known.arm_ca_file,
            vault_suffix="127.0.0.1",
            vault_verify_challenge="false",
            authority_host=known.arm_endpoint,
            **identity,  # pyright: ignore[reportArgumentType] # texts only, see the cases
        )
    )


def caller(world: Emulated, gateways: Gateways) -> str:
    """Object id of who asked, as ARM saw it."""
    gateways.resource_groups(world.subscription_id).find("nowhere")
    return world.journal.of("arm")[-1].caller


def issued() -> trustme.LeafCert:
    return AUTHORITY.issue_cert("installer", key_type=trustme.KeyType.RSA)


def principal(world: Emulated, leaf: trustme.LeafCert) -> Principal:
    """A service principal whose certificate is ``leaf``."""
    return world.azure.directory.add_principal(
        "installer", certificate=leaf.cert_chain_pems[0].bytes()
    )


def as_principal(world: Emulated, who: Principal, **source: str) -> Gateways:
    return connected(
        world,
        identity="certificate",
        client_id=who.client_id,
        tenant_id=world.azure.directory.tenant_id,
        **source,
    )


def pem_file(leaf: trustme.LeafCert, folder: Path) -> str:
    path = folder / "installer.pem"
    path.write_bytes(leaf.private_key_and_cert_chain_pem.bytes())
    return str(path)


def pfx(leaf: trustme.LeafCert) -> bytes:
    key: Any = load_pem_private_key(leaf.private_key_pem.bytes(), None)
    certificate = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    return pkcs12.serialize_key_and_certificates(b"de", key, certificate, None, NoEncryption())


def test_the_system_assigned_identity_is_the_first_choice(world: Emulated) -> None:
    """Without a single setting."""
    assert caller(world, connected(world)) == world.azure.directory.app.object_id


def test_a_user_assigned_identity_is_chosen_by_its_client_id(world: Emulated) -> None:
    """The platform hands out tokens of several identities."""
    _, mine = world.azure.state.add_identity("installer", "identities")

    gateways = connected(world, client_id=mine.client_id)

    assert caller(world, gateways) == mine.object_id


def test_a_service_principal_proves_itself_with_a_file(world: Emulated, tmp_path: Path) -> None:
    """By the signature; the platform's own identity is not used."""
    leaf = issued()
    who = principal(world, leaf)

    gateways = as_principal(world, who, certificate_path=pem_file(leaf, tmp_path))

    assert caller(world, gateways) == who.object_id


@pytest.mark.parametrize("form", ["pem", "pfx"])
def test_a_certificate_is_read_from_the_vault_by_the_apps_own_identity(
    world: Emulated, form: str
) -> None:
    """Key Vault holds a certificate as PEM or as PFX in base64; no file is written."""
    leaf = issued()
    who = principal(world, leaf)
    text = leaf.private_key_and_cert_chain_pem.bytes().decode()
    value = text if form == "pem" else base64.b64encode(pfx(leaf)).decode()
    world.azure.state.add_vault("identity").set_secret("installer", value)
    url = f"{world.azure.vault_url('identity')}/secrets/installer"

    gateways = as_principal(world, who, certificate_secret=url)

    assert caller(world, gateways) == who.object_id
    (read,) = [entry for entry in world.journal.of("vault") if entry.status == 200]
    assert read.caller == world.azure.directory.app.object_id


def test_another_certificate_is_refused_and_arm_is_not_asked(
    world: Emulated, tmp_path: Path
) -> None:
    """The key decides, not the name in the certificate."""
    gateways = as_principal(
        world, principal(world, issued()), certificate_path=pem_file(issued(), tmp_path)
    )

    with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        gateways.resource_groups(world.subscription_id).find("nowhere")
    assert world.journal.of("arm") == []


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        pytest.param({}, "", id="right"),
        pytest.param({"iss": "somebody"}, "AADSTS700021", id="of-somebody-else"),
        pytest.param({"aud": "https://elsewhere.example"}, "AADSTS700023", id="for-elsewhere"),
        pytest.param({"exp": timedelta(minutes=-10)}, "AADSTS700024", id="old"),
        pytest.param({"x5t": "AAAA"}, "AADSTS700027", id="of-another-certificate"),
    ],
)
def test_an_assertion_is_judged_whole(
    world: Emulated, changes: dict[str, Any], number: str
) -> None:
    """Signature, thumbprint, issuer, audience and time, as Entra ID does."""
    leaf = issued()
    who = principal(world, leaf)
    url = f"{world.azure.url}/{world.azure.directory.tenant_id}/oauth2/v2.0/token"
    now = world.azure.state.clock.now()
    claims = {
        "iss": who.client_id,
        "sub": who.client_id,
        "aud": url,
        "jti": "once",
        **changes,
        "exp": now + changes.get("exp", timedelta(minutes=5)),
    }
    certificate = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    print_ = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).decode()
    header = {"x5t#S256": claims.pop("x5t", print_)}
    key = leaf.private_key_pem.bytes().decode()
    form = {
        "client_id": who.client_id,
        "scope": "https://management.azure.com/.default",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, key, algorithm="PS256", headers=header),
    }

    answer = requests.post(
        url, data=form, verify=world.gateways.settings.arm_ca_file, timeout=10
    ).json()

    assert number in answer.get("error_description", "")
    assert ("access_token" in answer) is (number == "")


def test_a_developer_is_who_logged_in_with_the_cli(
    world: Emulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The credential runs ``az account get-access-token``; this one answers as az does."""
    ada = world.azure.directory.add_principal("ada")
    token = world.azure.directory.token(ada, "https://management.azure.com")
    expires = int(world.azure.directory.expires().timestamp())
    answer = {"accessToken": token, "expires_on": expires, "tokenType": "Bearer"}
    told = tmp_path / "token.json"
    told.write_text(json.dumps(answer))
    az = tmp_path / "az"
    az.write_text(f'#!/bin/sh\n[ "$2" = get-access-token ] && cat "{told}"\n')
    az.chmod(az.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert caller(world, connected(world, identity="developer")) == ada.object_id


@pytest.mark.parametrize(
    ("content", "named"),
    [
        pytest.param(None, "cannot be read", id="no-file"),
        pytest.param("no certificate", "neither PEM nor PFX", id="no-certificate"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_not_quoted(
    world: Emulated, tmp_path: Path, content: str | None, named: str
) -> None:
    """A refusal with its code: a repeat helps nobody."""
    path = tmp_path / "broken.pem"
    if content is not None:
        path.write_text(content)
    who = principal(world, issued())

    with pytest.raises(Refusal, match=named) as refused:
        caller(world, as_principal(world, who, certificate_path=str(path)))
    assert refused.value.code == "identity-unusable"
    assert "no certificate" not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "path", "named"),
    [
        pytest.param("%%%", "/secrets/installer", "neither PEM nor base64", id="garbage"),
        pytest.param("x", "/keys/installer", "https://<vault>/secrets/<name>", id="a-key"),
        pytest.param("x", "/secrets", "https://<vault>/secrets/<name>", id="no-name"),
    ],
)
def test_a_secret_that_cannot_be_used_is_named(
    world: Emulated, value: str, path: str, named: str
) -> None:
    """Without its value."""
    world.azure.state.add_vault("identity").set_secret("installer", value)
    url = f"{world.azure.vault_url('identity')}{path}"

    with pytest.raises(Refusal, match=named) as refused:
        caller(world, as_principal(world, principal(world, issued()), certificate_secret=url))
    assert refused.value.code == "identity-unusable"


def test_settings_that_contradict_each_other_refuse_the_first_call(world: Emulated) -> None:
    """A certificate without a tenant."""
    with pytest.raises(Refusal, match="AZURE_TENANT_ID") as refused:
        caller(world, connected(world, identity="certificate", client_id="me"))
    assert refused.value.code == "identity-unusable"


def test_a_command_names_the_object_id_of_the_app(world: Emulated) -> None:
    """From the token, the only place where an app finds its own."""
    permissions = world.gateways.permissions(world.subscription_id)

    assert permissions.principal_id() == world.azure.directory.app.object_id


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "a.W10.c", "a.%%%%.c"])
def test_a_token_that_cannot_be_read_names_nobody(token: str) -> None:
    """What is in a token is the issuer's business; a command then has a blank to fill in."""

    class Opaque:
        def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
            return AccessToken(token, 0)

    assert object_id(Opaque(), "https://management.azure.com/.default") == ""
