"""Stage ``ensure_administrator``: the first administrator can log in and has its roles."""

from gateways import Gateways
from gateways.keycloak import Keycloak
from model.domain_names import host
from model.errors import Busy, Refusal
from model.identity import NewUser, User
from model.plan import AdministratorSpec, ClusterTarget, IdentitySpec
from model.results import Administrator


def ensure_administrator(gateways: Gateways, spec: AdministratorSpec) -> Administrator:
    """Create the administrator, or bring the existing one to what ``spec`` says.

    Every step looks first: a repeat, a twin or a lost reply ends in the same one user.

    Raises:
        Refusal: Another user has the e-mail address; realm, client or a role is missing.
        Busy: Keycloak's own credential is not there yet.
    """
    password = gateways.key_vault(spec.secrets.vault_uri).get(spec.secrets.administrator_password)
    keycloak = connect(gateways, spec.target, spec.base_domain, spec.address, spec.identity)
    try:
        user = _converge(keycloak, spec, password)
        wanted = {"admin"} | ({"licensed_user"} if spec.licensed_user else set[str]())
        keycloak.assign_client_roles(user.user_id, wanted)
        roles = keycloak.client_roles_of(user.user_id)
        login = keycloak.verify_login(spec.username, password)
    finally:
        keycloak.logout()
    return Administrator(
        user_id=user.user_id,
        username=user.username,
        roles=tuple(sorted(roles)),
        login_verified=login.verified,
    )
