"""Secrets of type ``kubernetes.io/service-account-token``: filled with a long-lived token."""

import base64
from collections.abc import Iterable, Sequence
from datetime import timedelta

from emulator.kubernetes.objects import Key, annotations_of, key_of, section
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.resources import SECRETS, SERVICE_ACCOUNTS, Resource
from emulator.kubernetes.store import Event
from emulator.kubernetes.users import Users

_TYPE = "kubernetes.io/service-account-token"  # a type
_LIFETIME = timedelta(days=3650)


class TokenSecrets:
    """The token controller."""

    watched: Sequence[Resource] = (SECRETS,)

    def __init__(self, operations: Operations, users: Users, ca: str) -> None:
        self._operations = operations
        self._users = users
        self._ca = ca

    def keys(self, event: Event) -> Iterable[Key]:
        """Secrets of the type, while they exist."""
        wanted = event.type != "DELETED" and event.object.get("type") == _TYPE
        return [key_of(event.object)] if wanted else []

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Fill in token, authority and namespace once."""
        found = self._operations.store.get(SECRETS, namespace, name)
        if found is None or "token" in section(found, "data"):
            return None
        account_name = annotations_of(found).get("kubernetes.io/service-account.name", "")
        account = self._operations.store.get(SERVICE_ACCOUNTS, namespace, account_name)
        if account is None:
            return None
        token = self._users.issue(namespace, account, seconds=int(_LIFETIME.total_seconds()))
        parts = {"token": token, "ca.crt": self._ca, "namespace": namespace}
        coded = {k: base64.b64encode(v.encode()).decode() for k, v in parts.items()}
        changed = {**found, "data": {**section(found, "data"), **coded}}
        self._operations.replace(SECRETS, found, changed)
        return None
