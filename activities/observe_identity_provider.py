"""Stage ``observe_identity_provider``: Keycloak answers behind the load balancer."""

from activities._product import connect_keycloak
from gateways import Gateways
from model.errors import Refusal
from model.outcome import Pending
from model.plan import AdministratorSpec
from model.results import Nothing


def observe_identity_provider(gateways: Gateways, spec: AdministratorSpec) -> Nothing | Pending:
    """Look whether Keycloak lets its own administrator in.

    Raises:
        Busy: Not yet.
        Refusal: Keycloak refused the credential, or the client is missing.
    """
    try:
        connect_keycloak(
            gateways, spec.target, spec.base_domain, spec.address, spec.identity
        ).logout()
    except Refusal as refusal:
        if refusal.code != "keycloak-realm-missing":
            raise
        return Pending(detail=refusal.reason)  # the product imports its realm after the start
    return Nothing()
