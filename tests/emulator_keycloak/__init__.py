"""The emulated Keycloak and the ingress in front of it."""
