"""The product's Keycloak: one administrator, one realm, one client's roles.

It is reached at the load balancer's address with the host's name in SNI and Host header, so that no
DNS record is needed. Requests are never repeated on their own: a lost reply is a fault, and whoever
repeats the stage finds what the first attempt made.
"""

from gateways.keycloak.errors import KeycloakFault
from gateways.keycloak.realm import Keycloak

__all__ = ["Keycloak", "KeycloakFault"]
