"""A stand-in for the product's Keycloak: tokens, users, client roles, and its ways of saying no.

The paths and bodies are those of Keycloak's public Admin REST API and OpenID Connect endpoints
(https://www.keycloak.org/docs-api/latest/rest-api/); what differs between versions is in
``versions``.
"""

from emulator.keycloak.deployed import Deploy, Deployed
from emulator.keycloak.server import Keycloak
from emulator.keycloak.state import REALM_FILE
from emulator.keycloak.versions import VERSIONS

__all__ = ["REALM_FILE", "VERSIONS", "Deploy", "Deployed", "Keycloak"]
