"""How Keycloak is reached: at an address, by a host name that need not resolve."""

import ssl
from typing import TYPE_CHECKING, Any, cast

from gateways.keycloak.errors import KeycloakFault, body_of, translated
from model.endpoint import Endpoint
from model.errors import Busy, Refusal
from model.ownership import MANAGED_BY

if TYPE_CHECKING:
    from keycloak import KeycloakOpenID
    from keycloak.connection import ConnectionManager

_NOT_YET = frozenset({404, 429, 502, 503, 504})
"""What an ingress says while the application is still coming up."""


def find_server(
    endpoint: Endpoint, realm: str, client_id: str, context_path: str, timeout: float
) -> "KeycloakOpenID":
    """The OpenID client of ``realm`` under the first context path where a Keycloak answers."""
    from keycloak import KeycloakOpenID

    answers: list[int] = []
    for path in dict.fromkeys(_slashed(p) for p in (context_path, "/auth", "/")):
        openid = KeycloakOpenID(
            server_url=f"https://{endpoint.host}{path}",
            realm_name=realm,
            client_id=client_id,
            timeout=cast("int", timeout),
            max_retries=0,
        )
        pin(openid.connection, endpoint)
        with translated(f"look for Keycloak at {endpoint.host}{path}"):
            answer = openid.connection.raw_get(f"realms/{realm}")
        if answer.status_code == 200:  # noqa: PLR2004 - HTTP's OK
            return openid
        if body_of(answer.content).get("error") == "Realm does not exist":
            raise Refusal("keycloak-realm-missing", f"{endpoint.host} has no realm {realm}")
        answers.append(answer.status_code)
    if set(answers) <= _NOT_YET:
        raise Busy(f"no Keycloak answers at {endpoint.host} yet: HTTP {answers[0]}")
    raise KeycloakFault(f"{endpoint.host} is no Keycloak: HTTP {answers}", answers[0])


def _slashed(path: str) -> str:
    inner = path.strip("/")
    return f"/{inner}/" if inner else "/"


def pin(connection: "ConnectionManager", endpoint: Endpoint) -> None:
    """Make one of the SDK's connections use the endpoint's address, trust and no repeats."""
    session = connection._s  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the SDK offers no other way
    session.headers["User-Agent"] = MANAGED_BY
    session.trust_env = False  # a proxy would resolve the name itself
    session.mount("https://", _adapter(endpoint))


def _adapter(endpoint: Endpoint) -> Any:
    """A transport that connects to the address and keeps the name for SNI, check and Host."""
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPSConnectionPool

    pool = HTTPSConnectionPool(
        endpoint.address,
        endpoint.port,
        ssl_context=ssl.create_default_context(cafile=endpoint.ca_file or None),
        server_hostname=endpoint.host,
        assert_hostname=endpoint.host,
    )

    class Pinned(HTTPAdapter):
        def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPSConnectionPool:
            return pool

        def cert_verify(self, *_: Any, **__: Any) -> None:
            """The pool's own context verifies."""

        def add_headers(self, request: Any, **_: Any) -> None:
            request.headers["Host"] = endpoint.host

        def close(self) -> None:
            pool.close()
            super().close()

    return Pinned(max_retries=0)
