"""Who calls: bearer tokens of people and of service accounts."""

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from emulator.kubernetes.objects import JsonObject
from emulator.kubernetes.resources import PODS, SERVICE_ACCOUNTS
from emulator.kubernetes.store import Store

MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"
_JWT = re.compile(r"^[\w-]+\.[\w-]+\.[\w-]+$")
ISSUER = "https://kubernetes.default.svc.cluster.local"


@dataclass(frozen=True, slots=True)
class User:
    """A caller as authorization sees it.

    Attributes:
        uid: Empty unless somebody is impersonated with one.
        extra: What authenticators add; here only those who impersonate do.
    """

    name: str
    groups: tuple[str, ...]
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def info(self) -> JsonObject:
        """As reviews tell it."""
        return {
            "username": self.name,
            **({"uid": self.uid} if self.uid else {}),
            "groups": list(self.groups),
            **({"extra": {k: list(v) for k, v in self.extra.items()}} if self.extra else {}),
        }


def account_groups(namespace: str) -> tuple[str, ...]:
    """Groups of the service accounts of a namespace, besides the one of all callers."""
    return "system:serviceaccounts", f"system:serviceaccounts:{namespace}"


class Users:
    """Knows people by a token made up at start and service accounts by signed tokens.

    Args:
        people: Groups by user name.
    """

    def __init__(self, store: Store, people: Mapping[str, tuple[str, ...]]) -> None:
        self._store = store
        self._key = secrets.token_bytes(32)
        self.people: dict[str, tuple[str, ...]] = {}
        self.tokens: dict[str, str] = {}
        self._by_token: dict[str, User] = {}
        for name, groups in people.items():
            self.add(name, groups)

    def add(self, name: str, groups: tuple[str, ...]) -> str:
        """Let somebody in; returns the new token."""
        token = secrets.token_urlsafe(32)
        self.people[name] = groups
        self.tokens[name] = token
        self._by_token[token] = User(name, (*groups, AUTHENTICATED))
        return token

    def issue(
        self, namespace: str, account: JsonObject, *, seconds: int, pod: JsonObject | None = None
    ) -> str:
        """A token of a service account; one bound to a pod dies with it."""
        now = int(time.time())
        name, uid = account["metadata"]["name"], account["metadata"]["uid"]
        bound: JsonObject = {"namespace": namespace, "serviceaccount": {"name": name, "uid": uid}}
        if pod is not None:
            bound["pod"] = {"name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
        claims = {
            "aud": [ISSUER], "iss": ISSUER, "iat": now, "nbf": now, "exp": now + seconds,
            "jti": secrets.token_hex(8), "kubernetes.io": bound,
            "sub": f"system:serviceaccount:{namespace}:{name}",
        }  # fmt: skip # a token's claims
        signed = f"{_coded({'alg': 'HS256', 'typ': 'JWT'})}.{_coded(claims)}"
        return f"{signed}.{self._signature(signed)}"

    def authenticate(self, token: str) -> User | None:
        """The user of a bearer token; None for a wrong, expired or orphaned one."""
        known = self._by_token.get(token)
        return (
            known if known is not None or not _JWT.match(token) else self._account(token)
        )  # a JWT has three parts

    def _account(self, token: str) -> User | None:
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature, self._signature(signed)):
            return None
        claims = _decoded(signed.partition(".")[2])
        bound = cast("JsonObject", claims["kubernetes.io"])
        namespace, account = bound["namespace"], bound["serviceaccount"]
        found = self._store.get(SERVICE_ACCOUNTS, namespace, account["name"])
        if (
            found is None
            or found["metadata"]["uid"] != account["uid"]
            or claims["exp"] < time.time()
        ):
            return None
        if "pod" in bound and self._store.get(PODS, namespace, bound["pod"]["name"]) is None:
            return None
        return User(claims["sub"], (*account_groups(namespace), AUTHENTICATED))

    def _signature(self, text: str) -> str:
        digest = hmac.new(self._key, text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _coded(part: JsonObject) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _decoded(text: str) -> JsonObject:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
