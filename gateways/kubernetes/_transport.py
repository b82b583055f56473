"""Requests to one API server, and what its answers mean.

The official client does TLS, proxies and connections; documents go through as plain JSON. Its
typed models refuse what a newer server or a numeric quantity holds, and its dynamic client keeps
discovery in a file that outlives a cluster of the same address.
"""

import json
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlencode

from gateways.kubernetes._kubeconfig import Login
from model.documents import entries, part
from model.errors import Busy, Refusal
from model.ownership import MANAGED_BY

_TIMEOUT = (5.0, 20.0)
"""Seconds to connect and to wait for an answer's next bytes."""

_TEXT_LIMIT = 300
_PASSING = {
    "because it is being terminated": "a namespace is still being deleted",
    "status unknown for quota": "a quota of the namespace has not been counted yet",
}
"""What a 403 says that ends by itself, and why."""
_EXCEEDED = "exceeded quota"


class KubernetesFault(Exception):
    """The API server failed, or answered with something unexpected."""


class Unreachable(KubernetesFault):
    """No connection, a broken one, or a server that is not the one trusted."""


class CredentialExpired(KubernetesFault):
    """The API server refused the credential: it was renewed, or the cluster is another one."""


class NotFound(KubernetesFault):
    """There is no such object."""


class Conflict(KubernetesFault):
    """The object exists already, or somebody else owns a field."""


_BUSY = (429, 503)
_KNOWN: dict[int, type[KubernetesFault]] = {404: NotFound, 409: Conflict}
_REFUSED = {403: "kubernetes-forbidden"} | dict.fromkeys(
    (400, 405, 413, 415, 422), "kubernetes-refused"
)


class Transport:
    """One API server.

    Args:
        login: Where and as whom.
        on_lost: Called when the server cannot be reached or refuses the credential: whoever keeps
            this connection should ask for the kubeconfig again.
    """

    def __init__(self, login: Login, on_lost: Callable[[], None]) -> None:
        from kubernetes.client.api_client import ApiClient
        from kubernetes.client.configuration import Configuration
        from urllib3 import Retry

        configuration = Configuration(
            host=login.server,
            ca_cert_data=login.authority,
            tls_server_name=login.server_name,
            # one repeat, and only of what is harmless: connections are kept between activities and
            # may have died. A server that asks for patience is answered by the orchestration.
            retries=Retry(
                total=1,
                connect=0,
                redirect=False,
                status=0,
                allowed_methods={"GET", "PATCH", "DELETE"},
                respect_retry_after_header=False,
            ),
        )
        configuration.keep_alive = True
        self._client: Any = ApiClient(configuration)
        if login.client_certificate and login.client_key:
            context = _client_context(login, login.client_certificate, login.client_key)
            self._client.rest_client.pool_manager.connection_pool_kw = {
                **self._client.rest_client.pool_manager.connection_pool_kw,
                "ssl_context": context,
                "ca_cert_data": None,  # the context trusts it already
            }
        self._server = login.server
        self._headers = {"User-Agent": MANAGED_BY, "Accept": "application/json"}
        if login.token:
            self._headers["Authorization"] = f"Bearer {login.token}"
        self._on_lost = on_lost

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        content_type: str = "application/json",
        **query: str | int,
    ) -> dict[str, Any]:
        """Do one request and read its JSON answer.

        Raises:
            NotFound: 404.
            Conflict: 409: the object exists, or a field is somebody else's.
            Refusal: The server forbids it, or does not take the object.
            Busy: The server asks to come back later.
            CredentialExpired: 401.
            Unreachable: No connection.
            KubernetesFault: Anything else.
        """
        text = self.text(method, path, body=body, content_type=content_type, **query)
        try:
            return cast("dict[str, Any]", json.loads(text))
        except ValueError:
            raise KubernetesFault(f"{method} {path}: the answer is no JSON") from None

    def text(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        content_type: str = "application/json",
        **query: str | int,
    ) -> str:
        """As ``call``, for an answer that is plain text."""
        url = f"{self._server}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = self._headers | ({"Content-Type": content_type} if body is not None else {})
        status, reply, answered = self._send(method, url, headers, body)
        if status < 300:  # noqa: PLR2004 # success is 2xx by RFC 9110
            return answered.decode("utf-8", "replace")
        raise self._error(method, path, status, reply, answered)

    def close(self) -> None:
        """Close kept connections; a later request opens new ones."""
        self._client.close()

    def _send(
        self, method: str, url: str, headers: dict[str, str], body: Any
    ) -> tuple[int, Any, bytes]:
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        try:
            response = self._client.call_api(method, url, headers, body, _request_timeout=_TIMEOUT)
            return response.status, response.headers, response.read()
        except (HTTPError, ApiException, OSError) as error:
            self._on_lost()
            why = getattr(error, "reason", None) or error
            raise Unreachable(f"{method} {self._server}: {why}"[:_TEXT_LIMIT]) from error

    def _error(self, method: str, path: str, status: int, headers: Any, body: bytes) -> Exception:
        act, words = f"{method} {path}", _said(body, "message")
        said = _said(body, "reason") if "/secrets" in path else words  # words may quote content
        if status == 401:  # noqa: PLR2004 # as the names of RFC 9110 are no clearer
            self._on_lost()
            return CredentialExpired(f"{act}: the API server refused the credential")
        if later := _later(status, words, body):
            return Busy(f"{later} ({act})", _retry_after(headers))
        if status in _KNOWN:
            return _KNOWN[status](f"{act}: {said}")
        if status in _REFUSED and _EXCEEDED in words:  # a 403 too, and no matter of rights
            return Refusal(
                "kubernetes-refused", f"{act}: {said if _EXCEEDED in said else _EXCEEDED}"
            )
        if status in _REFUSED:
            return Refusal(_REFUSED[status], f"{act}: {said}")
        return KubernetesFault(f"{act}: HTTP {status}: {said}")


