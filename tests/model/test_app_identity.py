"""Who the app is: a managed identity first, everything else only when it is asked for."""

import pytest

from model.app_identity import AppIdentity, BadIdentity, Kind, chosen, platform_offers
from model.settings import Settings

PRINCIPAL = {"AZURE_CLIENT_ID": "me", "AZURE_TENANT_ID": "here"}
FILE = {"AZURE_CLIENT_CERTIFICATE_PATH": "cert.pem"}
SECRET = {"AZURE_CLIENT_CERTIFICATE_SECRET": "https://v.vault.azure.net/secrets/cert"}


@pytest.mark.parametrize(
    ("settings", "offered", "expected"),
    [
        pytest.param({}, True, AppIdentity(kind=Kind.SYSTEM), id="system-assigned"),
        pytest.param(
            {"AZURE_CLIENT_ID": "me"},
            True,
            AppIdentity(kind=Kind.USER, client_id="me"),
            id="user-assigned",
        ),
        pytest.param({}, False, AppIdentity(kind=Kind.DEVELOPER), id="on-a-desk"),
        pytest.param(
            {"AZURE_IDENTITY": "developer"}, True, AppIdentity(kind=Kind.DEVELOPER), id="asked-for"
        ),
        pytest.param(
            {"AZURE_IDENTITY": "managed"}, False, AppIdentity(kind=Kind.SYSTEM), id="insisted-on"
        ),
        pytest.param(
            {"AZURE_IDENTITY": "certificate", **PRINCIPAL, **FILE},
            True,
            AppIdentity(kind=Kind.CERTIFICATE, client_id="me"),
            id="certificate-of-a-file",
        ),
        pytest.param(
            {"AZURE_IDENTITY": "certificate", **PRINCIPAL, **SECRET},
            True,
            AppIdentity(kind=Kind.CERTIFICATE, client_id="me"),
            id="certificate-of-a-vault",
        ),
    ],
)
def test_the_settings_decide_and_a_managed_identity_comes_first(
    settings: dict[str, str], offered: bool, expected: AppIdentity
) -> None:
    """Kind and client id."""
    assert chosen(Settings.read(settings), platform_offers=offered) == expected


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        pytest.param({"AZURE_IDENTITY": "magic"}, "AZURE_IDENTITY is magic", id="unknown"),
        pytest.param({**FILE}, "AZURE_CLIENT_ID and AZURE_TENANT_ID", id="nobody"),
        pytest.param({**FILE, "AZURE_CLIENT_ID": "me"}, "AZURE_TENANT_ID", id="nowhere"),
        pytest.param({**PRINCIPAL}, "exactly one", id="no-certificate"),
        pytest.param({**PRINCIPAL, **FILE, **SECRET}, "exactly one", id="two-certificates"),
    ],
)
def test_settings_that_contradict_each_other_are_named(
    settings: dict[str, str], named: str
) -> None:
    """Nothing is guessed in their place."""
    asked = Settings.read({"AZURE_IDENTITY": "certificate", **settings})

    with pytest.raises(BadIdentity, match=named):
        chosen(asked, platform_offers=True)


def test_the_platform_offers_an_identity_by_an_address() -> None:
    """An empty one is none."""
    assert platform_offers({"IDENTITY_ENDPOINT": "http://127.0.0.1/msi"})
    assert not platform_offers({"IDENTITY_ENDPOINT": ""})
    assert not platform_offers({})
