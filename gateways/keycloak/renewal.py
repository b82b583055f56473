"""The administrator's connection, which outlives its session; imported when first connecting."""

from keycloak import KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakPostError

from gateways.keycloak.errors import body_of


class RenewingConnection(KeycloakOpenIDConnection):
    """Logs in with the password again, whatever ended the session.

    The SDK itself does so for three texts of an ``invalid_grant`` only: it does not know
    ``Stale token``, which Keycloak says after an operator logged everybody out.
    """

    def refresh_token(self) -> None:
        """Renew the token, or get a new one.

        Raises:
            KeycloakError: The server refused both, or had another reason.
        """
        try:
            super().refresh_token()
        except KeycloakPostError as refused:
            if body_of(refused.response_body).get("error") != "invalid_grant":
                raise
            self.get_token()
