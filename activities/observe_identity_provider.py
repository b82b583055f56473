"""Stage ``observe_identity_provider``: Keycloak answers behind the load balancer."""

from activities._product import connect_keycloak
from gateways import Gateways
from model.outcome import Pending
from model.plan import AdministratorSpec
from model.results import Nothing


def observe_identity_provider(gateways: Gateways, spec: AdministratorSpec) -> Nothing | Pending:
    """Look whether Keycloak lets its own administrator in.

    Raises:
        Busy: Not yet.
        Refusal: Keycloak refused the credential, or realm or client is missing.
    """
    connect_keycloak(
        gateways, spec.target, spec.base_domain, spec.address, spec.identity
    ).logout()
    return Nothing()
