"""Secrets of one world, made when it was, and every form in which one of them could be written."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import yaml

from emulator.kubernetes.resources import BUILT_IN
from emulator.world import VAULT
from tests.e2e.driver import Driver

_SHORTEST = 12
"""Characters; what is shorter occurs by accident. The one password so short is refused for that."""
_KEY_LINES = slice(2, 8)
"""Of a private key's PEM: the first line of its numbers is the same for every key."""
_GROUP, _CODED = 3, 4
_TOKEN = re.compile(r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}")
_KEYCLOAK = "keycloak-secrets"


def canaries(driver: Driver) -> dict[str, str]:
    """Each secret by what it is: of the vault, the platform, the host, the clusters."""
    cloud = driver.world.cloud
    found = {"identity header": cloud.azure.identity_header, **_host_keys(driver)}
    vault = cloud.azure.state.vaults[VAULT]
    for name, versions in vault.secrets.items():
        for number, version in enumerate(versions):
            found |= {f"{name}.{number} {k}": v for k, v in _parts(version.value)}
    for cluster in cloud.clusters.ids:
        users: list[Any] = yaml.safe_load(cloud.clusters.kubeconfig(cluster))["users"]
        for user in users:
            found |= {f"{cluster} {k}": str(v) for k, v in user["user"].items() if "data" not in k}
    for cluster, secret in secret_objects(driver):
        if secret["metadata"]["name"] == _KEYCLOAK:
            value = base64.b64decode(secret["data"]["KEYCLOAK_PASSWORD"]).decode()
            found[f"{cluster} keycloak"] = value
    return {k: v for k, v in found.items() if len(v) >= _SHORTEST}


def secret_objects(driver: Driver) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every Secret that stands in a cluster now."""
    (kind,) = [resource for resource in BUILT_IN if resource.plural == "secrets"]
    for cluster, server in driver.world.cloud.clusters.servers.items():
        for item in server.store.objects(kind):
            yield cluster, item


def _host_keys(driver: Driver) -> dict[str, str]:
    keys: dict[str, Any] = driver.world.host.keys
    return {f"host key {name}": value for name, value in keys.items() if isinstance(value, str)}


def _parts(value: str) -> Iterator[tuple[str, str]]:
    """What of a secret's value is secret."""
    if "PRIVATE KEY" in value:
        for number, line in enumerate(value.splitlines()[_KEY_LINES]):
            yield f"key line {number}", line
    elif value.startswith("apiVersion: kots.io"):
        license_ = yaml.safe_load(value)["spec"]
        yield "license id", license_["licenseID"]
        yield "license signature", license_["signature"]
    elif "BEGIN CERTIFICATE" not in value:  # what every browser is shown is no secret
        yield "value", value


def forms(secret: str) -> set[str]:
    """The secret as it is, in an address, in JSON, in base64 at any place, and in that again."""
    found = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1]}
    once = _inside_base64(secret)
    return found | once | {twice for text in once for twice in _inside_base64(text)}


def _inside_base64(secret: str) -> set[str]:
    """Of what base64 makes of a text that holds the secret, the part that depends on it alone."""
    found: set[str] = set()
    for before in range(_GROUP):
        coded = base64.b64encode(b"\0" * before + secret.encode()).decode()
        start = 0 if before == 0 else _CODED
        core = coded[start:-_CODED]
        found |= {core, core.replace("+", "-").replace("/", "_")}
    return {core for core in found if len(core) >= _SHORTEST}


def tokens(text: str) -> list[str]:
    """JSON web tokens in a text, cut short."""
    return [token[:_SHORTEST] for token in _TOKEN.findall(text)]
