"""A kubeconfig with a credential in it, read without running or writing anything it names."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

import yaml

from model.documents import part
from model.errors import Refusal

_LOGIN = "kubernetes-login-unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Where an API server is, whom to trust and how to be known.

    Attributes:
        authority: PEM text of the CA that signs the server's certificate; None trusts the system's.
        token: Bearer token; None when the client certificate is the credential.
        client_certificate / client_key: PEM; used only without a token.
    """

    server: str
    authority: str | None
    server_name: str | None
    token: str | None = field(repr=False)
    client_certificate: bytes | None = field(repr=False)
    client_key: bytes | None = field(repr=False)


def read(kubeconfig: bytes) -> Login:
    """The login of the kubeconfig's current context.

    The official client's own loader would run an ``exec`` plugin and write certificates to files
    that stay until the process ends; an app must do neither.

    Raises:
        Refusal: The credential needs a program or a browser, or there is none.
        ValueError: It is no kubeconfig.
    """
    try:
        document = yaml.safe_load(kubeconfig)
        context = _named(document, "contexts", document["current-context"])["context"]
        cluster = _named(document, "clusters", context["cluster"])["cluster"]
        user = part(_named(document, "users", context["user"]), "user")
        return _login(cluster, user)
    except (yaml.YAMLError, KeyError, TypeError, StopIteration, binascii.Error) as fault:
        kind = type(fault).__name__  # its text may quote the file
        raise ValueError(f"the cluster's kubeconfig cannot be read ({kind})") from None


def _named(document: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    return next(entry for entry in document[kind] if entry["name"] == name)


def _login(cluster: dict[str, Any], user: dict[str, Any]) -> Login:
    certificate = _data(user, "client-certificate-data")
    key = _data(user, "client-key-data")
    token = user.get("token")
    if not token and not (certificate and key):
        how = next((way for way in ("exec", "auth-provider") if way in user), "no credential")
        raise Refusal(_LOGIN, f"the kubeconfig's user has {how} instead of a token or certificate")
    authority = _data(cluster, "certificate-authority-data")
    return Login(
        server=cluster["server"].rstrip("/"),
        authority=authority.decode() if authority else None,
        server_name=cluster.get("tls-server-name"),
        token=token,
        client_certificate=None if token else certificate,
        client_key=None if token else key,
    )


def _data(entry: dict[str, Any], key: str) -> bytes | None:
    encoded = entry.get(key)
    return base64.b64decode(encoded, validate=True) if encoded else None
