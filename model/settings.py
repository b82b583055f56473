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
        identity: ``managed``, ``certificate`` or ``developer``; empty for the managed identity
            where the platform offers one, else the developer's own login.
        client_id: Client id of the user-assigned managed identity or of the service principal;
            empty for the system-assigned.
        tenant_id: Of a service principal, or for a developer with several tenants.
        certificate_path: PEM or PFX file with a service principal's certificate and key.
        certificate_secret: Key Vault URL of the same, read by the system-assigned identity.
        authority_host: Entra ID's base URL; empty for the public cloud's.
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
        installer_id: Which app this is: marks what it makes, so that no other app takes that for
            its own; empty for ``WEBSITE_SITE_NAME``, the app's name in Azure.
        watchdog_schedule: Six-field NCRONTAB expression: when the watchdog looks.
        arm_governor: ``on`` where so many installations run in one subscription that they must
            share its allowance of requests; ``off`` costs nothing.
        watchdog_grace_seconds: How much longer than its budget a step may be silent before it is
            called stuck: an activity's time-out and its second delivery, by default.
        signs_in: Whether the platform signs people in before they reach the app, which it tells by
            ``WEBSITE_AUTH_ENABLED``; only then is its header with a person's name believed.
    """

    identity: str = _setting("AZURE_IDENTITY")
    client_id: str = _setting("AZURE_CLIENT_ID")
    tenant_id: str = _setting("AZURE_TENANT_ID")
    certificate_path: str = _setting("AZURE_CLIENT_CERTIFICATE_PATH")
    certificate_secret: str = _setting("AZURE_CLIENT_CERTIFICATE_SECRET")
    authority_host: str = _setting("AZURE_AUTHORITY_HOST")
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
    installer_id: str = _setting("INSTALLER_ID")
    arm_governor: str = _setting("ARM_GOVERNOR", "off")
    watchdog_schedule: str = _setting("WATCHDOG_SCHEDULE", "0 */10 * * * *")
    watchdog_grace_seconds: str = _setting("WATCHDOG_GRACE_SECONDS", "900")
    signs_in: bool = False

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """The settings that ``environment`` holds; an empty value means the default."""
        found = {f.name: environment.get(f.metadata["name"], "") for f in fields(cls) if f.metadata}
        found["installer_id"] = found["installer_id"] or environment.get("WEBSITE_SITE_NAME", "")
        signs_in = environment.get("WEBSITE_AUTH_ENABLED", "").lower() == "true"
        given: dict[str, Any] = {name: value for name, value in found.items() if value}
        return cls(**given, signs_in=signs_in)

    @classmethod
    def names(cls) -> dict[str, str]:
        """Environment name and default of every setting."""
        return {f.metadata["name"]: str(f.default) for f in fields(cls) if f.metadata}
