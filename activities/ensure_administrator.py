"""Stage ``ensure_administrator``: the first administrator can log in and has its roles."""

from activities._product import connect_keycloak
from gateways import Gateways
from gateways.keycloak import Keycloak
from model.errors import Refusal
from model.identity import LoginStatus, NewUser, User
from model.plan import AdministratorSpec
from model.results import Administrator

ADMIN = "admin"
"""Client role that opens the Admin section."""
LICENSED_USER = "licensed_user"
"""Client role that takes a license seat."""


def ensure_administrator(gateways: Gateways, spec: AdministratorSpec) -> Administrator:
    """Create the administrator, or bring the existing one to what ``spec`` says.

    Every step looks first: a repeat, a twin or a lost reply ends in the same one user.

    Raises:
        Refusal: Another user has the e-mail address; realm, client or a role is missing; the
            user cannot log in.
        Busy: Keycloak is not there yet.
    """
    password = gateways.key_vault(spec.secrets.vault_uri).get(spec.secrets.administrator_password)
    keycloak = connect_keycloak(
        gateways, spec.target, spec.base_domain, spec.address, spec.identity
    )
    try:
        user = _converge(keycloak, spec, password)
        wanted = {ADMIN, LICENSED_USER} if spec.licensed_user else {ADMIN}
        keycloak.assign_client_roles(user.user_id, wanted)
        roles = keycloak.client_roles_of(user.user_id)
        login = keycloak.verify_login(spec.username, password)
    finally:
        keycloak.logout()
    if login.status not in (LoginStatus.VERIFIED, LoginStatus.NOT_ALLOWED):
        raise Refusal(
            "administrator-login-refused", f"{spec.username} cannot log in: {login.status}"
        )
    return Administrator(
        user_id=user.user_id,
        username=user.username,
        roles=tuple(sorted(roles)),
        login_verified=login.verified,
    )


def _converge(keycloak: Keycloak, spec: AdministratorSpec, password: str) -> User:
    wanted = NewUser(
        username=spec.username,
        email=spec.email,
        first_name=spec.first_name,
        last_name=spec.last_name,
    )
    found = keycloak.find_user(spec.username)
    if found is None:
        return keycloak.create_user(wanted, password)
    keycloak.update_user(found.user_id, wanted)
    if not keycloak.verify_login(spec.username, password).verified:
        keycloak.set_password(found.user_id, password)
    return found