def _later(status: int, words: str, body: bytes) -> str:
    """Why the same request may well succeed a little later; empty when that is not so."""
    if status == 403:  # noqa: PLR2004 # as the names of RFC 9110 are no clearer
        return next((why for said, why in _PASSING.items() if said in words), "")
    if status == 409 and not _is_decided(body):  # noqa: PLR2004 # same
        return "the request met another change"
    return "the Kubernetes API is busy" if status in _BUSY else ""


def _said(body: bytes, field: Literal["message", "reason"]) -> str:
    """The server's own words, or its one word for them."""
    try:
        text = json.loads(body)[field]
    except (ValueError, KeyError, TypeError):
        return "no reason given"
    return " ".join(str(text).split())[:_TEXT_LIMIT]


def _is_decided(body: bytes) -> bool:
    """Whether a 409 stays one: an object that exists, or fields that another manager owns.

    The third kind, two changes of one object at a time, is gone at the next attempt:
    https://kubernetes.io/docs/reference/using-api/api-concepts/#conflicts
    """
    try:
        status = json.loads(body)
        causes = entries(part(status, "details"), "causes")
        owned = any(cause.get("reason") == "FieldManagerConflict" for cause in causes)
        return owned or status["reason"] == "AlreadyExists"
    except (ValueError, KeyError, TypeError):
        return False


def _retry_after(headers: Any) -> int | None:
    text = headers.get("Retry-After") or ""
    return int(text) if text.isdigit() else None


def _client_context(login: Login, certificate: bytes, key: bytes) -> ssl.SSLContext:
    """A TLS context with a client certificate; Python reads one from files only.

    The files are gone when this returns.
    """
    context = ssl.create_default_context(cadata=login.authority)
    with tempfile.TemporaryDirectory() as folder:  # readable by this user alone
        chain, secret = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        chain.write_bytes(certificate)
        secret.touch(mode=0o600)
        secret.write_bytes(key)
        context.load_cert_chain(chain, secret)
    return context
