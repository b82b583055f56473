"""Every setting of the function app: one frozen value, read once from the environment.

``local.settings.sample.json``, ``infra/bicep`` and the docs list the same names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


def _setting(name: str, default: str = "") -> Any:
    return field(default=default, metadata={"name": name})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings; each is a string in the environment, empty for its default.

    Attributes:
        client_id: Client id of the user-assigned managed identity; empty for the system-assigned.
        arm_endpoint: ARM base URL; empty for the public cloud.
        arm_scope: Token scope; empty for ``https://management.azure.com/.default``.
        arm_ca_file: PEM file to trust for ARM and Key Vault; empty for the system's store.
        vault_suffix: Host suffixes, comma-separated, that a vault's URI may have; empty for the
            public cloud's. A request cannot make the app send its token elsewhere.
        vault_verify_challenge: ``false`` only where a vault answers at a loopback address.
        tls_ca_file: PEM file that the installation's certificate must chain to; empty for the
            system's store.
        name_servers: ``host:port`` list that answers instead of the zone's own name servers and of
            the public resolver; empty for the real ones.
        public_resolver: Address of the resolver asked after the zone's own servers.
        ingress_connect_to: ``host:port`` reached instead of every load balancer's address and port
            443, as ``curl --connect-to``; empty for the true address.
        installer_image: Image with bash, kots, kubectl and helm, without tag.
        pace_divisor: Number by which every wait of the pace is divided; 1 in production.
    """

    client_id: str = _setting("AZURE_CLIENT_ID")
    arm_endpoint: str = _setting("ARM_ENDPOINT")
    arm_scope: str = _setting("ARM_SCOPE")
    arm_ca_file: str = _setting("ARM_CA_FILE")
    vault_suffix: str = _setting("KEY_VAULT_SUFFIXES", ".vault.azure.net")
    vault_verify_challenge: str = _setting("KEY_VAULT_VERIFY_CHALLENGE", "true")
    tls_ca_file: str = _setting("TLS_CA_FILE")
    name_servers: str = _setting("NAME_SERVERS")
    public_resolver: str = _setting("PUBLIC_RESOLVER", "1.1.1.1")
    ingress_connect_to: str = _setting("INGRESS_CONNECT_TO")
    installer_image: str = _setting("INSTALLER_IMAGE", "docker.io/kotsadm/kotsadm")
    pace_divisor: str = _setting("PACE_DIVISOR", "1")

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """The settings that ``environment`` holds; an empty value means the default."""
        found = {f.name: environment.get(f.metadata["name"], "") for f in fields(cls)}
        return cls(**{name: value for name, value in found.items() if value})

    @classmethod
    def names(cls) -> dict[str, str]:
        """Environment name and default of every setting."""
        return {f.metadata["name"]: str(f.default) for f in fields(cls)}
