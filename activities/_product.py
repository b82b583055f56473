"""Ways into the installed product that several stages share: its Keycloak and its hosts."""

from gateways import Gateways
from gateways.keycloak import Keycloak
from model.domain_names import host
from model.errors import Busy
from model.plan import ClusterTarget, IdentitySpec


def connect_keycloak(
    gateways: Gateways,
    target: ClusterTarget,
    base_domain: str,
    address: str,
    identity: IdentitySpec,
) -> Keycloak:
    """Log in to Keycloak as its own administrator, at the load balancer's address.

    Nobody waits for DNS: the host name travels in SNI and Host only. The caller logs out.

    Raises:
        Busy: Keycloak or its Secret is not there yet.
        Refusal: Keycloak refused the credential, or realm or client is missing.
    """
    secret = gateways.kubernetes(target).secret(identity.namespace, identity.secret)
    password = (secret or {}).get(identity.password_key)
    if not password:
        where = f"{identity.namespace}/{identity.secret}"
        raise Busy(f"Secret {where} with key {identity.password_key} is not there yet")
    return Keycloak.connect(
        gateways.endpoint(host("auth", base_domain), address),
        realm=identity.realm,
        client_id=identity.client_id,
        admin_username=(secret or {}).get(identity.username_key) or identity.default_username,
        admin_password=password,
        context_path=identity.context_path,
    )
