"""Gateways of which the cluster is emulated and the vault holds made-up secrets."""

import base64
import json
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

from gateways import Gateways
from gateways.kubernetes import Kubernetes
from model.plan import (
    ApplicationSpec,
    ClusterTarget,
    ComponentSpec,
    JobRun,
    KotsSpec,
    SecretNames,
)
from model.settings import Settings
from tests.gateways.kubernetes_world import World

TARGET = ClusterTarget(subscription_id="s", resource_group="rg", cluster="c")
SECRET_NAMES = SecretNames(
    vault_uri="https://v.vault.azure.net",
    license="license",
    certificate="certificate",
    certificate_key="key",
    admin_console_password="console",
    administrator_password="administrator",
)
CONFIG_VALUES: dict[str, Any] = {
    "apiVersion": "kots.io/v1beta1",
    "kind": "ConfigValues",
    "spec": {
        "values": {
            "domain": {"value": "${baseDomain}"},
            "certificate": {"value": "${certificateBase64}"},
            "key": {"value": "${certificateKey}"},
        }
    },
}
LICENSE = json.dumps(
    {
        "apiVersion": "kots.io/v1beta1",
        "kind": "License",
        "metadata": {"name": "customer"},
        "spec": {
            "appSlug": "dash-enterprise",
            "licenseID": secrets.token_hex(8),
            "licenseType": "prod",
            "licenseSequence": 1,
            "customerName": "Customer",
            "endpoint": "https://replicated.app",
            "channelID": "channel",
            "channelName": "Stable",
            "channels": [
                {
                    "channelID": "channel",
                    "channelSlug": "stable",
                    "channelName": "Stable",
                    "isDefault": True,
                    "endpoint": "https://replicated.app",
                }
            ],
            "entitlements": {"expires_at": {"title": "Expiration", "value": ""}},
            "signature": base64.b64encode(secrets.token_bytes(8)).decode(),
        },
    }
)


class Vault:
    """A vault that counts how often it is asked."""

    def __init__(self) -> None:
        self.secrets = {
            "license": LICENSE,
            "certificate": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n",
            "key": f"-----BEGIN PRIVATE KEY-----\n{secrets.token_hex(8)}\n",
            "console": secrets.token_urlsafe(16),
        }
        self.asked: list[str] = []

    def get(self, name: str) -> str:
        """One secret."""
        self.asked.append(name)
        return self.secrets[name]


class OneCluster(Gateways):
    """Gateways to one cluster and one vault."""

    def __init__(self, world: World) -> None:
        super().__init__(Settings())
        self.cluster = world.connect()
        self.vault = Vault()

    def kubernetes(self, target: ClusterTarget) -> Kubernetes:
        """The one cluster."""
        assert target == TARGET
        return self.cluster

    def key_vault(self, vault_uri: str) -> Any:
        """The one vault."""
        assert vault_uri == SECRET_NAMES.vault_uri
        return self.vault


def fresh_run() -> JobRun:
    """A run of an installation of its own."""
    return JobRun(
        installation=f"dash-{secrets.token_hex(3)}",
        run_id=secrets.token_hex(4),
        attempt=1,
        patience=timedelta(minutes=5),
        poll=timedelta(seconds=0.05),
    )


def next_run(run: JobRun) -> JobRun:
    """A later run of the same installation."""
    return replace(run, run_id=secrets.token_hex(4))


def application(run: JobRun) -> ApplicationSpec:
    """Dash Enterprise in a namespace of its own."""
    return ApplicationSpec(
        target=TARGET,
        base_domain="dash.example.com",
        secrets=SECRET_NAMES,
        kots=KotsSpec(
            version="1.131.4",
            image="docker.io/kotsadm/kotsadm",
            channel="stable",
            app_version=None,
            namespace=f"plotly-{secrets.token_hex(3)}",
            config_values=CONFIG_VALUES,
            allowed_preflight_warnings=(),
            skip_preflights=False,
        ),
        job=run,
    )


def component(run: JobRun) -> ComponentSpec:
    """A component in a namespace of its own."""
    return ComponentSpec(
        target=TARGET,
        name="cert-manager",
        kind="chart",
        chart="cert-manager",
        repository="https://charts.example.com",
        version="v1.2.3",
        namespace=f"component-{secrets.token_hex(3)}",
        values={"replicas": 2},
        after=(),
        image="docker.io/kotsadm/kotsadm:v1.131.4",
        job=run,
    )
