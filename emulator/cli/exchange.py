"""One HTTP exchange of a command-line program; what is imported here is paid at each start."""

import os
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import SSLContext

_TIMEOUT = 20.0


def exchange(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    tls: SSLContext | None = None,
) -> tuple[int, bytes]:
    """Status and body of one answer; plain HTTP goes through ``http_proxy`` where that is set.

    Raises:
        OSError: There was none within 20 s.
    """
    scheme, _, rest = url.partition("://")
    server, _, path = rest.partition("/")
    target = "/" + path
    connection: HTTPConnection
    if scheme == "https":
        connection = HTTPSConnection(server, timeout=_TIMEOUT, context=tls)
    else:
        proxy = os.environ.get("http_proxy", "").removeprefix("http://").rstrip("/")
        target = url if proxy else target
        connection = HTTPConnection(proxy or server, timeout=_TIMEOUT)
    try:
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except HTTPException as error:
        raise OSError(f"no whole answer: {type(error).__name__}") from error
    finally:
        connection.close()
