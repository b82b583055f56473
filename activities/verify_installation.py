"""Stage ``verify_installation``: the installation works, seen from outside and from inside."""

from datetime import UTC, datetime

from activities._days_left import tell_days_left
from activities._product import connect_keycloak
from gateways import Gateways
from gateways.ingress import Ingress
from model.domain_names import names
from model.errors import Refusal
from model.evidence import TlsEvidence
from model.identity import LoginStatus
from model.outcome import Pending
from model.plan import VerifySpec
from model.results import Evidence, Verified

_FIRST_ERROR = 400
_ASKS_WHO = (401, 403)
"""The portal answers so to those who are not logged in, unless it sends them to the login."""


def verify_installation(gateways: Gateways, spec: VerifySpec) -> Verified | Pending:
    """Collect the proofs: seven TLS names, the portal, a login, bound volumes, running pods.

    What may still be settling is pending, a certificate that does not verify included: an ingress
    controller serves its own until it has read the true one.

    Raises:
        Refusal: The administrator cannot log in.
        Busy: Keycloak is not there yet.
    """
    handshakes = [_handshake(gateways, spec, name) for name in names(spec.base_domain)]
    unverified = [f"{seen.host}: {seen.reason}" for seen in handshakes if not seen.verified]
    if unverified:
        return Pending(detail="; ".join(unverified)[:300])
    portal = Ingress().get(gateways.endpoint(spec.base_domain, spec.address))
    if portal.status >= _FIRST_ERROR and portal.status not in _ASKS_WHO:
        return Pending(detail=f"the portal answers HTTP {portal.status}")
    unsettled = gateways.kubernetes(spec.target).unsettled(spec.namespace)
    if unsettled:
        return Pending(detail="; ".join(unsettled)[:300])
    ends = [seen.not_after for seen in handshakes if seen.not_after]
    tell_days_left(min(ends) - datetime.now(UTC) if ends else None)
    return Verified(
        evidence=(
            *(Evidence(subject=f"tls:{seen.host}", proof=_shown(seen)) for seen in handshakes),
            Evidence(subject="portal", proof=f"HTTP {portal.status}"),
            Evidence(subject="login", proof=_login(gateways, spec)),
            Evidence(subject="cluster", proof="every claim bound, no pod pending"),
        )
    )


def _shown(seen: TlsEvidence) -> str:
    return f"{seen.protocol}, issued by {seen.issuer}, until {seen.not_after:%Y-%m-%d}"


def _handshake(gateways: Gateways, spec: VerifySpec, name: str) -> TlsEvidence:
    return Ingress().handshake(gateways.endpoint(name, spec.address))


def _login(gateways: Gateways, spec: VerifySpec) -> str:
    password = gateways.key_vault(spec.secrets.vault_uri).get(spec.secrets.administrator_password)
    keycloak = connect_keycloak(
        gateways, spec.target, spec.base_domain, spec.address, spec.identity
    )
    try:
        login = keycloak.verify_login(spec.administrator, password)
    finally:
        keycloak.logout()
    if login.status is LoginStatus.NOT_ALLOWED:
        return f"{spec.administrator} exists; the client allows no direct grant, so none was tried"
    if not login.verified:
        raise Refusal(
            "administrator-login-refused", f"{spec.administrator} cannot log in: {login.status}"
        )
    return f"{spec.administrator} has a token with roles {', '.join(sorted(login.roles))}"
