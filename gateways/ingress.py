"""The installation's ingress: TLS and plain answers at the seven names, before DNS knows them."""

import http.client
import socket
import ssl
from datetime import datetime

from model.endpoint import Endpoint
from model.evidence import HttpEvidence, TlsEvidence
from model.ownership import MANAGED_BY

_EXCERPT = 2048


class Unreachable(Exception):
    """A fault: nobody answers, the connection broke, or its TLS is not to be trusted."""

    def __init__(self, endpoint: Endpoint, why: str) -> None:
        super().__init__(f"{endpoint.host} at {endpoint.address}:{endpoint.port}: {why}")


class Ingress:
    """Looks at host names of an installation from outside, as a browser would.

    Args:
        timeout: Seconds for each of connecting, the handshake and every read.
    """

    def __init__(self, timeout: float = 10.0) -> None:
        self._timeout = timeout

    def handshake(self, endpoint: Endpoint) -> TlsEvidence:
        """One handshake with verification and, if that fails, one without to see what is there.

        Raises:
            Unreachable: No connection, or it broke; a wrong certificate is evidence instead.
        """
        try:
            with self._open(endpoint, _verifying(endpoint)) as connection:
                return _evidence(endpoint, connection, reason="")
        except ssl.SSLCertVerificationError as refused:
            reason = refused.verify_message
        except ssl.SSLError as failed:
            return _no_handshake(endpoint, failed.reason or "the handshake failed")
        try:
            with self._open(endpoint, _looking()) as connection:
                return _evidence(endpoint, connection, reason=reason)
        except ssl.SSLError as failed:
            return _no_handshake(endpoint, failed.reason or reason)

    def get(self, endpoint: Endpoint, path: str = "/") -> HttpEvidence:
        """One GET over verified TLS; redirects are not followed.

        Raises:
            Unreachable: No connection, it broke, no HTTP came back, or the certificate is wrong.
        """
        request = http.client.HTTPSConnection(endpoint.host, timeout=self._timeout)
        try:
            request.sock = self._open(endpoint, _verifying(endpoint))
            request.request("GET", path, headers={"Accept": "*/*", "User-Agent": MANAGED_BY})
            answer = request.getresponse()
            body = answer.read(_EXCERPT * 4)  # a character of UTF-8 has at most four bytes
        except ssl.SSLCertVerificationError as refused:
            raise Unreachable(endpoint, refused.verify_message) from refused
        except (http.client.HTTPException, OSError) as broken:
            raise Unreachable(endpoint, f"{type(broken).__name__}: {broken}") from broken
        finally:
            request.close()
        return HttpEvidence(
            host=endpoint.host,
            path=path,
            status=answer.status,
            location=answer.headers.get("Location", ""),
            content_type=answer.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
            excerpt=body.decode("utf-8", "replace")[:_EXCERPT],
        )

    def _open(self, endpoint: Endpoint, context: ssl.SSLContext) -> ssl.SSLSocket:
        try:
            plain = socket.create_connection((endpoint.address, endpoint.port), self._timeout)
            try:
                return context.wrap_socket(plain, server_hostname=endpoint.host)
            except BaseException:
                plain.close()
                raise
        except ssl.SSLError:
            raise
        except OSError as broken:
            raise Unreachable(endpoint, f"{type(broken).__name__}: {broken}") from broken


def _verifying(endpoint: Endpoint) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=endpoint.ca_file or None)


def _looking() -> ssl.SSLContext:
    """A context that trusts everybody: only for looking at a certificate already refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _evidence(endpoint: Endpoint, connection: ssl.SSLSocket, *, reason: str) -> TlsEvidence:
    not_after, issuer = _leaf(connection.getpeercert(binary_form=True))
    return TlsEvidence(
        host=endpoint.host,
        protocol=connection.version() or "",
        not_after=not_after,
        issuer=issuer,
        verified=not reason,
        reason=reason,
    )


def _no_handshake(endpoint: Endpoint, reason: str) -> TlsEvidence:
    return TlsEvidence(
        host=endpoint.host, protocol="", not_after=None, issuer="", verified=False, reason=reason
    )


def _leaf(der: bytes | None) -> tuple[datetime | None, str]:
    """End of validity and issuer of a certificate, read even where OpenSSL trusts it not."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    if der is None:
        return None, ""
    leaf = x509.load_der_x509_certificate(der)
    for attribute in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for found in leaf.issuer.get_attributes_for_oid(attribute):
            return leaf.not_valid_after_utc, str(found.value)
    return leaf.not_valid_after_utc, ""
